/*
 * seccomp: prints the system-call policy in force. Judges nothing.
 */
#include <string.h>

#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/options.h"
#include "agent/output.h"
#include "agent/say.h"
#include "agent/seccomp_print.h"
#include "agent/terminal.h"
#include "probes/observe.h"

static void write_text(const struct facts *facts, FILE *out)
{
    seccomp_print_text(facts, (size_t)terminal_width(), out);
}

static const struct form {
    const char *name;
    void (*write)(const struct facts *facts, FILE *out);
} forms[] = {
    {"text", write_text},
    {"json", seccomp_print_json},
    {"profile", seccomp_print_profile},
};

enum { FORM_COUNT = sizeof forms / sizeof forms[0], FORM_PROFILE = 2 };

static const char *form_name(size_t index)
{
    return index < FORM_COUNT ? forms[index].name : NULL;
}

static bool plan(const struct options *options, struct outputs *out, struct error *err)
{
    if (!outputs_plan(options, form_name, out, err))
        return false;
    if (!options_has(options, OPTION_PROFILE))
        return true;
    if (options_has(options, OPTION_FORMAT))
        return error_set(err, "--profile is --format profile: give one of them");
    out->rows[0].format = FORM_PROFILE;
    return true;
}

/* Whether the answers are known; says why not. */
static bool is_known(const struct facts *facts)
{
    static const char *const keys[] = {"seccomp.syscalls", "seccomp.calls"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct fact *row = facts_find(facts, keys[i], NULL);
        if (row == NULL || row->state != FACT_UNKNOWN)
            continue;
        say("%s could not be determined: %s", keys[i], row->reason);
        return false;
    }
    return true;
}

static int write_all(const struct outputs *outputs, const struct facts *facts)
{
    struct error err = {0};
    int status = EXIT_WATERTIGHT;

    for (size_t i = 0; i < outputs->count; i++) {
        struct output_buffer buffer;
        output_buffer_open(&buffer);
        forms[outputs->rows[i].format].write(facts, buffer.stream);
        if (output_buffer_send(&buffer, outputs->rows[i].destination, &err))
            continue;
        say("%s", err.text);
        status = EXIT_OUTPUT;
    }
    return status;
}

static int seccomp_run(const struct options *options)
{
    CLEANUP(outputs_free) struct outputs outputs = {0};
    CLEANUP(facts_free) struct facts facts = {0};
    struct observe_request request = {.wants_all = true};
    struct error err = {0};

    if (!plan(options, &outputs, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    observe_self(&request, &facts);
    if (!is_known(&facts))
        return EXIT_INCOMPLETE;
    return write_all(&outputs, &facts);
}

const struct command command_seccomp = {
    .id = COMMAND_SECCOMP,
    .name = "seccomp",
    .summary = "print the system-call policy in force",
    .notes = "FORMAT is text (the default), json, or profile: an OCI profile in JSON that\n"
             "gives the same answers, to start from. What was asked is every call, and some\n"
             "with arguments; nothing is executed. To compare with a profile: \"watertight\n"
             "check --only seccomp.profile --seccomp-profile FILE\".\n"
             "Exit status: 0, or 2 where the policy cannot be determined.\n",
    .run = seccomp_run,
};
