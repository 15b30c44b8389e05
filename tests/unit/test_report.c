/*
 * The formats of a report.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

Test(report, every_format_is_deterministic)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        char *first = report_fixture_write_all(reporter_at(i)->name, SEVERITY_LOW);
        char *second = report_fixture_write_all(reporter_at(i)->name, SEVERITY_LOW);
        cr_expect_str_eq(first, second);
        cr_expect_eq(first[strlen(first) - 1], '\n');
        free(first);
        free(second);
    }
    cr_expect_null(reporter_find("no such format"));
}

Test(report, every_format_has_a_name_a_summary_and_a_media_type)
{
    static const char *const names[] = {
        "text",       "json",   "tap",      "junit", "sarif",
        "prometheus", "github", "markdown", "html",  "policyreport",
    };
    const size_t count = sizeof names / sizeof names[0];

    for (size_t i = 0; i < count; i++) {
        const struct reporter *reporter = reporter_at(i);
        cr_assert_not_null(reporter);
        cr_expect_str_eq(reporter->name, names[i]);
        cr_expect_eq(reporter_find(names[i]), reporter);
        cr_expect_gt(strlen(reporter->summary), 0);
        cr_expect_not_null(strchr(reporter->content_type, '/'), "%s", names[i]);
    }
    cr_expect_null(reporter_at(count));
}

Test(report, no_format_lets_a_control_character_or_broken_utf8_through)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        const char *format = reporter_at(i)->name;
        for (int status = STATUS_PASS; status < STATUS_COUNT; status++) {
            char *text =
                report_fixture_write_one("a \033[31m \xff", "/b \x7f \xc2\x9b",
                                         "c \001 \r \t \xe2\x82", (enum status)status, format);
            for (const char *at = text; *at != '\0'; at++)
                cr_expect(*at == '\n' || *at == '\t' || (unsigned char)*at >= ' ', "%s", format);
            cr_expect_null(strchr(text, '\x7f'), "%s", format);
            cr_expect_null(strchr(text, '\xff'), "%s", format);
            cr_expect_null(strchr(text, '\x9b'), "%s", format);
            free(text);
        }
    }
}

Test(text, the_verdict_comes_first_and_every_status_is_told)
{
    char *text = report_fixture_write_all("text", SEVERITY_LOW);

    cr_expect_eq(strncmp(text, "FAIL", 4), 0);
    report_expect_in(text, "1 passed, 3 failed, 1 unknown, 1 skipped, 1 waived");
    report_expect_in(text, "t.fail /a b [high]");
    report_expect_in(text, "expected  writable");
    report_expect_in(text, "observed  EACCES");
    report_expect_in(text, "docker      --tmpfs");
    report_expect_in(text, "could not be determined: a \"filter\" killed it");
    report_expect_in(text, "waived: SHOP-1");
    report_expect_in(text, "\nPASS    t.pass\n");
    cr_expect_lt((void *)strstr(text, "t.fail "), (void *)strstr(text, "t.low"));
    free(text);
}

Test(text, the_same_fix_is_told_once)
{
    char *text = report_fixture_write_all("text", SEVERITY_LOW);

    report_expect_in(text, "fix       as above");
    free(text);
}

Test(text, a_long_set_is_told_in_part)
{
    char *text = report_fixture_write_all("text", SEVERITY_LOW);

    report_expect_in(text, "and 34 more");
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
    char *text = report_fixture_write_all("json", SEVERITY_LOW);
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
    char *text = report_fixture_write_all("tap", SEVERITY_LOW);

    cr_expect_eq(strncmp(text, "TAP version 14\n1..7\n", 20), 0);
    report_expect_in(text, "\nok 1 - t.pass: it passes\n");
    report_expect_in(text, "\nnot ok 2 - t.fail /a b: it \\#fails \\\\ here\n  ---\n");
    report_expect_in(text, "\nnot ok 5 - t.unknown: it is not known\n");
    report_expect_in(text, "\nok 6 - t.skip: it is skipped # SKIP not applicable: ");
    report_expect_in(text, "\nnot ok 7 - t.waived: it is waived # TODO ");
    report_expect_in(text, "\n  observed: \"EACCES\"\n");
    report_expect_in(text, "\n  ...\n");
    free(text);
}

Test(tap, a_failure_below_the_threshold_does_not_fail_the_harness)
{
    char *low = report_fixture_write_all("tap", SEVERITY_LOW);
    char *high = report_fixture_write_all("tap", SEVERITY_HIGH);

    report_expect_in(low, "\nnot ok 4 - t.low: it fails a little\n");
    report_expect_in(high, "\nnot ok 4 - t.low: it fails a little # TODO below --fail-on=high\n");
    free(low);
    free(high);
}

Test(tap, every_line_but_a_plain_ok_has_a_diagnostic_block)
{
    char *text = report_fixture_write_all("tap", SEVERITY_LOW);
    size_t blocks = 0;

    for (const char *at = text; (at = strstr(at, "\n  ---\n")) != NULL; at++)
        blocks++;
    cr_expect_eq(blocks, 6);
    free(text);
}
