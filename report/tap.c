/*
 * The format tap: Test Anything Protocol, version 14. `prove` agrees with the exit status.
 */
#include <string.h>

#include "agent/core/mem.h"
#include "report/json_nodes.h"
#include "report/pieces.h"
#include "report/reporter.h"

/*
 * In a description, '#' would begin a directive and '\' escapes it (TAP 14, "Test Points"); a line
 * break would begin a line of its own.
 */
static void put_description(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            (void)fputc('\\', out);
        (void)fputc(*at == '\n' ? ' ' : *at, out);
    }
}

/* A JSON value is a YAML value too, and needs no further quoting. */
static void put_member(const char *name, cJSON *node, FILE *out)
{
    char *text = json_must_text(cJSON_PrintUnformatted(json_must(node)));

    (void)fprintf(out, "  %s: %s\n", name, text);
    cJSON_free(text);
    cJSON_Delete(node);
}

static void put_remedy(const struct remedy *remedy, FILE *out)
{
    cJSON *node = json_must(cJSON_CreateObject());

    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(remedy, i);
        if (line.text != NULL)
            json_add(node, line.name, json_text_node(line.text));
    }
    put_member("remedy", node, out);
}

static void put_diagnostic(const struct finding *finding, FILE *out)
{
    (void)fputs("  ---\n", out);
    put_member("message", json_text_node(finding->message), out);
    put_member("severity", json_text_node(severity_name(finding->rule->severity)), out);
    put_member("expected", json_value_node(&finding->expected), out);
    put_member("observed", json_value_node(&finding->observed), out);
    put_remedy(&finding->rule->remedy, out);
    (void)fputs("  ...\n", out);
}

/*
 * A failure below the policy's threshold does not fail the run, so it is a TODO for TAP too: a
 * harness must come to the same verdict.
 */
static void put_directive(const struct report *report, const struct finding *finding, FILE *out)
{
    if (finding->status == STATUS_SKIP) {
        (void)fputs(" # SKIP ", out);
        put_description(finding->message, out);
    } else if (finding->status == STATUS_WAIVED) {
        (void)fputs(" # TODO ", out);
        put_description(finding->message, out);
    } else if (pieces_is_below(finding, report->policy)) {
        (void)fprintf(out, " # TODO below --fail-on=%s", severity_name(report->policy->fail_on));
    }
}

static void put_finding(const struct report *report, const struct finding *finding, size_t number,
                        const char *prefix, FILE *out)
{
    bool is_ok = finding->status == STATUS_PASS || finding->status == STATUS_SKIP;

    (void)fprintf(out, "%s %zu - ", is_ok ? "ok" : "not ok", number);
    put_description(prefix, out);
    put_description(finding->rule->id, out);
    if (finding->subject != NULL) {
        (void)fputc(' ', out);
        put_description(finding->subject, out);
    }
    (void)fputs(": ", out);
    put_description(finding->rule->title, out);
    put_directive(report, finding, out);
    (void)fputc('\n', out);
    if (finding->status != STATUS_PASS)
        put_diagnostic(finding, out);
}

/* What many failures at once amount to, if they do. */
static void put_headline(const char *headline, const char *prefix, FILE *out)
{
    if (headline == NULL)
        return;
    (void)fputs("# ", out);
    put_description(prefix, out);
    put_description(headline, out);
    (void)fputc('\n', out);
}

static void tap_report(const struct report *report, const struct report_style *style, FILE *out)
{
    const struct findings *findings = report->findings;

    (void)style;
    (void)fprintf(out, "TAP version 14\n1..%zu\n", findings->count);
    put_headline(report->headline, "", out);
    for (size_t i = 0; i < findings->count; i++)
        put_finding(report, &findings->rows[i], i + 1, "", out);
}

/*
 * One list of all tests: the process stands before each one's name. The first says whether there is
 * more to see; what has to be said of that follows as comments.
 */
static void tap_reports(const struct report_set *set, const struct report_style *style, FILE *out)
{
    size_t total = 1;
    size_t number = 1;

    (void)style;
    for (size_t i = 0; i < set->count; i++)
        total += set->reports[i].findings->count;
    (void)fprintf(out, "TAP version 14\n1..%zu\n", total);
    (void)fprintf(out, "%s 1 - every container was looked at\n",
                  set->is_complete ? "ok" : "not ok");
    for (size_t i = 0; i < set->notes->count; i++) {
        (void)fputs("# ", out);
        put_description(set->notes->items[i], out);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct report *report = &set->reports[i];
        const char *name = report->name == NULL ? "?" : report->name;
        CLEANUP(mem_free_text) char *prefix = mem_format("process %d (%s) ", report->pid, name);
        put_headline(report->headline, prefix, out);
        for (size_t k = 0; k < report->findings->count; k++)
            put_finding(report, &report->findings->rows[k], ++number, prefix, out);
    }
}

const struct reporter reporter_tap = {
    .name = "tap",
    .summary = "Test Anything Protocol 14, for prove and other harnesses",
    .content_type = "text/plain; charset=utf-8",
    .write = tap_report,
    .write_all = tap_reports,
};
