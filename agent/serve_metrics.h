/*
 * The answer of /metrics, in Prometheus' text format: the latest report as the format prometheus
 * has it, and what only the server knows.
 */
#ifndef WATERTIGHT_AGENT_SERVE_METRICS_H
#define WATERTIGHT_AGENT_SERVE_METRICS_H

#include "agent/serve_state.h"

extern const char metrics_content_type[];

/* now_ms as in serve_state.h. */
void metrics_write(const struct serve_state *state, int64_t now_ms, FILE *out);

#endif
