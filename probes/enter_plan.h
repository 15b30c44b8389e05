/*
 * Everything that is needed to enter another process's confinement, gathered while this process is
 * still outside.
 */
#ifndef WATERTIGHT_PROBES_ENTER_PLAN_H
#define WATERTIGHT_PROBES_ENTER_PLAN_H

#include <sys/resource.h>

#include "probes/enter_cgroup.h"
#include "probes/filter_set.h"
#include "probes/target.h"

enum enter_namespace {
    ENTER_PID,
    ENTER_CGROUP,
    ENTER_IPC,
    ENTER_UTS,
    ENTER_NET,
    ENTER_TIME,
    ENTER_MOUNT,
    ENTER_USER, /* last: with it the rights over the others may go */
    ENTER_NAMESPACES
};

struct enter_plan {
    const struct target *target;         /* lent; its root_fd is open */
    int namespace_fds[ENTER_NAMESPACES]; /* -1: it is this process's own, or the kernel has none */
    struct enter_cgroups cgroups;
    struct filter_set filters;
    bool are_filters_joined; /* else the filters are only evaluated */
    char *environment;       /* owned: "NAME=value" one behind the other, each terminated */
    size_t environment_length;
    struct rlimit limits[RLIM_NLIMITS];
    bool has_limit[RLIM_NLIMITS];
};

/* Empties a plan, so that it can be freed. */
void enter_plan_clear(struct enter_plan *plan);

/*
 * Gathers it. Takes CAP_SYS_ADMIN and CAP_SYS_PTRACE; false says which step was refused. The target
 * is stopped for a moment if it has seccomp filters. Freed by enter_plan_free, also on failure.
 */
bool enter_plan_make(const struct target *self, const struct target *target, struct enter_plan *out,
                     struct error *err) MUST_USE;
void enter_plan_free(struct enter_plan *plan);

/* How each namespace is called, for messages: "mnt". */
const char *enter_namespace_name(enum enter_namespace which);

#endif
