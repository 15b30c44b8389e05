/*
 * The command line and the environment as values. Driven by one table of options; knows nothing of
 * what the values mean, beyond the fixed words of some.
 */
#ifndef WATERTIGHT_AGENT_OPTIONS_H
#define WATERTIGHT_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/commands.h"
#include "agent/core/error.h"

/* The order is that of the help. */
enum option_id {
    OPTION_POLICY,
    OPTION_FORMAT,
    OPTION_ONLY,
    OPTION_SKIP,
    OPTION_ALLOW_CAP,
    OPTION_WRITABLE,
    OPTION_READ_ONLY,
    OPTION_SECCOMP_PROFILE,
    OPTION_FAIL_ON,
    OPTION_PID,
    OPTION_ALL,
    OPTION_ENTER,
    OPTION_FAST,
    OPTION_LISTEN,
    OPTION_INTERVAL,
    OPTION_READY_WHEN,
    OPTION_PROFILE,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_VERSION
};
enum { OPTION_COUNT = OPTION_VERSION + 1 };

enum option_kind {
    OPTION_KIND_FLAG, /* no value */
    OPTION_KIND_WORD, /* one value; the last one counts */
    OPTION_KIND_LIST  /* values add up, and commas separate them */
};

struct option_row {
    const char *name; /* without the dashes; WATERTIGHT_<NAME> is the environment variable */
    char letter;      /* of the short option, or 0 */
    enum option_kind kind;
    const char *argument; /* what the value is called, NULL for a flag */
    const char *help;
    unsigned commands;                 /* bit 1 << command_id: the commands that have it */
    bool has_variable;                 /* the environment is read too */
    const char *(*choices)(size_t at); /* the only words allowed, NULL past the end; or NULL */
};

struct option_values {
    char **items; /* owned; a flag that is on has one item */
    size_t count, capacity;
    bool is_from_environment;
};

struct options {
    struct option_values values[OPTION_COUNT];
    struct option_values words; /* the arguments that are not options, the command's name first */
    const char *operand;        /* lent from words by options_settle; NULL: none */
};

/* By option_id. */
extern const struct option_row option_rows[OPTION_COUNT];

/*
 * Reads the command line into out, which the caller zeroed and frees (also on failure). Which
 * command it is, and whether that has the options, is not looked at. See getopt_long(3).
 */
bool options_parse(int argc, char **argv, struct options *out, struct error *err) MUST_USE;

/*
 * Fits what was read to the command: refuses options that it does not have, takes its argument from
 * the words behind the first `used` ones, and reads the environment for the options that were not
 * given.
 */
bool options_settle(struct options *options, const struct command *command, size_t used,
                    struct error *err) MUST_USE;

bool options_has(const struct options *options, enum option_id id);
/* The word given, lent, or otherwise. */
const char *options_word(const struct options *options, enum option_id id, const char *otherwise);
/* Where the values came from, for messages: "--only" or "WATERTIGHT_ONLY". The caller frees it. */
char *options_origin(const struct options *options, enum option_id id);

void options_free(struct options *options);

#endif
