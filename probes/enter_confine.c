/*
 * The steps. See enter_confine.h.
 *
 * The order is that of the rights: the user namespace comes after the others, since it takes the
 * rights over those that it does not own; ids come after groups; the bounding set after the
 * inheritable one, which it limits; and the filters come last but for one call that they are known
 * to let through.
 */
#include "probes/enter_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORDS = _LINUX_CAPABILITY_U32S_3, CAPABILITIES_MAX = 64 };

static const uint64_t one = 1;

/* --- surroundings --------------------------------------------------------------------------- */

/* Its memory counts in the container's control group: nothing of the container must pay for it. */
static void become_first_victim(const struct target *target)
{
    int fd = openat(target->procfs_fd, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    ssize_t ignored = write(fd, "1000", 4);
    (void)ignored;
    (void)close(fd);
}

static bool join_namespaces(const struct enter_plan *plan, enum enter_namespace first,
                            enum enter_namespace last, struct error *err)
{
    for (size_t i = first; i <= last; i++) {
        if (plan->namespace_fds[i] >= 0 && setns(plan->namespace_fds[i], 0) < 0)
            return error_sys(err, "cannot join its namespace %s",
                             enter_namespace_name((enum enter_namespace)i));
    }
    return true;
}

static bool change_root(const struct enter_plan *plan, struct error *err)
{
    if (fchdir(plan->target->root_fd) < 0 || chroot(".") < 0 || chdir("/") < 0)
        return error_sys(err, "cannot change to its root directory");
    return true;
}

/* As the program would have been started there: variables that engines set are evidence. */
static void take_environment(const struct enter_plan *plan)
{
    size_t at = 0;

    (void)clearenv();
    while (at < plan->environment_length) {
        char *entry = plan->environment + at;
        at += strlen(entry) + 1;
        if (strchr(entry, '=') != NULL)
            (void)putenv(entry);
    }
}

static void take_limits(const struct enter_plan *plan)
{
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        if (plan->has_limit[i])
            (void)setrlimit((__rlimit_resource_t)i, &plan->limits[i]);
    }
}

bool enter_surroundings(const struct enter_plan *plan, struct error *err)
{
    become_first_victim(plan->target);
    if (!join_namespaces(plan, ENTER_CGROUP, ENTER_MOUNT, err) || !change_root(plan, err))
        return false;
    take_limits(plan);
    take_environment(plan);
    return join_namespaces(plan, ENTER_USER, ENTER_USER, err);
}

/* --- credentials ---------------------------------------------------------------------------- */

static bool set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS];

    for (unsigned int i = 0; i < WORDS; i++) {
        data[i].effective = (uint32_t)(effective >> (32 * i));
        data[i].permitted = (uint32_t)(permitted >> (32 * i));
        data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
    }
    return syscall(SYS_capset, &header, data) == 0;
}

static bool get_permitted(uint64_t *out)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS];

    *out = 0;
    if (syscall(SYS_capget, &header, data) < 0)
        return false;
    for (unsigned int i = 0; i < WORDS; i++)
        *out |= (uint64_t)data[i].permitted << (32 * i);
    return true;
}

static bool set_ids(const struct credentials *wanted, struct error *err)
{
    if (setgroups(wanted->group_count, wanted->groups) < 0)
        return error_sys(err, "cannot take its groups");
    if (setresgid(wanted->gid[0], wanted->gid[1], wanted->gid[2]) < 0)
        return error_sys(err, "cannot take its group ids");
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
        setresuid(wanted->uid[0], wanted->uid[1], wanted->uid[2]) < 0 ||
        prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
        return error_sys(err, "cannot take its user ids");
    return true;
}

/* Drops what the bounding set has too much, and takes the ambient set. */
static bool set_bounding_and_ambient(const struct credentials *wanted)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return false;
    for (unsigned int i = 0; i < CAPABILITIES_MAX; i++) {
        int has = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
        if (has < 0)
            break; /* the kernel knows no more (EINVAL) */
        if (has == 1 && (wanted->bounding & one << i) == 0 &&
            prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return false;
        if ((wanted->ambient & one << i) != 0 &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
            return false;
    }
    return true;
}

/* The ids of files follow the effective ones unless a program set them apart. */
static void set_filesystem_ids(const struct credentials *wanted)
{
    if (wanted->gid[3] != wanted->gid[1])
        (void)setfsgid(wanted->gid[3]);
    if (wanted->uid[3] != wanted->uid[1])
        (void)setfsuid(wanted->uid[3]);
}

static bool load_filters(const struct enter_plan *plan, struct error *err)
{
    if (!plan->are_filters_joined)
        return true;
    int code = filter_set_load(&plan->filters);
    return code == 0 || error_set(err, "cannot load its seccomp filters: %s", strerror(code));
}

/*
 * Up to here every capability is permitted. One is kept for the filters, where no_new_privs does
 * not stand in for it.
 */
bool enter_credentials(const struct enter_plan *plan, struct error *err)
{
    const struct credentials *wanted = &plan->target->credentials;
    bool has_filters = plan->are_filters_joined && plan->filters.count > 0;
    uint64_t permitted = 0;
    uint64_t kept = has_filters && !wanted->no_new_privs ? one << CAP_SYS_ADMIN : 0;

    if (!set_ids(wanted, err))
        return false;
    if (!get_permitted(&permitted) ||
        !set_capabilities(permitted, permitted, wanted->inheritable) ||
        !set_bounding_and_ambient(wanted))
        return error_sys(err, "cannot take its capabilities");
    set_filesystem_ids(wanted);
    if (wanted->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_sys(err, "cannot set no_new_privs");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return error_sys(err, "cannot shield itself");
    if (!set_capabilities(wanted->effective | kept, wanted->permitted | kept, wanted->inheritable))
        return error_sys(err, "cannot take just its capabilities");
    if (!load_filters(plan, err))
        return false;
    if (kept != 0 && !set_capabilities(wanted->effective, wanted->permitted, wanted->inheritable))
        return error_sys(err, "cannot give CAP_SYS_ADMIN up");
    return true;
}
