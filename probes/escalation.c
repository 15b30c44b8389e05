/*
 * Programs that would give this process another user, group or capabilities: set-user-ID and
 * set-group-ID bits, and file capabilities (execve(2), capabilities(7)). They count on mounts
 * without nosuid and noexec, and only while no_new_privs is off and the bounding set is not empty.
 *
 * Only then, and only when the policy asks, are the files looked at: in a throw-away child, within
 * limits. Nothing is opened but folders, and nothing is executed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/mount_search.h"
#include "probes/probe.h"
#include "probes/target.h"

enum { FOUND_MAX = 64 }; /* then the search ends: more would be no news */

static const struct fact_key keys[] = {{
    .name = "privileges.escalation_files",
    .type = VALUE_SET,
    .summary = "programs that would raise this process's privileges, where that is possible",
}};

struct programs {
    const struct mount_search *search;
    struct mount_finds *finds;
};

static bool is_member(const struct credentials *credentials, gid_t group)
{
    if (group == credentials->gid[1])
        return true;
    for (size_t i = 0; i < credentials->group_count; i++) {
        if (credentials->groups[i] == group)
            return true;
    }
    return false;
}

/*
 * The capabilities of a file stand in an extended attribute, which is asked for by name: the child
 * steps into the folder, so that no path needs to be followed.
 */
static bool has_capabilities(const struct walk_entry *entry)
{
    return fchdir(entry->folder_fd) == 0 &&
           lgetxattr(entry->name, "security.capability", NULL, 0) > 0;
}

static bool raises_privileges(const struct credentials *credentials, const struct walk_entry *entry)
{
    mode_t mode = entry->mode;

    if ((mode & S_ISUID) != 0 && entry->uid != credentials->uid[1])
        return true;
    /* Without the group's execute bit, set-group-ID means something else (inode(7)). */
    if ((mode & S_ISGID) != 0 && (mode & S_IXGRP) != 0 && !is_member(credentials, entry->gid))
        return true;
    return has_capabilities(entry);
}

static bool visit(const struct walk_entry *entry, void *context)
{
    struct programs *programs = context;
    mode_t mode = entry->mode;

    if (!S_ISREG(mode) || (mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0 ||
        !raises_privileges(&programs->search->target->credentials, entry))
        return true;
    int code = permission_check(&programs->search->calls, entry->folder_fd, entry->name, X_OK);
    if (code != 0 && code != ENOSYS)
        return true;
    programs->finds->count++;
    return shared_list_add(&programs->finds->found, "%s", entry->path) &&
           programs->finds->count < FOUND_MAX;
}

static bool is_cut(const struct mount_finds *finds)
{
    return finds->count >= FOUND_MAX || finds->found.is_full;
}

static void program_step(size_t index, void *memory, const void *context)
{
    struct programs programs = {.search = context, .finds = memory};

    if (!is_cut(programs.finds))
        mount_search_walk(programs.search, index, programs.finds, visit, &programs);
}

static void search(const struct target *target, struct facts *out)
{
    struct mount_finds *finds = throwaway_share(sizeof *finds);
    struct fact *fact =
        mount_search(target, "nosuid", "noexec", false, program_step, finds, &keys[0], out);

    if (fact != NULL && is_cut(finds))
        fact_set_detail(fact, "the search ended there");
    throwaway_unshare(finds, sizeof *finds);
}

/* Why nothing can be gained, whatever the files are; NULL when something could be. */
static const char *why_none(const struct credentials *credentials)
{
    if (credentials->known[CREDENTIAL_NO_NEW_PRIVS] && credentials->no_new_privs)
        return "no_new_privs is set";
    if (credentials->known[CREDENTIAL_BOUNDING] && credentials->bounding == 0)
        return "the bounding set is empty";
    if (credentials->known[CREDENTIAL_UIDS] && credentials->uid[1] == 0 &&
        credentials->known[CREDENTIAL_BOUNDING] && credentials->known[CREDENTIAL_PERMITTED] &&
        credentials->permitted == credentials->bounding)
        return "root with the whole bounding set has nothing to gain";
    return NULL;
}

static const char *why_unknown(const struct target *target, const struct observe_request *request)
{
    static const enum credential needed[] = {CREDENTIAL_NO_NEW_PRIVS, CREDENTIAL_BOUNDING,
                                             CREDENTIAL_UIDS, CREDENTIAL_GIDS, CREDENTIAL_GROUPS};
    const struct credentials *credentials = &target->credentials;

    if (!target->is_self)
        return "what another process may execute cannot be asked";
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!credentials->known[needed[i]])
            return credentials->reason[needed[i]];
    }
    if (!strset_has(&request->keys, keys[0].name))
        return "no rule of the policy asks for it";
    if (request->is_fast)
        return "left out, to be fast";
    if (target->root_fd < 0)
        return "the root directory cannot be opened";
    return target->mounts_problem.text[0] == '\0' ? NULL : target->mounts_problem.text;
}

static void escalation_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    const char *none = why_none(&target->credentials);
    const char *unknown = why_unknown(target, request);
    struct strset empty = {0};

    if (none != NULL)
        fact_set_detail(facts_put_set(out, &keys[0], NULL, &empty), none);
    else if (unknown != NULL)
        (void)facts_put_unknown(out, &keys[0], NULL, unknown);
    else
        search(target, out);
}

const struct probe probe_escalation = {
    .name = "escalation",
    .summary = "programs that raise privileges, where that is possible",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = escalation_observe,
};
