/*
 * What filters answer, as facts and policies call it: allow, errno(EPERM), trap, kill, notify; and
 * exempt, of calls that no filter is asked about.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_ACTION_H
#define WATERTIGHT_PROBES_SYSCALL_ACTION_H

#include "agent/core/vocabulary.h"
#include "probes/syscall_policy.h"

enum { SYSCALL_ACTION_NAME_MAX = 32 };

/* The name of an answer that a filter can give; a constant, or buffer. */
const char *syscall_action_name(struct syscall_answer answer,
                                char buffer[static SYSCALL_ACTION_NAME_MAX]);

extern const struct vocabulary syscall_action_vocabulary;

#endif
