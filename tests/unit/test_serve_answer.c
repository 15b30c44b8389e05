/*
 * What a request gets.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/serve_answer.h"
#include "report/reporter.h"
#include "tests/unit/result_fixture.h"

enum { NOW = 5000 };

static struct request request_of(const char *path, const char *format, const char *accept)
{
    struct request request = {0};

    (void)snprintf(request.path, sizeof request.path, "%s", path);
    (void)snprintf(request.format, sizeof request.format, "%s", format);
    (void)snprintf(request.accept, sizeof request.accept, "%s", accept);
    return request;
}

/* The answer by a fresh result, which the answer keeps alive. */
static struct answer answer_to(const char *path, const char *format, const char *accept)
{
    struct result *result = result_fixture_make(SEVERITY_LOW);
    struct serve_state state = {.interval_ms = 1000, .observed_ms = NOW, .result = result};
    struct request request = request_of(path, format, accept);
    struct answer answer;

    answer_make(&state, NOW, &request, &answer);
    result_release(result);
    cr_expect_eq(strlen(answer.data), answer.length);
    return answer;
}

static void expect_type(const char *format, const char *accept, int status, const char *type)
{
    struct answer answer = answer_to("/report", format, accept);

    cr_expect_eq(answer.status, status, "%s %s", format, accept);
    cr_expect_str_eq(answer.type, type, "%s %s", format, accept);
    answer_free(&answer);
}

Test(serve_answer, is_the_report_that_is_asked_for)
{
    static const char text[] = "text/plain; charset=utf-8";

    expect_type("", "", 200, "application/json");
    expect_type("", "*/*", 200, "application/json");
    expect_type("", "text/plain", 200, text);
    expect_type("", "text/plain;q=0.5, application/json;q=0.4", 200, text);
    expect_type("", "text/plain, application/json", 200, "application/json");
    expect_type("", "image/png", 406, text);
    expect_type("tap", "image/png", 200, text);
    expect_type("json", "text/plain", 200, "application/json");
    expect_type("no-such", "", 400, text);
}

Test(serve_answer, has_every_format_by_its_name)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        struct answer answer = answer_to("/report", reporter_at(i)->name, "");
        cr_expect_eq(answer.status, 200);
        cr_expect_str_eq(answer.type, reporter_at(i)->content_type);
        answer_free(&answer);
    }
}

/* The answer by a result of all containers, of which there are two. */
static struct answer answer_of_all(const char *path, const char *format, const char *accept)
{
    struct result *result = result_fixture_make_all(2);
    struct serve_state state = {
        .interval_ms = 1000, .observed_ms = NOW, .result = result, .is_all = true};
    struct request request = request_of(path, format, accept);
    struct answer answer;

    answer_make(&state, NOW, &request, &answer);
    result_release(result);
    return answer;
}

Test(serve_answer, of_all_containers_has_the_formats_that_hold_several)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        struct answer answer = answer_of_all("/report", reporter_at(i)->name, "");
        cr_expect_eq(answer.status, reporter_at(i)->write_all != NULL ? 200 : 400, "%s",
                     reporter_at(i)->name);
        answer_free(&answer);
    }
    struct answer refused = answer_of_all("/report", "sarif", "");
    cr_expect_str_eq(refused.data,
                     "there is no such format; there are: text json tap prometheus\n");
    answer_free(&refused);
    struct answer accepted =
        answer_of_all("/report", "", "application/sarif+json, text/plain;q=0.5");
    cr_expect_eq(accepted.status, 200);
    cr_expect_str_eq(accepted.type, "text/plain; charset=utf-8");
    answer_free(&accepted);
    struct answer page = answer_of_all("/", "", "");
    cr_expect_eq(page.status, 200);
    cr_expect_eq(strncmp(page.data, "FAIL  policy test: 2 containers", 31), 0, "%s", page.data);
    answer_free(&page);
}

Test(serve_answer, depends_on_the_path)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        {"/", 200}, {"/livez", 200},  {"/readyz", 503}, {"/metrics", 200},   {"/livez/", 404},
        {"", 404},  {"/Readyz", 404}, {"//", 404},      {"/report/..", 404},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct answer answer = answer_to(rows[i].path, "", "");
        cr_expect_eq(answer.status, rows[i].status, "%s", rows[i].path);
        answer_free(&answer);
    }
}

Test(serve_answer, is_503_before_the_first_result_but_for_life_and_metrics)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {{"/", 503}, {"/readyz", 503}, {"/report", 503}, {"/livez", 200}, {"/metrics", 200}};
    struct serve_state state = {.interval_ms = 1000};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request request = request_of(rows[i].path, "", "");
        struct answer answer;
        answer_make(&state, NOW, &request, &answer);
        cr_expect_eq(answer.status, rows[i].status, "%s", rows[i].path);
        answer_free(&answer);
    }
}

Test(serve_answer, has_a_head_that_says_what_follows)
{
    struct request refused = {.status = 405};
    struct serve_state state = {.interval_ms = 1000};
    char head[ANSWER_HEAD_MAX];
    struct answer answer;

    answer_make(&state, NOW, &refused, &answer);
    size_t length = answer_head(&answer, 784111777, false, head);
    cr_expect_eq(length, strlen(head));
    cr_expect_eq(strncmp(head, "HTTP/1.1 405 Method Not Allowed\r\n", 33), 0, "%s", head);
    /* RFC 9110, 5.6.7 has this very date. */
    cr_expect_not_null(strstr(head, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    cr_expect_not_null(strstr(head, "\r\nAllow: GET, HEAD\r\n"));
    cr_expect_not_null(strstr(head, "\r\nContent-Length: 18\r\n"));
    cr_expect_not_null(strstr(head, "\r\nConnection: close\r\n"));
    cr_expect_str_eq(head + length - 4, "\r\n\r\n");
    answer_free(&answer);
}
