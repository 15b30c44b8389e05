/*
 * Calls whose arguments a filter may look at: namespaces, socket families, ioctl(2) requests.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_CALLS_H
#define WATERTIGHT_PROBES_SYSCALL_CALLS_H

#include <stddef.h>

#include "agent/core/vocabulary.h"
#include "probes/syscall_policy.h"

struct syscall_call {
    const char *name; /* "clone(CLONE_NEWUSER)" */
    const char *call; /* "clone" */
    struct syscall_question question;
};

/* The calls in order; *count of them. Constants. */
const struct syscall_call *syscall_calls(size_t *count);

/* Their names. */
extern const struct vocabulary syscall_call_vocabulary;

#endif
