/*
 * Calls of i386 that do what a call of x86-64 does, under another name or among other things.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_RELATIVES_H
#define WATERTIGHT_PROBES_SYSCALL_RELATIVES_H

#include <stddef.h>

struct syscall_relative {
    int native;       /* the number of the call of x86-64 */
    const char *i386; /* the name of the other */
    long part[6];     /* its arguments: the first says which of many things is meant; or 0 */
};

/* All of them; *count. Constants. Source: the kernel's syscall_32.tbl, socketcall(2), ipc(2). */
const struct syscall_relative *syscall_relatives(size_t *count);

#endif
