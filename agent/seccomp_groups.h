/*
 * What system calls are for, in the few groups that matter to whoever confines a program.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_GROUPS_H
#define WATERTIGHT_AGENT_SECCOMP_GROUPS_H

#include <stddef.h>

struct seccomp_group {
    const char *name;         /* "mount" */
    const char *summary;      /* "mounts and root directories" */
    const char *const *calls; /* ended by NULL; no call is in two groups */
};

/* The groups in order: index 0, 1, … and NULL past the end. Most calls are in none. */
const struct seccomp_group *seccomp_group_at(size_t index);

#endif
