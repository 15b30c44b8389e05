/*
 * Another process's credentials. See assume.h. Calls the kernel directly, as the C library's
 * functions would, to have no more than the needed calls in a process that may be filtered.
 */
#include "probes/assume.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORDS = _LINUX_CAPABILITY_U32S_3, COMPARED_GROUPS_MAX = 1024 };

bool assume_is_possible(const struct credentials *wanted)
{
    static const enum credential needed[] = {
        CREDENTIAL_UIDS,   CREDENTIAL_GIDS,      CREDENTIAL_FILESYSTEM_IDS,
        CREDENTIAL_GROUPS, CREDENTIAL_EFFECTIVE, CREDENTIAL_PERMITTED,
    };

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!wanted->known[needed[i]])
            return false;
    }
    return true;
}

/* Allocates nothing: the caller may be a child that shares its parent's memory. */
static bool has_groups(const struct credentials *wanted)
{
    gid_t groups[COMPARED_GROUPS_MAX];

    if (wanted->group_count > COMPARED_GROUPS_MAX)
        return false;
    int count = getgroups(COMPARED_GROUPS_MAX, groups);
    return count >= 0 && (size_t)count == wanted->group_count &&
           (count == 0 || memcmp(groups, wanted->groups, (size_t)count * sizeof *groups) == 0);
}

static bool set_groups(const struct credentials *wanted)
{
    return has_groups(wanted) || setgroups(wanted->group_count, wanted->groups) == 0;
}

static bool set_gids(const struct credentials *wanted)
{
    gid_t now[3];

    if (getresgid(&now[0], &now[1], &now[2]) < 0)
        return false;
    if (memcmp(now, wanted->gid, sizeof now) != 0 &&
        setresgid(wanted->gid[0], wanted->gid[1], wanted->gid[2]) < 0)
        return false;
    /* execve(2) and the call above make it the effective one. */
    if (wanted->gid[3] == wanted->gid[1])
        return true;
    /* It returns the id before; the second call tells whether the first had an effect. */
    (void)setfsgid(wanted->gid[3]);
    return (gid_t)setfsgid(wanted->gid[3]) == wanted->gid[3];
}

static bool set_uids(const struct credentials *wanted)
{
    uid_t now[3];

    if (getresuid(&now[0], &now[1], &now[2]) < 0)
        return false;
    if (memcmp(now, wanted->uid, sizeof now) != 0 &&
        (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
         setresuid(wanted->uid[0], wanted->uid[1], wanted->uid[2]) < 0 ||
         prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0))
        return false;
    if (wanted->uid[3] == wanted->uid[1])
        return true;
    (void)setfsuid(wanted->uid[3]);
    return (uid_t)setfsuid(wanted->uid[3]) == wanted->uid[3];
}

static bool set_capabilities(uint64_t effective, uint64_t permitted)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS] = {0};
    bool is_same = true;

    if (syscall(SYS_capget, &header, data) < 0)
        return false;
    for (unsigned int i = 0; i < WORDS; i++) {
        struct __user_cap_data_struct now = data[i];
        data[i].effective = (uint32_t)(effective >> (32 * i));
        data[i].permitted = (uint32_t)(permitted >> (32 * i));
        is_same =
            is_same && now.effective == data[i].effective && now.permitted == data[i].permitted;
    }
    return is_same || syscall(SYS_capset, &header, data) == 0;
}

int assume_credentials(const struct credentials *wanted)
{
    errno = 0;
    /* Groups first: with the user id goes the right to set them. */
    if (!set_groups(wanted) || !set_gids(wanted) || !set_uids(wanted) ||
        !set_capabilities(wanted->effective, wanted->permitted))
        return errno == 0 ? EPERM : errno;
    return 0;
}
