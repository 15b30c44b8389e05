/*
 * Names of system calls, by libseccomp.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_NAME_H
#define WATERTIGHT_PROBES_SYSCALL_NAME_H

#include <stddef.h>

#include "agent/core/vocabulary.h"

struct syscall_name {
    int number;
    int i386;      /* its number there; negative: i386 has no such call */
    char name[24]; /* no pointer, which would have to be relocated in each run */
};

/* Every call of this architecture that libseccomp names, sorted by name; *count of them. */
const struct syscall_name *syscall_names(size_t *count);

/* The number of a call in the ABIs of x86; negative where it has no such call. x32's bit is set. */
int syscall_number_i386(const char *name);
int syscall_number_x32(const char *name);

/*
 * uretprobe and uprobe pass every filter since Linux 6.14; called, they would kill the caller.
 */
bool syscall_is_exempt(const char *name);

/*
 * The number of the call on a machine ("x86_64", "aarch64"); negative where that has no such call,
 * or the machine is another.
 */
int syscall_number(const char *machine, const char *name);

/* Whether any Linux has a call of this name, on any architecture. */
bool syscall_is_known(const char *name);

/* Calls of any architecture: a policy may name one that this machine does not have. */
extern const struct vocabulary syscall_vocabulary;

#endif
