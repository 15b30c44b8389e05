/*
 * The format prometheus: the text exposition format, for node_exporter's textfile collector and
 * for a scrape. Of each check there is one series, whose label says the status that it has.
 */
#include <inttypes.h>

#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "report/pieces.h"
#include "report/reporter.h"

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

static void put_info(const struct report *report, FILE *out)
{
    CLEANUP(mem_free_text) char *pid = mem_format("%d", report->pid);
    const struct label build[] = {{"version", report->tool_version}};
    const struct label target[] = {
        {"policy", report->policy->name},
        {"source", report->policy->source},
        {"pid", pid},
        {"runtime", facts_text(report->facts, "runtime.name")},
        {"container_id", facts_text(report->facts, "runtime.container_id")},
    };

    put_head("watertight_build_info", "The version of watertight; always 1.", out);
    (void)fputs("watertight_build_info", out);
    put_labels(build, sizeof build / sizeof build[0], out);
    (void)fputs(" 1\n", out);
    put_head("watertight_target_info", "What was checked, and by which policy; always 1.", out);
    (void)fputs("watertight_target_info", out);
    put_labels(target, sizeof target / sizeof target[0], out);
    (void)fputs(" 1\n", out);
}

static void put_verdict(const struct report *report, FILE *out)
{
    put_head("watertight_verdict", "1 for the verdict that the policy gave, 0 for the others.",
             out);
    for (int i = VERDICT_PASS; i <= VERDICT_INCOMPLETE; i++)
        (void)fprintf(out, "watertight_verdict{verdict=\"%s\"} %d\n", verdict_name((enum verdict)i),
                      report->verdict == (enum verdict)i);
}

static void put_checks(const struct findings *findings, FILE *out)
{
    put_head("watertight_checks", "How many checks have each status.", out);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        (void)fprintf(out, "watertight_checks{status=\"%s\"} %zu\n", status_name((enum status)i),
                      findings->totals[i]);
    put_head("watertight_check_status", "Always 1; the label says the status of the check.", out);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        const struct label labels[] = {
            {"rule", finding->rule->id},
            {"subject", finding->subject},
            {"severity", severity_name(finding->rule->severity)},
            {"status", status_name(finding->status)},
        };
        (void)fputs("watertight_check_status", out);
        put_labels(labels, sizeof labels / sizeof labels[0], out);
        (void)fputs(" 1\n", out);
    }
}

static void put_time(const struct report *report, FILE *out)
{
    int64_t started = 0;

    put_head("watertight_run_duration_seconds", "How long the run took.", out);
    (void)fprintf(out, "watertight_run_duration_seconds %.6f\n", report->duration_ms / 1e3);
    if (!date_time_parse(report->started, &started))
        return;
    put_head("watertight_last_run_timestamp_seconds", "When the run started, since 1970.", out);
    (void)fprintf(out, "watertight_last_run_timestamp_seconds %" PRId64 "\n", started);
}

static void prometheus_report(const struct report *report, const struct report_style *style,
                              FILE *out)
{
    (void)style;
    put_info(report, out);
    put_verdict(report, out);
    put_checks(report->findings, out);
    put_time(report, out);
}

const struct reporter reporter_prometheus = {
    .name = "prometheus",
    .summary = "metrics, for Prometheus and node_exporter's textfile collector",
    .content_type = "text/plain; version=0.0.4; charset=utf-8",
    .write = prometheus_report,
};
