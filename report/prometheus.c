/*
 * The format prometheus: the text exposition format, for node_exporter's textfile collector and
 * for a scrape. Of each check there is one series, whose label says the status that it has.
 *
 * Of several containers the metrics are the same, with labels that say whose they are. So many
 * series cost whoever stores them: a check has one only where it is neither pass nor skip, the most
 * severe first, up to a limit; how many checks of each rule have each status is counted for all.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "report/pieces.h"
#include "report/reporter.h"

enum { SERIES_MAX = 5000 }; /* of checks, of all containers together: about 1 MB */

struct label {
    const char *name;
    const char *value; /* NULL is written as "", which Prometheus takes for no label */
};

/* In a label's value '\', '"' and a line break are escaped, and UTF-8 is a must. */
static void put_value(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '\n')
            (void)fputs("\\n", out);
        else if (*at == '\\' || *at == '"')
            (void)fprintf(out, "\\%c", *at);
        else
            (void)fputc(*at, out);
    }
}

static void put_labels(const struct label *labels, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
        put_value(labels[i].value == NULL ? "" : labels[i].value, out);
        (void)fputc('"', out);
    }
    (void)fputc('}', out);
}

/* Every metric is a gauge: one run knows nothing of the others. */
static void put_head(const char *name, const char *help, FILE *out)
{
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* Of this many labels. */
static void put_series(const char *name, const struct label *labels, size_t count, FILE *out)
{
    (void)fputs(name, out);
    put_labels(labels, count, out);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void put_build(const char *version, FILE *out)
{
    const struct label labels[] = {{"version", version}};

    put_head("watertight_build_info", "The version of watertight; always 1.", out);
    put_series("watertight_build_info", labels, COUNT(labels), out);
    (void)fputs(" 1\n", out);
}

static void put_target_head(FILE *out)
{
    put_head("watertight_target_info", "What was checked, and by which policy; always 1.", out);
}

static void put_target(const struct report *report, const char *name, FILE *out)
{
    CLEANUP(mem_free_text) char *pid = mem_format("%d", report->pid);
    const struct label labels[] = {
        {"policy", report->policy->name},
        {"source", report->policy->source},
        {"pid", pid},
        {"runtime", facts_text(report->facts, "runtime.name")},
        {"container_id", facts_text(report->facts, "runtime.container_id")},
        {"name", name},
    };

    put_series("watertight_target_info", labels, COUNT(labels) - (name == NULL), out);
    (void)fputs(" 1\n", out);
}

/* Whose a series is, one of several; written once and used for all of them. */
static char *whose_labels(const struct report *report)
{
    CLEANUP(mem_free_text) char *pid = mem_format("%d", report->pid);
    const struct label labels[] = {
        {"pid", pid},
        {"name", report->name},
        {"container_id", facts_text(report->facts, "runtime.container_id")},
    };
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        out_of_memory();
    put_labels(labels, COUNT(labels), out);
    if (fclose(out) != 0)
        out_of_memory();
    text[length - 1] = ','; /* more follow */
    return text;
}

static void put_verdict_head(FILE *out)
{
    put_head("watertight_verdict", "1 for the verdict that the policy gave, 0 for the others.",
             out);
}

/* whose: labels that stand before, or "{". */
static void put_verdict(const struct report *report, const char *whose, FILE *out)
{
    for (int i = VERDICT_PASS; i <= VERDICT_INCOMPLETE; i++)
        (void)fprintf(out, "watertight_verdict%sverdict=\"%s\"} %d\n", whose,
                      verdict_name((enum verdict)i), report->verdict == (enum verdict)i);
}

static void put_totals_head(FILE *out)
{
    put_head("watertight_checks", "How many checks have each status.", out);
}

static void put_totals(const struct findings *findings, const char *whose, FILE *out)
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        (void)fprintf(out, "watertight_checks%sstatus=\"%s\"} %zu\n", whose,
                      status_name((enum status)i), findings->totals[i]);
}

static void put_checks_head(FILE *out)
{
    put_head("watertight_check_status", "Always 1; the label says the status of the check.", out);
}

static void put_check(const struct finding *finding, const char *whose, FILE *out)
{
    (void)fprintf(out, "watertight_check_status%srule=\"", whose);
    put_value(finding->rule->id, out);
    (void)fputs("\",subject=\"", out);
    put_value(finding->subject == NULL ? "" : finding->subject, out);
    (void)fprintf(out, "\",severity=\"%s\",status=\"%s\"} 1\n",
                  severity_name(finding->rule->severity), status_name(finding->status));
}

static void put_time(const char *started, double duration_ms, FILE *out)
{
    int64_t seconds = 0;

    put_head("watertight_run_duration_seconds", "How long the run took.", out);
    (void)fprintf(out, "watertight_run_duration_seconds %.6f\n", duration_ms / 1e3);
    if (!date_time_parse(started, &seconds))
        return;
    put_head("watertight_last_run_timestamp_seconds", "When the run started, since 1970.", out);
    (void)fprintf(out, "watertight_last_run_timestamp_seconds %" PRId64 "\n", seconds);
}

static void prometheus_report(const struct report *report, const struct report_style *style,
                              FILE *out)
{
    (void)style;
    put_build(report->tool_version, out);
    put_target_head(out);
    put_target(report, NULL, out);
    put_verdict_head(out);
    put_verdict(report, "{", out);
    put_totals_head(out);
    put_totals(report->findings, "{", out);
    put_checks_head(out);
    for (size_t i = 0; i < report->findings->count; i++)
        put_check(&report->findings->rows[i], "{", out);
    put_time(report->started, report->duration_ms, out);
}

/* --- several containers --------------------------------------------------------------------- */

static void put_containers(const struct report_set *set, FILE *out)
{
    size_t counts[] = {[VERDICT_PASS] = 0, [VERDICT_FAIL] = 0, [VERDICT_INCOMPLETE] = 0};

    for (size_t i = 0; i < set->count; i++)
        counts[set->reports[i].verdict]++;
    put_head("watertight_containers", "How many containers have each verdict.", out);
    for (size_t i = 0; i < COUNT(counts); i++)
        (void)fprintf(out, "watertight_containers{verdict=\"%s\"} %zu\n",
                      verdict_name((enum verdict)i), counts[i]);
    put_head("watertight_unseen", "1 where there may be a container that was not looked at.", out);
    (void)fprintf(out, "watertight_unseen %d\n", set->has_unseen);
}

static void count_checks(const struct report_set *set, const struct rule *rule,
                         size_t counts[static STATUS_COUNT])
{
    for (size_t i = 0; i < set->count; i++) {
        const struct findings *findings = set->reports[i].findings;
        for (size_t k = 0; k < findings->count; k++)
            counts[findings->rows[k].status] += findings->rows[k].rule == rule;
    }
}

/* All are judged by one policy, whose rules they share. */
static void put_rules(const struct report_set *set, FILE *out)
{
    put_head("watertight_rule_checks", "How many checks of a rule have each status.", out);
    for (size_t i = 0; i < set->policy->rule_count; i++) {
        const struct rule *rule = &set->policy->rules[i];
        size_t counts[STATUS_COUNT] = {0};
        count_checks(set, rule, counts);
        for (size_t k = 0; k < STATUS_COUNT; k++) {
            const struct label labels[] = {{"rule", rule->id},
                                           {"severity", severity_name(rule->severity)},
                                           {"status", status_name((enum status)k)}};
            if (counts[k] == 0)
                continue;
            put_series("watertight_rule_checks", labels, COUNT(labels), out);
            (void)fprintf(out, " %zu\n", counts[k]);
        }
    }
}

static bool is_told(const struct finding *finding, enum severity severity)
{
    return finding->rule->severity == severity && finding->status != STATUS_PASS &&
           finding->status != STATUS_SKIP;
}

static void put_severity(const struct findings *findings, enum severity severity, const char *whose,
                         size_t *told, FILE *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (is_told(&findings->rows[i], severity) && (*told)++ < SERIES_MAX)
            put_check(&findings->rows[i], whose, out);
    }
}

static void put_all_checks(const struct report_set *set, char *const *whose, FILE *out)
{
    size_t told = 0;

    put_checks_head(out);
    for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_LOW; severity--) {
        for (size_t i = 0; i < set->count; i++)
            put_severity(set->reports[i].findings, (enum severity)severity, whose[i], &told, out);
    }
    put_head("watertight_check_status_omitted",
             "How many checks have no series for being too many.", out);
    (void)fprintf(out, "watertight_check_status_omitted %zu\n",
                  told > SERIES_MAX ? told - SERIES_MAX : 0);
}

static void prometheus_reports(const struct report_set *set, const struct report_style *style,
                               FILE *out)
{
    char **whose = mem_new(set->count, sizeof *whose);

    (void)style;
    put_build(set->tool_version, out);
    put_containers(set, out);
    put_target_head(out);
    for (size_t i = 0; i < set->count; i++) {
        const struct report *report = &set->reports[i];
        whose[i] = whose_labels(report);
        put_target(report, report->name == NULL ? "" : report->name, out);
    }
    put_verdict_head(out);
    for (size_t i = 0; i < set->count; i++)
        put_verdict(&set->reports[i], whose[i], out);
    put_totals_head(out);
    for (size_t i = 0; i < set->count; i++)
        put_totals(set->reports[i].findings, whose[i], out);
    put_rules(set, out);
    put_all_checks(set, whose, out);
    put_time(set->started, set->duration_ms, out);
    for (size_t i = 0; i < set->count; i++)
        free(whose[i]);
    free(whose);
}

const struct reporter reporter_prometheus = {
    .name = "prometheus",
    .summary = "metrics, for Prometheus and node_exporter's textfile collector",
    .content_type = "text/plain; version=0.0.4; charset=utf-8",
    .write = prometheus_report,
    .write_all = prometheus_reports,
};
