/*
 * judge: judges saved facts again, under any policy. Looks at no container.
 */
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/say.h"

static int judge_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct error err = {0};

    if (!assessment_open(options, assessment_format, &assessment, &err) ||
        !assessment_load(&assessment, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    return assessment_judge(&assessment);
}

const struct command command_judge = {
    .id = COMMAND_JUDGE,
    .name = "judge",
    .operand = "FILE",
    .summary = "judge saved facts (\"-\": stdin) again, under any policy",
    .notes = "FILE is what \"watertight observe\" printed, or a report in the format json.\n"
             "What was not observed then stays unknown: a path that only this policy names.\n"
             "Defaults, variables and exit status are those of \"watertight check\".\n",
    .run = judge_run,
};
