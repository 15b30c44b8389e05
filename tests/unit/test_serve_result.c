/*
 * Results as bytes: what the child sends and the server reads.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "report/reporter.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/result_fixture.h"

Test(serve_result, arrives_as_it_was_sent)
{
    struct result *result = result_fixture_make(SEVERITY_LOW);
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);

    cr_assert_eq(result->check_count, 7);
    cr_expect_eq(result->verdict, VERDICT_FAIL);
    cr_expect_eq(result->fail_on, SEVERITY_LOW);
    cr_expect_str_eq(result->started, "2026-11-24T00:00:00Z");
    cr_expect_str_eq(result->checks[1].id, "t.fail");
    cr_expect_str_eq(result->checks[1].subject, "/a b");
    cr_expect_eq(result->checks[1].status, STATUS_FAIL);
    cr_expect_eq(result->checks[1].severity, SEVERITY_HIGH);
    cr_expect_null(result->checks[0].subject);
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

/* Where each member of the head lies: mark, verdict, fail_on, started, count, first check. */
enum { AT_VERDICT = 4, AT_FAIL_ON = 8, AT_STARTED = 12, AT_COUNT = 37, AT_STATUS = 41 };

Test(serve_result, with_a_number_that_cannot_be_is_none)
{
    static const struct {
        size_t at;
        uint32_t number;
    } rows[] = {
        {0, 0},
        {AT_VERDICT, VERDICT_INCOMPLETE + 1},
        {AT_FAIL_ON, SEVERITY_CRITICAL + 1},
        {AT_STARTED, UINT32_MAX},
        {AT_STARTED, UINT32_MAX - 1},
        {AT_STARTED, 3},
        {AT_COUNT, UINT32_MAX},
        {AT_COUNT, 0},
        {AT_COUNT, 6},
        {AT_COUNT, 8},
        {AT_STATUS, STATUS_COUNT},
    };
    size_t length = 0;
    CLEANUP(mem_free_text) char *bytes = result_fixture_bytes(SEVERITY_LOW, &length);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *spoilt = mem_copy_n(bytes, length);
        memcpy(spoilt + rows[i].at, &rows[i].number, sizeof rows[i].number);
        cr_expect_not(is_taken(spoilt, length), "%zu: %u", rows[i].at, rows[i].number);
        free(spoilt);
    }
}

Test(serve_result, never_passes_against_its_checks)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *failing = result_fixture_bytes(SEVERITY_LOW, &length);
    const uint32_t pass = VERDICT_PASS;

    memcpy(failing + AT_VERDICT, &pass, sizeof pass);
    cr_expect_not(is_taken(failing, length));
    /* Nothing fails at critical, but something is unknown. */
    CLEANUP(mem_free_text) char *unknown = result_fixture_bytes(SEVERITY_CRITICAL, &length);
    cr_expect(is_taken(unknown, length));
    memcpy(unknown + AT_VERDICT, &pass, sizeof pass);
    cr_expect_not(is_taken(unknown, length));
}
