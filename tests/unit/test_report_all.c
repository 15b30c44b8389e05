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
    struct policy policy = {
        .name = (char *)"hand", .source = (char *)"f", .rules = &rule, .rule_count = 1};
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
                             .has_unseen = !is_complete,
                             .notes = &note_set,
                             .started = "2026-11-23T18:00:00Z",
                             .duration_ms = 1.25};
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

Test(report_all, prometheus_says_whose_a_series_is_and_leaves_passes_to_the_counts)
{
    static const char whose[] =
        "{pid=\"8\",name=\"a\\nok 9 - forged\\\\x1b[31m # SKIP\",container_id=\"\",";
    char *text = write_set("prometheus", true);
    char line[256];

    expect_in(text, "\nwatertight_containers{verdict=\"pass\"} 1\n"
                    "watertight_containers{verdict=\"fail\"} 1\n"
                    "watertight_containers{verdict=\"incomplete\"} 0\n");
    expect_in(text, "\nwatertight_unseen 0\n");
    expect_in(text, "\nwatertight_target_info{policy=\"hand\",source=\"f\",pid=\"7\",runtime=\"\","
                    "container_id=\"\",name=\"app\"} 1\n");
    expect_in(text, "\nwatertight_verdict{pid=\"7\",name=\"app\",container_id=\"\","
                    "verdict=\"pass\"} 1\n");
    expect_in(text, "\nwatertight_checks{pid=\"7\",name=\"app\",container_id=\"\","
                    "status=\"pass\"} 1\n");
    expect_in(text, "\nwatertight_rule_checks{rule=\"t.rule\",severity=\"low\",status=\"pass\"} 1\n"
                    "watertight_rule_checks{rule=\"t.rule\",severity=\"low\",status=\"fail\"} 1\n");
    (void)snprintf(line, sizeof line,
                   "\nwatertight_check_status%srule=\"t.rule\",subject=\"\",severity=\"low\","
                   "status=\"fail\"} 1\n",
                   whose);
    expect_in(text, line);
    cr_expect_null(strstr(text, "watertight_check_status{pid=\"7\""));
    expect_in(text, "\nwatertight_check_status_omitted 0\n");
    expect_in(text, "\nwatertight_run_duration_seconds 0.001250\n");
    expect_in(text, "\nwatertight_last_run_timestamp_seconds 1795456800\n");
    free(text);
}

/* The most severe first, in the order of the containers. */
Test(report_all, prometheus_has_at_most_five_thousand_series_of_checks)
{
    enum { MANY = 3000, MOST = 5000 };
    struct rule rules[] = {
        {.id = (char *)"t.low", .title = (char *)"title"},
        {.id = (char *)"t.high", .title = (char *)"title", .severity = SEVERITY_HIGH}};
    struct policy policy = {
        .name = (char *)"hand", .source = (char *)"f", .rules = rules, .rule_count = 2};
    struct finding *rows = calloc((size_t)2 * MANY, sizeof *rows);
    struct findings findings = {.rows = rows, .count = (size_t)2 * MANY};
    struct facts facts = {0};
    struct strset notes = {0};
    struct report report = {.policy = &policy,
                            .facts = &facts,
                            .findings = &findings,
                            .pid = 7,
                            .name = "app",
                            .tool_version = "1",
                            .started = "x"};
    struct report_set set = {.tool_version = "1",
                             .policy = &policy,
                             .reports = &report,
                             .count = 1,
                             .notes = &notes,
                             .started = "x"};
    struct report_style style = {.width = 80};
    char *text = NULL;
    size_t length = 0;
    size_t lines[] = {0, 0};
    FILE *out = open_memstream(&text, &length);

    for (size_t i = 0; i < findings.count; i++)
        rows[i] = (struct finding){.rule = &rules[i % 2], .status = STATUS_FAIL};
    reporter_find("prometheus")->write_all(&set, &style, out);
    cr_assert_eq(fclose(out), 0);
    for (const char *at = text; (at = strstr(at, "\nwatertight_check_status{")) != NULL; at++) {
        const char *end = strchr(at + 1, '\n');
        bool is_high = memmem(at, (size_t)(end - at), "t.high", 6) != NULL;
        lines[is_high]++;
    }
    cr_expect_eq(lines[true], (size_t)MANY);
    cr_expect_eq(lines[false], (size_t)MOST - MANY);
    expect_in(text, "\nwatertight_check_status_omitted 1000\n");
    expect_in(text, "status=\"fail\"} 3000\n");
    free(text);
    free(rows);
}
