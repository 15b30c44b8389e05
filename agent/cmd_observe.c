/*
 * observe: prints the facts as JSON, for `judge`. Judges nothing: the policy only says which paths
 * are tried.
 */
#include "agent/assessment.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/output.h"
#include "agent/say.h"
#include "report/facts.h"

static int observe_run(const struct options *options)
{
    CLEANUP(assessment_free) struct assessment assessment = {0};
    struct output_buffer buffer;
    struct error err = {0};

    bool is_open = assessment_open(options, assessment_format, &assessment, &err);
    assessment.is_survey = true;
    if (!is_open || !assessment_observe(&assessment, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    struct report report = assessment_report(&assessment);
    output_buffer_open(&buffer);
    report_facts_write(&report, buffer.stream);
    if (output_buffer_send(&buffer, "-", &err))
        return EXIT_WATERTIGHT;
    say("%s", err.text);
    return EXIT_OUTPUT;
}

const struct command command_observe = {
    .id = COMMAND_OBSERVE,
    .name = "observe",
    .summary = "print the facts as JSON, without judging",
    .notes = "The policy (default: hardened) says which paths are tried for writing.\n"
             "\"watertight judge\" judges the facts, here or elsewhere, under any policy.\n"
             "Each option also reads a variable, as WATERTIGHT_POLICY; the command line wins.\n",
    .run = observe_run,
};
