/*
 * serve: checks on an interval, and answers HTTP with what the latest check gave.
 */
#include "agent/assess_all.h"
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/say.h"
#include "agent/serve.h"
#include "agent/serve_options.h"

static int serve_command_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct serve_options settings;
    struct error err = {0};

    if (!serve_options_read(options, &settings, &err) ||
        !assessment_open_for_all(options, &assessment, &err) ||
        (options_has(options, OPTION_ALL) && !assess_all_check(&assessment, &err))) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    return serve_run(&settings, &assessment);
}

const struct command command_serve = {
    .id = COMMAND_SERVE,
    .name = "serve",
    .summary = "check on an interval, and answer HTTP (a sidecar)",
    .notes = "Defaults: --listen 127.0.0.1:9797 --interval 30s --ready-when pass\n"
             "Paths: /livez, /readyz (200 or 503), /report, /metrics, /. SIGHUP reloads.\n",
    .run = serve_command_run,
};
