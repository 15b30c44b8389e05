/*
 * Results as bytes: what the child sends and the server reads.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "report/reporter.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/result_fixture.h"

Test(serve_result, arrives_as_it_was_sent)
{
    struct result *result = result_fixture_make(SEVERITY_LOW);
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);

    cr_assert_eq(result->container_count, 1);
    cr_assert_eq(result->containers[0].check_count, 7);
    cr_expect_not(result->is_all);
    cr_expect_eq(result->verdict, VERDICT_FAIL);
    cr_expect_eq(result->fail_on, SEVERITY_LOW);
    cr_expect_str_eq(result->started, "2026-11-24T00:00:00Z");
    cr_expect_str_eq(result->containers[0].checks[1].id, "t.fail");
    cr_expect_str_eq(result->containers[0].checks[1].subject, "/a b");
    cr_expect_eq(result->containers[0].checks[1].status, STATUS_FAIL);
    cr_expect_eq(result->containers[0].checks[1].severity, SEVERITY_HIGH);
    cr_expect_null(result->containers[0].checks[0].subject);
    for (size_t i = 0; i < result->page_count; i++) {
        CLEANUP(mem_free_text)
        char *page = report_fixture_write(&fixture, reporter_at(i)->name, false, 80);
        cr_expect_str_eq(result->pages[i].data, page, "%s", reporter_at(i)->name);
        cr_expect_eq(result->pages[i].length, strlen(page));
    }
    cr_expect_gt(result->page_count, 2);
    report_fixture_free(&fixture);
    result_release(result);
}

/* Whether length bytes, which are copied, are taken for a result. */
static bool is_taken(const char *bytes, size_t length)
{
    struct result *result = NULL;
    struct error err = {0};
    bool ok = result_decode(mem_copy_n(bytes, length), length, &result, &err);

    result_release(result);
    cr_expect(ok || err.text[0] != '\0');
    return ok;
}

Test(serve_result, that_is_not_whole_is_none)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *bytes = result_fixture_bytes(SEVERITY_LOW, &length);
    char *longer = mem_new(length + 1, 1);

    for (size_t i = 0; i < length; i += i < 400 ? 1 : 97)
        cr_expect_not(is_taken(bytes, i), "%zu", i);
    cr_expect(is_taken(bytes, length));
    memcpy(longer, bytes, length);
    cr_expect_not(is_taken(longer, length + 1));
    free(longer);
}

/*
 * Where each member lies behind the pages: is_all, has_unseen, verdict, fail_on, started, how many
 * checks, how many containers; then, of the first, pid, name, runtime, id, verdict, how many
 * checks; and its first check.
 */
enum {
    AT_ALL = 0,
    AT_UNSEEN = 4,
    AT_VERDICT = 8,
    AT_FAIL_ON = 12,
    AT_STARTED = 16,
    AT_CHECKS = 41,
    AT_CONTAINERS = 45,
    AT_PID = 49,
    AT_CONTAINER_VERDICT = 65,
    AT_COUNT = 69,
    AT_STATUS = 73
};

static size_t rest_of(const char *bytes, size_t length)
{
    uint32_t rest = 0;

    memcpy(&rest, bytes + length - 8, sizeof rest);
    return length - 8 - rest;
}

static void spoil(char *bytes, size_t at, uint32_t number)
{
    memcpy(bytes + at, &number, sizeof number);
}

Test(serve_result, with_a_number_that_cannot_be_is_none)
{
    static const struct {
        size_t at;
        uint32_t number;
    } rows[] = {
        {AT_ALL, 1}, /* then some formats have no page */
        {AT_ALL, 2},
        {AT_UNSEEN, 2},
        {AT_VERDICT, VERDICT_INCOMPLETE + 1},
        {AT_FAIL_ON, SEVERITY_CRITICAL + 1},
        {AT_STARTED, UINT32_MAX},
        {AT_STARTED, UINT32_MAX - 1},
        {AT_STARTED, 3},
        {AT_CHECKS, UINT32_MAX},
        {AT_CHECKS, 0},
        {AT_CHECKS, 6},
        {AT_CHECKS, 8},
        {AT_CONTAINERS, UINT32_MAX},
        {AT_CONTAINERS, 0},
        {AT_CONTAINERS, 2},
        {AT_PID, UINT32_MAX},
        {AT_CONTAINER_VERDICT, VERDICT_INCOMPLETE + 1},
        {AT_COUNT, UINT32_MAX},
        {AT_COUNT, 0},
        {AT_COUNT, 6},
        {AT_COUNT, 8},
        {AT_STATUS, STATUS_COUNT},
    };
    size_t length = 0;
    CLEANUP(mem_free_text) char *bytes = result_fixture_bytes(SEVERITY_LOW, &length);
    size_t rest = rest_of(bytes, length);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *spoilt = mem_copy_n(bytes, length);
        spoil(spoilt, rest + rows[i].at, rows[i].number);
        cr_expect_not(is_taken(spoilt, length), "%zu: %u", rows[i].at, rows[i].number);
        free(spoilt);
    }
}

Test(serve_result, with_marks_or_lengths_that_cannot_be_is_none)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *bytes = result_fixture_bytes(SEVERITY_LOW, &length);
    const size_t places[] = {0, length - 4, length - 8, length - 12};
    const uint32_t numbers[] = {0, 1, (uint32_t)length, (uint32_t)length - 12, UINT32_MAX};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
            char *spoilt = mem_copy_n(bytes, length);
            spoil(spoilt, places[i], numbers[k]);
            cr_expect_not(is_taken(spoilt, length), "%zu: %u", places[i], numbers[k]);
            free(spoilt);
        }
    }
}

Test(serve_result, of_all_containers_arrives_as_it_was_sent)
{
    struct result *result = result_fixture_make_all(2);

    cr_assert_eq(result->container_count, 2);
    cr_expect(result->is_all);
    cr_expect_eq(result->verdict, VERDICT_FAIL);
    cr_expect_eq(result->containers[0].pid, 7);
    cr_expect_eq(result->containers[1].pid, 8);
    cr_expect_str_eq(result->containers[1].name, "app");
    cr_expect_null(result->containers[1].id);
    cr_expect_eq(result->containers[0].verdict, VERDICT_FAIL);
    cr_expect_eq(result->containers[1].check_count, 7);
    cr_expect_str_eq(result->containers[1].checks[1].id, "t.fail");
    for (size_t i = 0; i < result->page_count; i++)
        cr_expect_eq(result->pages[i].data != NULL, reporter_at(i)->write_all != NULL, "%s",
                     reporter_at(i)->name);
    result_release(result);
}

Test(serve_result, of_no_container_has_not_passed)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *bytes = result_fixture_bytes_all(0, &length);

    cr_expect(is_taken(bytes, length));
    spoil(bytes, rest_of(bytes, length) + AT_VERDICT, VERDICT_PASS);
    cr_expect_not(is_taken(bytes, length));
}

Test(serve_result, never_passes_against_its_checks)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *failing = result_fixture_bytes(SEVERITY_LOW, &length);
    size_t rest = rest_of(failing, length);

    spoil(failing, rest + AT_VERDICT, VERDICT_PASS);
    cr_expect_not(is_taken(failing, length));
    spoil(failing, rest + AT_CONTAINER_VERDICT, VERDICT_PASS);
    cr_expect_not(is_taken(failing, length));
    /* Nothing fails at critical, but something is unknown. */
    CLEANUP(mem_free_text) char *unknown = result_fixture_bytes(SEVERITY_CRITICAL, &length);
    cr_expect(is_taken(unknown, length));
    spoil(unknown, rest_of(unknown, length) + AT_VERDICT, VERDICT_PASS);
    spoil(unknown, rest_of(unknown, length) + AT_CONTAINER_VERDICT, VERDICT_PASS);
    cr_expect_not(is_taken(unknown, length));
}

/* The child sees nothing of it any more, the parent all of it. */
Test(serve_result, is_given_back_by_a_child_alone)
{
    struct result *result = result_fixture_make_all(20);
    char *middle = result->memory + result->length / 2;
    char before[64];
    int status = 0;

    cr_assert_gt(result->length, 16384);
    memcpy(before, middle, sizeof before);
    pid_t child = fork();
    if (child == 0) {
        static const char nothing[sizeof before];
        result_disinherit(result);
        result_disinherit(NULL);
        bool is_gone = memcmp(middle, nothing, sizeof nothing) == 0;
        result_release(result);
        _exit(is_gone ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect_eq(memcmp(middle, before, sizeof before), 0);
    result_release(result);
}
