/*
 * Who the process is: user ids, group ids, supplementary groups, the maps of its user namespace,
 * and which of its ids are the host's root, whatever their number in here.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/id_map.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum {
    KEY_UID, /* four of each, in the order of struct credentials */
    KEY_GID = KEY_UID + 4,
    KEY_GROUPS = KEY_GID + 4,
    KEY_UID_MAP,
    KEY_ROOT_OUTSIDE,
    KEY_HOST_ROOT,
    KEY_GID_MAP,
    KEY_COUNT
};

#define ID_KEY(kind, words, member)                                                                \
    {                                                                                              \
        .name = "user." kind "." member, .type = VALUE_INTEGER,                                    \
        .summary = "the " member " " words " id"                                                   \
    }

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_UID] = ID_KEY("uid", "user", "real"),
    [KEY_UID + 1] = ID_KEY("uid", "user", "effective"),
    [KEY_UID + 2] = ID_KEY("uid", "user", "saved"),
    [KEY_UID + 3] = ID_KEY("uid", "user", "filesystem"),
    [KEY_GID] = ID_KEY("gid", "group", "real"),
    [KEY_GID + 1] = ID_KEY("gid", "group", "effective"),
    [KEY_GID + 2] = ID_KEY("gid", "group", "saved"),
    [KEY_GID + 3] = ID_KEY("gid", "group", "filesystem"),
    [KEY_GROUPS] = {.name = "user.groups",
                    .type = VALUE_SET,
                    .vocabulary = &vocabulary_id,
                    .summary = "the supplementary group ids"},
    [KEY_UID_MAP] = {.name = "user.uid_map",
                     .type = VALUE_TEXT,
                     .summary = "user ids inside, outside and how many, a line each"},
    [KEY_ROOT_OUTSIDE] = {.name = "user.namespace_root",
                          .type = VALUE_INTEGER,
                          .summary = "who root in here is outside of the user namespace"},
    [KEY_HOST_ROOT] = {.name = "user.host_root",
                       .type = VALUE_SET,
                       .vocabulary = &vocabulary_id,
                       .summary = "those of the user ids that are root of the initial user "
                                  "namespace"},
    [KEY_GID_MAP] = {.name = "user.gid_map",
                     .type = VALUE_TEXT,
                     .summary = "the same of group ids as user.uid_map"},
};

static void put_ids(const struct credentials *credentials, const uint32_t ids[4], int first,
                    enum credential what, struct facts *out)
{
    for (int i = 0; i < 4; i++) {
        enum credential from = i == 3 ? CREDENTIAL_FILESYSTEM_IDS : what;
        if (credentials->known[from])
            (void)facts_put_integer(out, &keys[first + i], NULL, ids[i]);
        else
            (void)facts_put_unknown(out, &keys[first + i], NULL, credentials->reason[from]);
    }
}

static void put_groups(const struct credentials *credentials, struct facts *out)
{
    struct strset groups = {0};

    if (!credentials->known[CREDENTIAL_GROUPS]) {
        (void)facts_put_unknown(out, &keys[KEY_GROUPS], NULL,
                                credentials->reason[CREDENTIAL_GROUPS]);
        return;
    }
    for (size_t i = 0; i < credentials->group_count; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", credentials->groups[i]);
        strset_add(&groups, number);
    }
    (void)facts_put_set(out, &keys[KEY_GROUPS], NULL, &groups);
}

/*
 * The map tells of the parent namespace only (user_namespaces(7)): who that is on the host is not
 * seen from here when the parent is not the host's either.
 */
static void put_namespace_root(const char *map, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_ROOT_OUTSIDE];
    uint32_t outside = 0;

    if (!id_map_outside(map, 0, &outside))
        (void)facts_put_absent(out, key, NULL);
    else if (outside == 0)
        (void)facts_put_integer(out, key, NULL, outside);
    else
        fact_set_detail(facts_put_integer(out, key, NULL, outside),
                        "as the parent user namespace counts");
}

/*
 * The number that root of the initial user namespace has in the process's own. The root directory
 * of every procfs belongs to it (fs/proc/inode.c), and stat(2) translates that for who asks; who
 * has no number in here looks like the overflow id, which may also be somebody's own.
 */
static bool find_host_root(const struct target *target, const char *map, uint32_t *out,
                           struct error *err)
{
    struct stat status = {.st_ino = 0};
    uint32_t outside = 0;

    if (target->procfs == PROCFS_FAKE || target->procfs_fd < 0)
        return error_set(err, "no procfs can be trusted to tell who owns it");
    if (fstat(target->procfs_fd, &status) < 0 || status.st_ino == 0)
        return error_sys(err, "cannot look at the owner of the procfs");
    *out = status.st_uid;
    if (!target->has_same_user_namespace) {
        if (!id_map_inside(map, strlen(map), status.st_uid, out))
            *out = UINT32_MAX;
    } else if (*out == ID_MAP_OVERFLOW &&
               !(id_map_outside(map, ID_MAP_OVERFLOW, &outside) && outside == 0)) {
        *out = UINT32_MAX; /* nobody's id (credentials(7)) */
    }
    return true;
}

static void put_host_root(const struct target *target, const char *map, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_HOST_ROOT];
    const struct credentials *credentials = &target->credentials;
    struct strset roots = {0};
    struct error err = {0};
    uint32_t root = 0;

    for (int i = 0; i < 2; i++) {
        enum credential need = i == 0 ? CREDENTIAL_UIDS : CREDENTIAL_FILESYSTEM_IDS;
        if (!credentials->known[need]) {
            (void)facts_put_unknown(out, key, NULL, credentials->reason[need]);
            return;
        }
    }
    if (!find_host_root(target, map, &root, &err)) {
        (void)facts_put_unknown(out, key, NULL, err.text);
        return;
    }
    for (int i = 0; i < 4; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", root);
        if (credentials->uid[i] == root)
            strset_add(&roots, number);
    }
    (void)facts_put_set(out, key, NULL, &roots);
}

static void put_uid_map(const struct target *target, struct facts *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    CLEANUP(mem_free_text) char *map = NULL;
    struct error err = {0};
    size_t length = 0;

    if (!procfile_read(target, "uid_map", &text, &length, &err) ||
        !id_map_fold(text, length, &map, &err)) {
        (void)facts_put_unknown(out, &keys[KEY_UID_MAP], NULL, err.text);
        (void)facts_put_unknown(out, &keys[KEY_ROOT_OUTSIDE], NULL, err.text);
        (void)facts_put_unknown(out, &keys[KEY_HOST_ROOT], NULL, err.text);
        return;
    }
    (void)facts_put_text(out, &keys[KEY_UID_MAP], NULL, map);
    put_namespace_root(map, out);
    put_host_root(target, map, out);
}

static void put_gid_map(const struct target *target, struct facts *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    CLEANUP(mem_free_text) char *map = NULL;
    struct error err = {0};
    size_t length = 0;

    if (procfile_read(target, "gid_map", &text, &length, &err) &&
        id_map_fold(text, length, &map, &err))
        (void)facts_put_text(out, &keys[KEY_GID_MAP], NULL, map);
    else
        (void)facts_put_unknown(out, &keys[KEY_GID_MAP], NULL, err.text);
}

static void user_observe(const struct target *target, const struct observe_request *request,
                         struct facts *out)
{
    const struct credentials *credentials = &target->credentials;

    put_ids(credentials, credentials->uid, KEY_UID, CREDENTIAL_UIDS, out);
    put_ids(credentials, credentials->gid, KEY_GID, CREDENTIAL_GIDS, out);
    put_groups(credentials, out);
    put_uid_map(target, out);
    if (observe_request_wants(request, &keys[KEY_GID_MAP]))
        put_gid_map(target, out);
}

const struct probe probe_user = {
    .name = "user",
    .summary = "user and group ids, supplementary groups, the user namespace's map",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = user_observe,
};
