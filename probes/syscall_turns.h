/*
 * The processes that ask the seccomp filters. What to ask, and what may have to be left undone
 * first, is said in syscall_ask.c.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_TURNS_H
#define WATERTIGHT_PROBES_SYSCALL_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "probes/syscall_ask.h"

/* Room for a signal's frame, which grows with the registers of processors. */
enum { SYSCALL_STACK_SIZE = 64 * 1024, SYSCALL_ASKERS = 2 };

struct syscall_session;

struct syscall_asker {
    struct syscall_session *session;
    int number; /* 0 or 1 */
    pid_t pid;  /* 0: there is none */
    volatile pid_t
        is_living; /* its pid; the kernel makes it 0, and so does who has waited for it */
    char stack[SYSCALL_STACK_SIZE] __attribute__((aligned(16)));
};

/* Shared by all: the caller, who reads results, the guard and the askers. Zeroed at first. */
struct syscall_session {
    const struct syscall_question *questions; /* lent */
    size_t count;
    bool may_use_prctl;         /* the filters do not kill for it */
    pid_t guard;                /* its pid, where getppid(2) can be used; or 0 */
    int listener;               /* of our own filter */
    volatile int failure;       /* why the method cannot be used: an errno value; 0: it can */
    const char *volatile words; /* what failed with it */
    volatile bool is_proven[2]; /* by is_i386: a safe call was answered by our filter */
    volatile int turn;          /* the asker that asks; the other one listens */
    volatile bool is_calling;   /* it is in the call, and nobody has heard of that */
    volatile size_t next;       /* the question that is being asked, or is next */
    volatile size_t heard;      /* one that was let through, counted from 1; 0: none so far */
    struct syscall_asker askers[SYSCALL_ASKERS];
    struct syscall_result results[];
};

/*
 * Asks all questions. The calling process, the guard, is one that may be killed for it, and of
 * whose filters ours stays one; its memory may be that of a process which waits for its end. All
 * went well when failure is 0 and next is count.
 */
void syscall_turns_take(struct syscall_session *session);

/*
 * After the guard's end: whether the askers have ended, too, for which it waits a while, by making
 * no system call. While one is left, the session must stay where it is.
 */
bool syscall_turns_are_over(const struct syscall_session *session);

#endif
