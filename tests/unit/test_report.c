/*
 * The formats of a report.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

static char *write_format(const char *format, enum severity fail_on)
{
    struct report_fixture fixture = report_fixture_make(fail_on);
    char *text = report_fixture_write(&fixture, format, false, 80);

    report_fixture_free(&fixture);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "no \"%s\" in\n%s", part, text);
}

Test(report, every_format_is_deterministic)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        char *first = write_format(reporter_at(i)->name, SEVERITY_LOW);
        char *second = write_format(reporter_at(i)->name, SEVERITY_LOW);
        cr_expect_str_eq(first, second);
        cr_expect_eq(first[strlen(first) - 1], '\n');
        free(first);
        free(second);
    }
    cr_expect_null(reporter_find("no such format"));
}

Test(text, the_verdict_comes_first_and_every_status_is_told)
{
    char *text = write_format("text", SEVERITY_LOW);

    cr_expect_eq(strncmp(text, "FAIL", 4), 0);
    expect_in(text, "1 passed, 3 failed, 1 unknown, 1 skipped, 1 waived");
    expect_in(text, "t.fail /a b [high]");
    expect_in(text, "expected  writable");
    expect_in(text, "observed  EACCES");
    expect_in(text, "docker      --tmpfs");
    expect_in(text, "could not be determined: a \"filter\" killed it");
    expect_in(text, "waived: SHOP-1");
    expect_in(text, "\nPASS    t.pass\n");
    cr_expect_lt((void *)strstr(text, "t.fail "), (void *)strstr(text, "t.low"));
    free(text);
}

Test(text, the_same_fix_is_told_once)
{
    char *text = write_format("text", SEVERITY_LOW);

    expect_in(text, "fix       as above");
    free(text);
}

Test(text, a_long_set_is_told_in_part)
{
    char *text = write_format("text", SEVERITY_LOW);

    expect_in(text, "and 34 more");
    cr_expect_null(strstr(text, "WORD_59"));
    free(text);
}

Test(text, no_line_is_wider_than_the_page)
{
    for (int width = 60; width <= 120; width += 20) {
        struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);
        char *text = report_fixture_write(&fixture, "text", false, width);
        for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
            cr_expect_leq(strcspn(line, "\n"), (size_t)width, "%.*s", (int)strcspn(line, "\n"),
                          line);
        free(text);
        report_fixture_free(&fixture);
    }
}

Test(text, colour_comes_only_when_asked_for)
{
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);
    char *plain = report_fixture_write(&fixture, "text", false, 80);
    char *colored = report_fixture_write(&fixture, "text", true, 80);

    cr_expect_null(strchr(plain, '\033'));
    cr_expect_not_null(strchr(colored, '\033'));
    free(plain);
    free(colored);
    report_fixture_free(&fixture);
}

Test(json, the_document_says_everything)
{
    char *text = write_format("json", SEVERITY_LOW);
    cJSON *root = cJSON_Parse(text);

    cr_assert_not_null(root);
    cr_expect_str_eq(cJSON_GetObjectItem(root, "schema")->valuestring, "watertight.report/1");
    cr_expect_str_eq(cJSON_GetObjectItem(root, "verdict")->valuestring, "fail");
    cr_expect_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(root, "summary"), "fail")->valueint, 3);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(root, "checks")), 7);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(root, "facts")), 7);
    const cJSON *check = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "checks"), 1);
    cr_expect_str_eq(cJSON_GetObjectItem(check, "subject")->valuestring, "/a b");
    cr_expect_str_eq(cJSON_GetObjectItem(check, "observed")->valuestring, "EACCES");
    cr_expect_str_eq(
        cJSON_GetObjectItem(cJSON_GetObjectItem(check, "remedy"), "docker")->valuestring,
        "--tmpfs");
    const cJSON *unknown = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "checks"), 4);
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(unknown, "observed")));
    cJSON_Delete(root);
    free(text);
}

Test(tap, each_status_has_its_line)
{
    char *text = write_format("tap", SEVERITY_LOW);

    cr_expect_eq(strncmp(text, "TAP version 14\n1..7\n", 20), 0);
    expect_in(text, "\nok 1 - t.pass: it passes\n");
    expect_in(text, "\nnot ok 2 - t.fail /a b: it \\#fails \\\\ here\n  ---\n");
    expect_in(text, "\nnot ok 5 - t.unknown: it is not known\n");
    expect_in(text, "\nok 6 - t.skip: it is skipped # SKIP not applicable: ");
    expect_in(text, "\nnot ok 7 - t.waived: it is waived # TODO ");
    expect_in(text, "\n  observed: \"EACCES\"\n");
    expect_in(text, "\n  ...\n");
    free(text);
}

Test(tap, a_failure_below_the_threshold_does_not_fail_the_harness)
{
    char *low = write_format("tap", SEVERITY_LOW);
    char *high = write_format("tap", SEVERITY_HIGH);

    expect_in(low, "\nnot ok 4 - t.low: it fails a little\n");
    expect_in(high, "\nnot ok 4 - t.low: it fails a little # TODO below --fail-on=high\n");
    free(low);
    free(high);
}

Test(tap, every_line_but_a_plain_ok_has_a_diagnostic_block)
{
    char *text = write_format("tap", SEVERITY_LOW);
    size_t blocks = 0;

    for (const char *at = text; (at = strstr(at, "\n  ---\n")) != NULL; at++)
        blocks++;
    cr_expect_eq(blocks, 6);
    free(text);
}
