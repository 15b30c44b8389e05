/*
 * Several reports as one: nothing of a container can forge another's lines.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/reporter.h"

static const char hostile[] = "a\nok 9 - forged\x1b[31m # SKIP";

/* Two containers, of one finding each: one passes, one with a hostile name fails. */
static char *write_set(const char *format, bool is_complete)
{
    struct rule rule = {.id = (char *)"t.rule", .title = (char *)"title"};
    struct policy policy = {.name = (char *)"hand", .source = (char *)"f"};
    struct finding rows[] = {
        {.rule = &rule, .status = STATUS_PASS, .message = (char *)"m"},
        {.rule = &rule, .status = STATUS_FAIL, .message = (char *)"m"},
    };
    struct findings findings[] = {
        {.rows = &rows[0], .count = 1, .totals = {[STATUS_PASS] = 1}},
        {.rows = &rows[1], .count = 1, .totals = {[STATUS_FAIL] = 1}},
    };
    struct facts facts = {0};
    struct report reports[2] = {
        {.policy = &policy,
         .facts = &facts,
         .findings = &findings[0],
         .pid = 7,
         .name = "app",
         .tool_version = "1",
         .started = "2026-11-23T18:00:00Z",
         .verdict = VERDICT_PASS},
        {.policy = &policy,
         .facts = &facts,
         .findings = &findings[1],
         .pid = 8,
         .name = hostile,
         .tool_version = "1",
         .started = "2026-11-23T18:00:00Z",
         .verdict = VERDICT_FAIL},
    };
    char *notes[] = {(char *)"left out: process 3 (x\ny)"};
    struct strset note_set = {.items = notes, .count = 1};
    struct report_set set = {.tool_version = "1",
                             .policy = &policy,
                             .reports = reports,
                             .count = 2,
                             .verdict = VERDICT_FAIL,
                             .is_complete = is_complete,
                             .notes = &note_set};
    struct report_style style = {.width = 80};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    reporter_find(format)->write_all(&set, &style, out);
    cr_assert_eq(fclose(out), 0);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "no \"%s\" in\n%s", part, text);
}

Test(report_all, tap_numbers_all_tests_and_says_whose_they_are)
{
    char *text = write_set("tap", true);

    expect_in(text, "TAP version 14\n1..3\nok 1 - every container was looked at\n");
    expect_in(text, "\nok 2 - process 7 (app) t.rule: title\n");
    expect_in(text, "\nnot ok 3 - process 8 (a ok 9 - forged\\\\x1b[31m \\# SKIP) t.rule: title\n");
    expect_in(text, "\n# left out: process 3 (x y)\n");
    free(text);
}

Test(report_all, tap_fails_where_there_may_be_more_to_see)
{
    char *text = write_set("tap", false);

    expect_in(text, "\nnot ok 1 - every container was looked at\n");
    free(text);
}

Test(report_all, text_has_a_line_for_each_container_before_the_details)
{
    char *text = write_set("text", true);

    expect_in(text, "FAIL  policy hand: 2 containers: 1 passed, 1 failed, 0 incomplete; ");
    expect_in(text, "\nPASS        process 7 (app), runtime unknown: 1 passed, 0 failed, ");
    expect_in(text, "\nFAIL        process 8 (a ok 9 - forged\\x1b[31m # SKIP), runtime ");
    expect_in(text, "\nFAIL    t.rule [low]\n");
    free(text);
}

Test(report_all, json_is_one_document)
{
    char *text = write_set("json", true);
    cJSON *root = cJSON_Parse(text);
    const cJSON *reports = cJSON_GetObjectItem(root, "reports");

    cr_assert_not_null(root, "%s", text);
    cr_expect_eq(cJSON_GetArraySize(reports), 2);
    const cJSON *target = cJSON_GetObjectItem(cJSON_GetArrayItem(reports, 1), "target");
    cr_expect_eq(cJSON_GetObjectItem(target, "pid")->valueint, 8);
    cr_expect_str_eq(cJSON_GetObjectItem(root, "notes")->child->valuestring,
                     "left out: process 3 (x\ny)");
    cJSON_Delete(root);
    free(text);
}
