/*
 * What the loaded seccomp filters answer to each system call, found out without executing one.
 *
 * The kernel asks every filter and takes the most restrictive answer: KILL, TRAP, ERRNO,
 * USER_NOTIF, TRACE, LOG, ALLOW (seccomp(2)). In a throw-away child, a filter of our own answers
 * calls from one address with USER_NOTIF, and a listener of our own refuses them: the kernel never
 * executes them, what the container's filters answer above USER_NOTIF shows through, and that the
 * listener was asked tells a call that they let through from one that they refuse, with ENOSYS or
 * whatever else. TRACE would do for all but that; it needs no second process, but a tracer
 * (PTRACE_O_TRACESECCOMP) could take it for its own and have the call executed.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_POLICY_H
#define WATERTIGHT_PROBES_SYSCALL_POLICY_H

#include <stddef.h>

#include "agent/core/error.h"
#include "probes/syscall_ask.h"

enum syscall_action {
    /*
     * Let through. It cannot be told from SECCOMP_RET_LOG, from SECCOMP_RET_TRACE, nor from
     * SECCOMP_RET_USER_NOTIF of a filter whose listener is gone, which are ours to outrank.
     */
    SYSCALL_ALLOW,
    SYSCALL_ERRNO, /* refused with code, an errno value */
    SYSCALL_TRAP,
    SYSCALL_KILL,
    SYSCALL_NOTIFY, /* handed to a listener: only where the filters themselves were read */
    SYSCALL_FAULT,  /* SIGSEGV, no filter's answer: this kernel has no int $0x80 */
    SYSCALL_UNASKED /* needless by its own conditions, or not proved to be harmless */
};

struct syscall_answer {
    enum syscall_action action;
    int code;
};

/*
 * Finds the answers to count questions. False, with the reason in err, when the method cannot be
 * used here, or the answer to one means nothing known: nothing is guessed then.
 */
bool syscall_policy_read(const struct syscall_question *questions, size_t count,
                         struct syscall_answer *answers, struct error *err) MUST_USE;

#endif
