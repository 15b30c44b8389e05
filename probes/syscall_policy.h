/*
 * What the loaded seccomp filters answer to each system call, found out without executing one.
 *
 * The kernel asks every filter and takes the most restrictive answer: KILL, TRAP, ERRNO,
 * USER_NOTIF, TRACE, LOG, ALLOW (seccomp(2)). In a throw-away child, a filter of our own answers
 * calls from one address with TRACE. Without a tracer the kernel then gives ENOSYS instead of
 * executing the call, while what the container's filters answer above TRACE shows through. A second
 * pass answers with USER_NOTIF, and a listener gives an errno value that nobody else uses: it tells
 * a filter's own ENOSYS from a call that is let through.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_POLICY_H
#define WATERTIGHT_PROBES_SYSCALL_POLICY_H

#include <stddef.h>

#include "agent/core/error.h"

enum syscall_action {
    SYSCALL_UNASKED, /* never in a result */
    SYSCALL_ALLOW,   /* let through; SECCOMP_RET_LOG and _TRACE cannot be told from it */
    SYSCALL_ERRNO,   /* refused with code, an errno value */
    SYSCALL_TRAP,
    SYSCALL_KILL,
    SYSCALL_EXEMPT /* the kernel lets it pass every filter (uretprobe, uprobe) */
};

struct syscall_answer {
    enum syscall_action action;
    int code;
};

struct syscall_question {
    int number;
    bool is_exempt; /* not to be asked: it passes every filter and would be executed */
    long arguments[6];
};

/*
 * Finds the answers to count questions. False, with the reason in err, when the method cannot be
 * used here: nothing is guessed then.
 */
bool syscall_policy_read(const struct syscall_question *questions, size_t count,
                         struct syscall_answer *answers, struct error *err) MUST_USE;

#endif
