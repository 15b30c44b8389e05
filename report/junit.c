/*
 * The format junit: the XML that CI servers read test results from (Jenkins' junit-10.xsd, GitLab).
 * A harness must come to the verdict of the exit status: what is unknown is an error, and a failure
 * below the policy's threshold is skipped, with the reason.
 */
#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/markup.h"
#include "report/pieces.h"
#include "report/reporter.h"

enum outcome { OUTCOME_PASSED, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED, OUTCOME_COUNT };

static enum outcome outcome_of(const struct report *report, const struct finding *finding)
{
    static const enum outcome outcomes[] = {
        [STATUS_PASS] = OUTCOME_PASSED,    [STATUS_FAIL] = OUTCOME_FAILURE,
        [STATUS_UNKNOWN] = OUTCOME_ERROR,  [STATUS_SKIP] = OUTCOME_SKIPPED,
        [STATUS_WAIVED] = OUTCOME_SKIPPED,
    };

    return pieces_is_below(finding, report->policy) ? OUTCOME_SKIPPED : outcomes[finding->status];
}

static void put_attribute(const char *name, const char *value, FILE *out)
{
    (void)fprintf(out, " %s=\"", name);
    markup_put(value, out);
    (void)fputc('"', out);
}

static void put_property(const char *name, const char *value, FILE *out)
{
    (void)fputs("      <property", out);
    put_attribute("name", name, out);
    put_attribute("value", value == NULL ? "" : value, out);
    (void)fputs("/>\n", out);
}

static void put_properties(const struct report *report, FILE *out)
{
    CLEANUP(mem_free_text) char *pid = mem_format("%d", report->pid);

    (void)fputs("    <properties>\n", out);
    put_property("verdict", verdict_name(report->verdict), out);
    put_property("policy", report->policy->name, out);
    put_property("policy.source", report->policy->source, out);
    put_property("fail_on", severity_name(report->policy->fail_on), out);
    put_property("target.pid", pid, out);
    put_property("target.runtime", facts_text(report->facts, "runtime.name"), out);
    put_property("target.container_id", facts_text(report->facts, "runtime.container_id"), out);
    put_property("watertight.version", report->tool_version, out);
    (void)fputs("    </properties>\n", out);
}

static void put_body(const struct finding *finding, FILE *out)
{
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);
    CLEANUP(mem_free_text) char *observed = pieces_observed(finding);

    markup_put(finding->message, out);
    (void)fputs("\nexpected: ", out);
    markup_put(expected, out);
    if (finding->status != STATUS_UNKNOWN) {
        (void)fputs("\nobserved: ", out);
        markup_put(observed, out);
    }
    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(&finding->rule->remedy, i);
        if (line.text == NULL)
            continue;
        (void)fprintf(out, "\n%s: ", line.name);
        markup_put(line.text, out);
    }
}

static void put_outcome(const struct report *report, const struct finding *finding, FILE *out)
{
    enum outcome outcome = outcome_of(report, finding);
    const char *element = outcome == OUTCOME_FAILURE ? "failure" : "error";

    if (outcome == OUTCOME_SKIPPED) {
        bool is_below = finding->status == STATUS_FAIL;
        CLEANUP(mem_free_text)
        char *message = mem_format("%s%s%s%s", is_below ? "below --fail-on=" : "",
                                   is_below ? severity_name(report->policy->fail_on) : "",
                                   is_below ? ": " : "", finding->message);
        (void)fputs("      <skipped", out);
        put_attribute("message", message, out);
        (void)fputs("/>\n", out);
        return;
    }
    (void)fprintf(out, "      <%s", element);
    put_attribute("type", severity_name(finding->rule->severity), out);
    put_attribute("message", finding->message, out);
    (void)fputc('>', out);
    put_body(finding, out);
    (void)fprintf(out, "</%s>\n", element);
}

static void put_case(const struct report *report, const struct finding *finding, FILE *out)
{
    CLEANUP(mem_free_text) char *id = pieces_name(finding);
    CLEANUP(mem_free_text) char *name = mem_format("%s: %s", id, finding->rule->title);

    (void)fputs("    <testcase", out);
    put_attribute("classname", finding->rule->id, out);
    put_attribute("name", name, out);
    if (outcome_of(report, finding) == OUTCOME_PASSED) {
        (void)fputs("/>\n", out);
        return;
    }
    (void)fputs(">\n", out);
    put_outcome(report, finding, out);
    (void)fputs("    </testcase>\n", out);
}

static void junit_report(const struct report *report, const struct report_style *style, FILE *out)
{
    const struct findings *findings = report->findings;
    size_t counts[OUTCOME_COUNT] = {0};

    (void)style;
    for (size_t i = 0; i < findings->count; i++)
        counts[outcome_of(report, &findings->rows[i])]++;
    CLEANUP(mem_free_text)
    char *totals = mem_format("tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", findings->count,
                              counts[OUTCOME_FAILURE], counts[OUTCOME_ERROR]);
    CLEANUP(mem_free_text) char *name = mem_format("watertight %s", report->policy->name);
    (void)fprintf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuites name=\"watertight\" %s>\n  <testsuite",
                  totals);
    put_attribute("name", name, out);
    (void)fprintf(out, " %s skipped=\"%zu\" time=\"%.6f\"", totals, counts[OUTCOME_SKIPPED],
                  report->duration_ms / 1e3);
    put_attribute("timestamp", report->started, out);
    (void)fputs(">\n", out);
    put_properties(report, out);
    for (size_t i = 0; i < findings->count; i++)
        put_case(report, &findings->rows[i], out);
    (void)fputs("  </testsuite>\n</testsuites>\n", out);
}

const struct reporter reporter_junit = {
    .name = "junit",
    .summary = "JUnit XML, for the test pages of Jenkins, GitLab and others",
    .content_type = "application/xml",
    .write = junit_report,
};
