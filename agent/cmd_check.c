/*
 * check: observe, judge, report.
 */
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/say.h"

static int check_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct error err = {0};

    if (!assessment_open(options, assessment_format, &assessment, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    assessment_observe(&assessment);
    return assessment_judge(&assessment);
}

const struct command command_check = {
    .id = COMMAND_CHECK,
    .name = "check",
    .summary = "observe, judge, report (the default)",
    .notes = "Defaults: --policy hardened --format text --color auto; --fail-on: the policy's.\n"
             "Each option also reads a variable, as WATERTIGHT_FAIL_ON; the command line wins.\n"
             "\"watertight list policies\", \"list formats\", \"list rules\" show what there is.\n"
             "Exit status: 0 watertight, 1 a finding at or above --fail-on, 2 incomplete.\n",
    .run = check_run,
};
