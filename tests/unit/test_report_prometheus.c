/*
 * The format prometheus: names and units by its conventions, and labels that no text can break.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

Test(prometheus, every_check_has_a_series_and_every_status_a_count)
{
    char *text = report_fixture_write_all("prometheus", SEVERITY_LOW);

    report_expect_in(text, "\nwatertight_build_info{version=\"1.2.3\"} 1\n");
    report_expect_in(text, "\nwatertight_target_info{policy=\"test\",source=\"test\",pid=\"7\"");
    report_expect_in(text, "\nwatertight_verdict{verdict=\"pass\"} 0\n"
                           "watertight_verdict{verdict=\"fail\"} 1\n"
                           "watertight_verdict{verdict=\"incomplete\"} 0\n");
    report_expect_in(text, "\nwatertight_checks{status=\"pass\"} 1\n"
                           "watertight_checks{status=\"fail\"} 3\n"
                           "watertight_checks{status=\"unknown\"} 1\n"
                           "watertight_checks{status=\"skip\"} 1\n"
                           "watertight_checks{status=\"waived\"} 1\n");
    report_expect_in(text, "\nwatertight_check_status{rule=\"t.fail\",subject=\"/a b\","
                           "severity=\"high\",status=\"fail\"} 1\n");
    report_expect_in(text, "{rule=\"t.unknown\",subject=\"\",severity=\"high\","
                           "status=\"unknown\"} 1\n");
    report_expect_in(text, "\nwatertight_run_duration_seconds 0.001250\n");
    report_expect_in(text, "\nwatertight_last_run_timestamp_seconds 1795478400\n");
    free(text);
}

Test(prometheus, no_text_can_end_a_label)
{
    char *text =
        report_fixture_write_one("title", "\"} 0\nforged{a=\"\\", "m", STATUS_FAIL, "prometheus");

    report_expect_in(text, "{rule=\"t.rule\",subject=\"\\\"} 0\\nforged{a=\\\"\\\\\",severity=");
    free(text);
}

Test(prometheus, a_start_that_is_no_time_is_left_out)
{
    struct policy policy = {.name = (char *)"hand", .source = (char *)"f"};
    struct findings findings = {0};
    struct facts facts = {0};
    struct report report = {
        .tool_version = "1", .policy = &policy, .facts = &facts, .findings = &findings};

    report.started = "2026-02-30T00:00:00Z";
    char *text = report_fixture_write_report(&report, "prometheus");
    cr_expect_null(strstr(text, "timestamp_seconds"));
    free(text);
}
