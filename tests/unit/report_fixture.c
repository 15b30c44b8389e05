/*
 * A report with one finding of each status. See report_fixture.h.
 */
#include "tests/unit/report_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/judge.h"
#include "tests/unit/catalog.h"
#include "tests/unit/policy_text.h"

static const char members[] =
    "\"rules\":{"
    "\"t.pass\":{\"title\":\"it passes\",\"severity\":\"low\",\"fact\":\"test.bool\","
    "\"operator\":\"is\",\"operand\":true},"
    "\"t.fail\":{\"title\":\"it #fails \\\\ here\",\"severity\":\"high\",\"fact\":\"test.path\","
    "\"subjects\":[\"/a b\"],\"operator\":\"is\",\"operand\":\"writable\","
    "\"message\":\"{subject} is not what a person who reads eighty columns would expect it to be: "
    "{observed}\",\"remedy\":{\"docker\":\"--tmpfs\",\"compose\":\"tmpfs: [/tmp]\"},"
    "\"refs\":[\"CIS\"]},"
    "\"t.fail-too\":{\"title\":\"it fails too\",\"severity\":\"high\",\"fact\":\"test.path\","
    "\"subjects\":[\"/c\"],\"operator\":\"is\",\"operand\":\"writable\","
    "\"remedy\":{\"docker\":\"--tmpfs\",\"compose\":\"tmpfs: [/tmp]\"}},"
    "\"t.low\":{\"title\":\"it fails a little\",\"severity\":\"low\",\"fact\":\"test.set\","
    "\"operator\":\"empty\"},"
    "\"t.unknown\":{\"title\":\"it is not known\",\"severity\":\"high\",\"fact\":\"test.integer\","
    "\"operator\":\"is\",\"operand\":1},"
    "\"t.skip\":{\"title\":\"it is skipped\",\"severity\":\"high\",\"fact\":\"test.other\","
    "\"operator\":\"is\",\"operand\":1,\"absent\":\"skip\"},"
    "\"t.waived\":{\"title\":\"it is waived\",\"severity\":\"high\",\"fact\":\"test.text\","
    "\"operator\":\"is\",\"operand\":\"x\"}},"
    "\"waivers\":[{\"rule\":\"t.waived\",\"reason\":\"SHOP-1\"}]";

struct report_fixture report_fixture_make(enum severity fail_on)
{
    struct report_fixture fixture = {.policy = policy_of(members)};
    struct strset set = {0};

    for (int i = 10; i < 60; i++) {
        char word[16];
        (void)snprintf(word, sizeof word, "WORD_%d", i);
        strset_add(&set, word);
    }
    fixture.policy.fail_on = fail_on;
    (void)facts_put_bool(&fixture.facts, &key_bool, NULL, true);
    (void)facts_put_text(&fixture.facts, &key_path, "/a b", "EACCES");
    (void)facts_put_text(&fixture.facts, &key_path, "/c", "EROFS");
    (void)facts_put_set(&fixture.facts, &key_set, NULL, &set);
    (void)facts_put_unknown(&fixture.facts, &key_integer, NULL, "a \"filter\" killed it");
    (void)facts_put_absent(&fixture.facts, &key_other, NULL);
    (void)facts_put_text(&fixture.facts, &key_text, NULL, "y");
    return fixture;
}

void report_fixture_free(struct report_fixture *fixture)
{
    facts_free(&fixture->facts);
    policy_free(&fixture->policy);
}

static char *write_styled(const struct report *report, const char *format,
                          const struct report_style *style)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const struct reporter *reporter = reporter_find(format);

    cr_assert_not_null(reporter, "%s", format);
    reporter->write(report, style, out);
    cr_assert_eq(ferror(out), 0);
    (void)fclose(out);
    return text;
}

static char *write_report(const struct findings *findings, const struct policy *policy,
                          const struct facts *facts, const char *format,
                          const struct report_style *style)
{
    struct report report = {
        .tool_version = "1.2.3",
        .policy = policy,
        .facts = facts,
        .findings = findings,
        .headline = findings_headline(findings),
        .verdict = findings_verdict(findings, policy->fail_on),
        .pid = 7,
        .is_self = true,
        .started = "2026-11-24T00:00:00Z",
        .duration_ms = 1.25,
    };

    return write_styled(&report, format, style);
}

char *report_fixture_write(const struct report_fixture *fixture, const char *format, bool color,
                           int width)
{
    struct findings findings = {0};
    struct report_style style = {.color = color, .width = width};

    judge(&fixture->facts, &fixture->policy, (struct date){2026, 11, 24}, &findings);
    char *text = write_report(&findings, &fixture->policy, &fixture->facts, format, &style);
    findings_free(&findings);
    return text;
}

char *report_fixture_write_all(const char *format, enum severity fail_on)
{
    struct report_fixture fixture = report_fixture_make(fail_on);
    char *text = report_fixture_write(&fixture, format, false, 80);

    report_fixture_free(&fixture);
    return text;
}

char *report_fixture_write_findings(const struct findings *findings, const struct policy *policy,
                                    const struct facts *facts, const char *format)
{
    static const struct facts none = {0};
    struct report_style style = {.color = false, .width = 80};

    return write_report(findings, policy, facts == NULL ? &none : facts, format, &style);
}

char *report_fixture_write_one(const char *title, const char *subject, const char *message,
                               enum status status, const char *format)
{
    struct rule rule = {.id = (char *)"t.rule", .title = (char *)title, .severity = SEVERITY_HIGH};
    struct finding row = {
        .rule = &rule,
        .subject = (char *)subject,
        .status = status,
        .message = (char *)message,
    };
    struct policy policy = {.name = (char *)"hand", .source = (char *)"f"};
    struct findings findings = {.rows = &row, .count = 1};

    findings.totals[status]++;
    return report_fixture_write_findings(&findings, &policy, NULL, format);
}

char *report_fixture_write_report(const struct report *report, const char *format)
{
    struct report_style style = {.color = false, .width = 80};

    return write_styled(report, format, &style);
}

void report_expect_in(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "no \"%s\" in\n%s", part, text);
}
