/*
 * fix: the change of the configuration that would make the check pass. Applies nothing.
 */
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/fix.h"
#include "agent/core/mem.h"
#include "agent/say.h"
#include "report/fix_format.h"

static const char *format_name(size_t index)
{
    const struct fix_format *format = fix_format_at(index);

    return format == NULL ? NULL : format->name;
}

static bool write_all(const struct assessment *assessment, const struct findings *findings,
                      const struct fix *fix)
{
    bool is_whole = true;
    struct error err = {0};

    for (size_t i = 0; i < assessment->outputs.count; i++) {
        const struct output *output = &assessment->outputs.rows[i];
        struct output_buffer buffer;
        output_buffer_open(&buffer);
        fix_format_at(output->format)->write(fix, findings, &assessment->policy, buffer.stream);
        if (output_buffer_send(&buffer, output->destination, &err))
            continue;
        say("%s", err.text);
        is_whole = false;
    }
    return is_whole;
}

/* Whether something fails that the change, in one of the formats asked for, does not mend. */
static bool has_rest(const struct assessment *assessment, const struct fix *fix)
{
    for (size_t i = 0; i < assessment->outputs.count; i++) {
        const struct fix_format *format = fix_format_at(assessment->outputs.rows[i].format);
        for (size_t k = format->first; k <= (size_t)format->last; k++) {
            if (fix->changes[k].rest_count > 0)
                return true;
        }
    }
    return false;
}

static int fix_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    CLEANUP(findings_free) struct findings findings = {0};
    CLEANUP(fix_free) struct fix fix = {0};
    struct error err = {0};

    bool is_saved = options->operand != NULL;
    bool is_open = assessment_open(options, format_name, &assessment, &err);
    assessment.wants_all = true; /* what to change depends on more than what is judged */
    if (!is_open ||
        !(is_saved ? assessment_load(&assessment, &err) : assessment_observe(&assessment, &err))) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    (void)assessment_conclude(&assessment, &findings);
    fix_plan(&assessment.facts, &assessment.policy, &findings, &fix);
    if (!write_all(&assessment, &findings, &fix))
        return EXIT_OUTPUT;
    if (has_rest(&assessment, &fix))
        return EXIT_FINDINGS;
    return fix.unknown > 0 ? EXIT_INCOMPLETE : EXIT_WATERTIGHT;
}

const struct command command_fix = {
    .id = COMMAND_FIX,
    .name = "fix",
    .operand = "[FILE]",
    .summary = "print the configuration that would pass",
    .notes = "FORMAT is text (the default: all), docker, compose or kubernetes.\n"
             "FILE holds saved facts, as for \"watertight judge\"; without it, this container.\n"
             "Exit status: 0 the change answers everything, 1 something that configuration\n"
             "cannot fix is left, 2 something could not be determined.\n",
    .run = fix_run,
};
