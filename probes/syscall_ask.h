/*
 * Asks the loaded seccomp filters about system calls. It gives what came back; what that means, and
 * whether to trust it, is said elsewhere (syscall_policy.h).
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_ASK_H
#define WATERTIGHT_PROBES_SYSCALL_ASK_H

#include <stddef.h>

#include "agent/core/error.h"

struct syscall_question {
    int number;
    bool is_i386; /* by int $0x80, with a number of that ABI; only where x86-64 is native */
    bool is_safe; /* no harm if it were executed: may be asked before that is known not to happen */
    /* Earlier questions, counted from 1, that make this one needless; 0: none. */
    unsigned short unless_allowed; /* when the filters let that one through */
    unsigned short unless_denied;  /* when they do not */
    const long *arguments;         /* lent: six; NULL: all are 0 */
};

enum syscall_end {
    SYSCALL_SKIPPED,  /* not asked: needless, or not proved that nothing is executed */
    SYSCALL_RETURNED, /* a filter of the container gave value, or the kernel executed the call */
    SYSCALL_NOTIFIED, /* our own filter was heard: the container's let the call through */
    SYSCALL_TRAPPED,  /* SIGSYS with a handler: SECCOMP_RET_TRAP */
    SYSCALL_DIED      /* it ended the process; value is the signal, 0 when it exited */
};

struct syscall_result {
    enum syscall_end end;
    long value;
};

/*
 * Asks count questions in order, in throw-away children that have the filter of syscall_filter.h.
 * Those that are not safe are asked once a safe one before them, by the same instruction, was
 * answered by our filter, and as long as no safe one was executed. False, with the reason in err,
 * where the method cannot be used.
 */
bool syscall_ask(const struct syscall_question *questions, size_t count,
                 struct syscall_result *results, struct error *err) MUST_USE;

#endif
