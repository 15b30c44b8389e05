/*
 * The server: checks on an interval, answers HTTP, prints what changes.
 */
#ifndef WATERTIGHT_AGENT_SERVE_H
#define WATERTIGHT_AGENT_SERVE_H

#include "agent/assessment.h"
#include "agent/serve_options.h"

/*
 * Serves until SIGTERM or SIGINT. assessment is open, and holds another policy after a SIGHUP. Says
 * on stderr what goes wrong. Returns the exit status.
 */
int serve_run(const struct serve_options *options, struct assessment *assessment);

#endif
