/*
 * check: observe, judge, report.
 */
#include "agent/assess_all.h"
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/say.h"

static int check_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct error err = {0};

    bool is_all = options_has(options, OPTION_ALL);
    if (!assessment_open(options, assessment_format, &assessment, &err) ||
        !(is_all ? assess_all_check(&assessment, &err) : assessment_observe(&assessment, &err))) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    if (is_all)
        return assess_all(&assessment);
    return assessment_judge(&assessment);
}

const struct command command_check = {
    .id = COMMAND_CHECK,
    .name = "check",
    .summary = "observe, judge, report (the default)",
    .notes = "Defaults: -p hardened -f text. A variable, as WATERTIGHT_PID, is an option, too.\n"
             "Exit status: 0 watertight, 1 a finding at or above --fail-on, 2 incomplete.\n",
    .run = check_run,
};
