/*
 * Another process's control groups, opened so that a process can be put into them.
 */
#ifndef WATERTIGHT_PROBES_ENTER_CGROUP_H
#define WATERTIGHT_PROBES_ENTER_CGROUP_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/core/error.h"
#include "probes/target.h"

enum { ENTER_CGROUPS_MAX = 32 };

/*
 * Leaves a cgroup namespace of its own, as engines give to a container: there, neither the paths of
 * others' control groups nor the roots of mounts tell where they are. To be called before this
 * process is opened as a target. Does nothing where no process of the machine itself is to be seen,
 * or may be followed.
 */
void enter_cgroups_prepare(void);

struct enter_cgroups {
    int procs_fds[ENTER_CGROUPS_MAX]; /* cgroup.procs of each hierarchy that differs from ours */
    size_t count;
};

/*
 * Finds them by the mounts that this process sees (cgroups(7)). False when one cannot be opened for
 * writing, or is frozen: what enters it would be, too. Closed by enter_cgroups_close, also then.
 */
bool enter_cgroups_open(const struct target *self, const struct target *target,
                        struct enter_cgroups *out, struct error *err) MUST_USE;

/* Puts a process, by its number in this PID namespace, into all of them. */
bool enter_cgroups_join(const struct enter_cgroups *groups, pid_t pid, struct error *err) MUST_USE;

void enter_cgroups_close(struct enter_cgroups *groups);

#endif
