/*
 * Gathering what entering takes. See enter_plan.h.
 */
#include "probes/enter_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/procfile.h"

static const char *const names[ENTER_NAMESPACES] = {
    [ENTER_PID] = "pid", [ENTER_CGROUP] = "cgroup", [ENTER_IPC] = "ipc",   [ENTER_UTS] = "uts",
    [ENTER_NET] = "net", [ENTER_TIME] = "time",     [ENTER_MOUNT] = "mnt", [ENTER_USER] = "user",
};

const char *enter_namespace_name(enum enter_namespace which)
{
    return names[which];
}

static bool has_rights(const struct target *self, struct error *err)
{
    const struct credentials *credentials = &self->credentials;
    const uint64_t needed = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_PTRACE;

    if (!credentials->known[CREDENTIAL_EFFECTIVE])
        return error_set(err, "%s", credentials->reason[CREDENTIAL_EFFECTIVE]);
    if ((credentials->effective & needed) == needed)
        return true;
    return error_set(err, "that takes CAP_SYS_ADMIN and CAP_SYS_PTRACE");
}

static bool open_namespace(const struct target *self, const struct target *target,
                           enum enter_namespace which, int *out, struct error *err)
{
    struct stat own;
    struct stat other;
    char path[16];

    (void)snprintf(path, sizeof path, "ns/%s", names[which]);
    if (fstatat(self->process_fd, path, &own, 0) < 0 && errno == ENOENT)
        return true; /* this kernel has no such namespaces */
    *out = openat(target->process_fd, path, O_RDONLY | O_CLOEXEC);
    if (*out < 0 || fstat(*out, &other) < 0)
        return error_sys(err, "cannot open its namespace %s", names[which]);
    if (own.st_ino == other.st_ino && own.st_dev == other.st_dev)
        procfile_close(out);
    return true;
}

static void read_limits(struct enter_plan *plan)
{
    for (int i = 0; i < RLIM_NLIMITS; i++)
        plan->has_limit[i] =
            prlimit(plan->target->pid, (__rlimit_resource_t)i, NULL, &plan->limits[i]) == 0;
}

/* Whether a call would be let through by all filters: what is left to do once they are loaded. */
static bool is_allowed(const struct filter_set *filters, int number)
{
    struct syscall_question question = {.number = number};

    return filter_set_answer(filters, &question).action == SYSCALL_ALLOW;
}

/*
 * Without no_new_privs, filters are loaded by CAP_SYS_ADMIN, which has to be given up behind them:
 * by a call that they must let through. Each filter must let the next one be loaded.
 */
static bool can_join_filters(const struct enter_plan *plan)
{
    const struct filter_set *filters = &plan->filters;
    bool has_more = filters->count > 1;

    if (filter_set_notifies(filters))
        return false;
    return (plan->target->credentials.no_new_privs || is_allowed(filters, SYS_capset)) &&
           (!has_more || is_allowed(filters, SYS_seccomp));
}

static bool read_filters(struct enter_plan *plan, struct error *err)
{
    const struct target *target = plan->target;

    plan->are_filters_joined = true;
    if (target->credentials.seccomp_mode == 0)
        return true;
    if (target->credentials.seccomp_mode != 2)
        return error_set(err, "a process in seccomp's strict mode cannot be entered");
    if (!filter_set_read(target->pid, target->process_fd, &plan->filters, err))
        return false;
    if (target->credentials.has_seccomp_filters &&
        (size_t)target->credentials.seccomp_filters != plan->filters.count)
        return error_set(err, "its seccomp filters changed meanwhile");
    plan->are_filters_joined = can_join_filters(plan);
    return true;
}

static bool check_target(const struct target *self, const struct target *target, struct error *err)
{
    const struct credentials *credentials = &target->credentials;

    if (target_own_number(self) != getpid())
        return error_set(err, "the procfs is that of another PID namespace");
    for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
        if (!credentials->known[i])
            return error_set(err, "%s", credentials->reason[i]);
    }
    return target->root_fd >= 0 || error_set(err, "its root directory cannot be opened");
}

/*
 * What this process is confined by it cannot shed: who enters would have it, too, and find the
 * other more confined than it is. Another user namespace gives a new bounding set.
 */
static bool check_own(const struct target *self, const struct target *target, struct error *err)
{
    const struct credentials *own = &self->credentials;
    const struct credentials *wanted = &target->credentials;

    for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
        if (!own->known[i])
            return error_set(err, "%s", own->reason[i]);
    }
    if (own->seccomp_mode != 0)
        return error_set(err, "this process is under seccomp filters itself");
    if (own->no_new_privs && !wanted->no_new_privs)
        return error_set(err, "this process has no_new_privs, which the other has not");
    if (target->has_same_user_namespace && (wanted->bounding & ~own->bounding) != 0)
        return error_set(err, "its bounding set holds capabilities that this process lacks");
    return true;
}

void enter_plan_clear(struct enter_plan *plan)
{
    *plan = (struct enter_plan){0};
    for (size_t i = 0; i < ENTER_NAMESPACES; i++)
        plan->namespace_fds[i] = -1;
}

bool enter_plan_make(const struct target *self, const struct target *target, struct enter_plan *out,
                     struct error *err)
{
    enter_plan_clear(out);
    out->target = target;
    if (!has_rights(self, err) || !check_target(self, target, err) || !check_own(self, target, err))
        return false;
    for (size_t i = 0; i < ENTER_NAMESPACES; i++) {
        if (!open_namespace(self, target, (enum enter_namespace)i, &out->namespace_fds[i], err))
            return false;
    }
    if (!enter_cgroups_open(self, target, &out->cgroups, err))
        return false;
    if (!procfile_read(target, "environ", &out->environment, &out->environment_length, err))
        return false;
    read_limits(out);
    return read_filters(out, err);
}

void enter_plan_free(struct enter_plan *plan)
{
    for (size_t i = 0; i < ENTER_NAMESPACES; i++)
        procfile_close(&plan->namespace_fds[i]);
    enter_cgroups_close(&plan->cgroups);
    filter_set_free(&plan->filters);
    free(plan->environment);
    plan->environment = NULL;
}
