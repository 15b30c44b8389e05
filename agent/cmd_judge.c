/*
 * judge: judges saved facts again, under any policy. Looks at no container.
 */
#include <string.h>

#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/say.h"

static bool load_all(const struct options *options, struct assessment *out, struct error *err)
{
    const char *file = options->operand;

    if (strcmp(file, "-") == 0 && strcmp(options_word(options, OPTION_POLICY, ""), "-") == 0)
        return error_set(err, "the facts and the policy cannot both come from standard input");
    if (!assessment_open(options, out, err) ||
        !facts_load(file, &out->catalog, &out->facts, &out->origin, err))
        return false;
    assessment_compare(out);
    return true;
}

static int judge_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct error err = {0};

    if (!load_all(options, &assessment, &err)) {
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
