/*
 * The commands. One file cmd_NAME.c each, ending in its const struct; main.c holds the table.
 */
#ifndef WATERTIGHT_AGENT_COMMANDS_H
#define WATERTIGHT_AGENT_COMMANDS_H

enum exit_status {
    EXIT_WATERTIGHT = 0,
    EXIT_FINDINGS = 1,   /* at least one at or above --fail-on */
    EXIT_INCOMPLETE = 2, /* nothing failed, something could not be determined */
    EXIT_USAGE = 64,     /* also: an invalid policy or facts file */
    EXIT_INTERNAL = 70,
    EXIT_OUTPUT = 74 /* something could not be written in full */
};

/* The order is that of the help. */
enum command_id {
    COMMAND_CHECK,
    COMMAND_OBSERVE,
    COMMAND_JUDGE,
    COMMAND_FIX,
    COMMAND_SERVE,
    COMMAND_SECCOMP,
    COMMAND_LIST,
    COMMAND_EXPLAIN,
    COMMAND_INSTALL
};
enum { COMMAND_COUNT = COMMAND_INSTALL + 1 };

struct options;

struct command {
    enum command_id id;
    const char *name;
    const char *operand; /* what its one argument is called, "[FILE]": it may be left out; NULL: it
                            takes none */
    const char *summary; /* one line for the overview */
    const char *notes;   /* what its own help says below the options; ends with a newline */
    /* Does the job. Says on stderr what went wrong. Returns the exit status. */
    int (*run)(const struct options *options);
};

extern const struct command command_check;
extern const struct command command_observe;
extern const struct command command_judge;
extern const struct command command_fix;
extern const struct command command_serve;
extern const struct command command_seccomp;
extern const struct command command_list;
extern const struct command command_explain;
extern const struct command command_install;

#endif
