/*
 * The parser of /proc/PID/stat (proc(5)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_PROCESS_STAT_H
#define WATERTIGHT_PROBES_PROCESS_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/core/error.h"

enum { PROCESS_NAME_MAX = 64 }; /* of a kernel's worker; a program's name has at most 15 bytes */

struct process_stat {
    pid_t pid;                   /* in the PID namespace of the procfs */
    char name[PROCESS_NAME_MAX]; /* any bytes but '\0' */
    char state;                  /* R, S, D, T, t, Z, X, … */
    pid_t parent;                /* 0: it is outside the PID namespace */
    bool is_kernel_thread;
    uint64_t threads;
    uint64_t started; /* clock ticks since the machine's start */
};

/* False, with the reason in err, for a text that is not one line of such fields. */
bool process_stat_parse(const char *text, size_t length, struct process_stat *out,
                        struct error *err) MUST_USE;

/* A process that has ended, and only waits for its parent. */
bool process_stat_has_ended(const struct process_stat *stat);

#endif
