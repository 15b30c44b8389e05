/*
 * Metrics. See serve_metrics.h.
 */
#include "agent/serve_metrics.h"

#include <inttypes.h>

#include "report/reporter.h"

const char metrics_content_type[] = "text/plain; version=0.0.4; charset=utf-8";

static void put_head(const char *name, const char *type, const char *help, FILE *out)
{
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The names here and there must differ: a metric has one block. */
static void put_page(const struct result *result, FILE *out)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        if (reporter_at(i) == reporter_find("prometheus") && result->pages[i].data != NULL)
            (void)fwrite(result->pages[i].data, 1, result->pages[i].length, out);
    }
}

void metrics_write(const struct serve_state *state, int64_t now_ms, FILE *out)
{
    bool is_ready = serve_readiness(state, now_ms) == READINESS_READY;

    if (state->result != NULL)
        put_page(state->result, out);
    put_head("watertight_ready", "gauge", "1 when /readyz answers 200, else 0.", out);
    (void)fprintf(out, "watertight_ready %d\n", is_ready);
    put_head("watertight_interval_seconds", "gauge", "How often it is checked.", out);
    (void)fprintf(out, "watertight_interval_seconds %.3f\n", (double)state->interval_ms / 1e3);
    put_head("watertight_runs_total", "counter", "Runs that have ended; none: without a result.",
             out);
    (void)fprintf(out,
                  "watertight_runs_total{result=\"report\"} %" PRIu64
                  "\nwatertight_runs_total{result=\"none\"} %" PRIu64 "\n",
                  state->runs - state->failed_runs, state->failed_runs);
    put_head("process_start_time_seconds", "gauge", "When the server started, since 1970.", out);
    (void)fprintf(out, "process_start_time_seconds %" PRId64 "\n", state->started_at);
}
