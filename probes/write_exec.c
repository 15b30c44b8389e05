/*
 * Mounts on which this process can put a program and run it: writable, without noexec, and with a
 * folder, or a file, that this process may write to. A folder that only root may write to does not
 * count for another user; so a small walk looks for one, and ends at the first.
 *
 * noexec is no wall by itself: an interpreter reads scripts from anywhere, and memfd_create(2)
 * gives memory that can be executed, unless vm.memfd_noexec forbids it. That is put as evidence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/mount_search.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { KEY_WRITE_EXEC, KEY_MEMFD, KEY_COUNT, DETAILS_MAX = 8 };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_WRITE_EXEC] = {.name = "mount.write_exec",
                        .type = VALUE_SET,
                        .summary =
                            "mount points where this process can write a program and run it"},
    [KEY_MEMFD] = {.name = "memfd.noexec",
                   .type = VALUE_INTEGER,
                   .summary =
                       "sysctl vm.memfd_noexec: 0 memory files can be executed, 2 they cannot"},
};

struct writes {
    const struct mount_search *search;
    uid_t uid;
    char *found; /* lent buffer for the first path that can be written to; "" none */
    bool is_unsettled;
};

enum { FOUND_MAX = 4096 };

/* Whether it is worth asking: a file that only its owner may write to, and that is not this user.
 */
static bool may_be_writable(const struct writes *writes, const struct walk_entry *entry)
{
    return writes->uid == 0 || entry->uid == writes->uid || (entry->mode & 0022) != 0 ||
           S_ISDIR(entry->mode);
}

static bool visit(const struct walk_entry *entry, void *context)
{
    struct writes *writes = context;
    bool is_folder = S_ISDIR(entry->mode);

    if ((!is_folder && !S_ISREG(entry->mode)) || !may_be_writable(writes, entry))
        return true;
    int code = permission_check(&writes->search->calls, entry->folder_fd, entry->name,
                                is_folder ? W_OK | X_OK : W_OK);
    writes->is_unsettled |= code == ENOSYS;
    if (code != 0)
        return true;
    (void)snprintf(writes->found, FOUND_MAX, "%s", entry->path);
    return false;
}

static void write_step(size_t index, void *memory, const void *context)
{
    const struct mount_search *search = context;
    const char *point = search->mounts[index]->mount_point;
    struct mount_finds *finds = memory;
    char found[FOUND_MAX] = "";
    struct writes writes = {
        .search = search, .uid = search->target->credentials.uid[1], .found = found};

    mount_search_walk(search, index, finds, visit, &writes);
    if (found[0] != '\0') {
        (void)shared_list_add(&finds->found, "%s", point);
        if (strcmp(found, point) != 0)
            (void)shared_list_add(&finds->details, "%s", found);
    } else if (writes.is_unsettled) {
        (void)error_set(&finds->problem, "faccessat2(2) is not to be had here");
    }
}

static const char *why_not(const struct target *target, const struct observe_request *request)
{
    if (!target->is_self)
        return "what another process may write to cannot be asked";
    if (!strset_has(&request->keys, keys[KEY_WRITE_EXEC].name))
        return "no rule of the policy asks for it";
    if (target->root_fd < 0)
        return "the root directory cannot be opened";
    if (!target->credentials.known[CREDENTIAL_UIDS])
        return target->credentials.reason[CREDENTIAL_UIDS];
    return target->mounts_problem.text[0] == '\0' ? NULL : target->mounts_problem.text;
}

static void observe_mounts(const struct target *target, struct facts *out)
{
    CLEANUP(strset_free) struct strset details = {0};
    struct mount_finds *finds = throwaway_share_light(sizeof *finds);
    struct fact *fact =
        mount_search(target, "ro", "noexec", true, write_step, finds, &keys[KEY_WRITE_EXEC], out);

    if (fact != NULL)
        shared_list_read(&finds->details, &details);
    if (details.count > 0) {
        CLEANUP(mem_free_text) char *paths = strset_join_some(&details, ", ", DETAILS_MAX);
        CLEANUP(mem_free_text) char *detail = mem_format("it may write to %s", paths);
        fact_set_detail(fact, detail);
    }
    throwaway_unshare(finds, sizeof *finds);
}

static void observe_memfd(const struct target *target, struct facts *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    uint64_t value = 0;
    struct error err = {0};
    const struct fact_key *key = &keys[KEY_MEMFD];

    if (!procfile_read_sysctl(target, "sys/vm/memfd_noexec", &text, &length, &err)) {
        if (err.code == ENOENT)
            (void)facts_put_absent(out, key, NULL); /* before Linux 6.3 */
        else
            (void)facts_put_unknown(out, key, NULL, err.text);
        return;
    }
    struct span number = {.at = text, .end = text + strcspn(text, "\n")};
    if (span_number(number, 10, 2, &value))
        (void)facts_put_integer(out, key, NULL, (int64_t)value);
    else
        (void)facts_put_unknown(out, key, NULL, "sys/vm/memfd_noexec is malformed");
}

static void write_exec_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    const char *reason = why_not(target, request);

    if (reason != NULL)
        (void)facts_put_unknown(out, &keys[KEY_WRITE_EXEC], NULL, reason);
    else
        observe_mounts(target, out);
    observe_memfd(target, out);
}

const struct probe probe_write_exec = {
    .name = "write_exec",
    .summary = "where this process can write a program and run it",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = write_exec_observe,
};
