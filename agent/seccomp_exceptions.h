/*
 * What is known of a call's arguments: the values that change its answer. From facts, for whoever
 * writes a profile; a profile says it by conditions.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_EXCEPTIONS_H
#define WATERTIGHT_AGENT_SECCOMP_EXCEPTIONS_H

#include <stdint.h>

#include "agent/core/fact.h"

enum { SECCOMP_EXCEPTIONS_MAX = 64, SECCOMP_SECOND_INDEX = 2 }; /* of socket(2): the protocol */

/* A flag of an argument (namespaces), or its whole value, that changes the answer. */
struct seccomp_exception {
    uint64_t value;
    const char *action; /* lent */
    /* With one value of another argument the answer is yet another one; NULL: it is not. */
    const char *second_action;
    uint64_t second;
};

struct seccomp_exceptions {
    const char *name;   /* of the call, lent */
    const char *action; /* without arguments, lent */
    int index;          /* of the argument */
    bool are_flags;
    bool is_whole;                                         /* the rows say it all */
    struct seccomp_exception rows[SECCOMP_EXCEPTIONS_MAX]; /* by value */
    size_t count;
    struct strset asked; /* owned; "socket(AF_ALG): errno(EPERM)": all that differ, in words */
};

/*
 * What the facts seccomp.calls say of the call of that name, whose answer without arguments is
 * action. The caller frees asked.
 */
struct seccomp_exceptions seccomp_exceptions_find(const struct facts *facts, const char *name,
                                                  const char *action);

#endif
