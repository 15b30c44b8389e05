/*
 * Paths of the host that are mounted into the container. host_path.c tells them by mountinfo; what
 * the mounts hold settles the rest. Nothing is opened: file types are asked for by path.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/host_path.h"
#include "probes/id_map.h"
#include "probes/mount_kind.h"
#include "probes/network_devices.h"
#include "probes/probe.h"
#include "probes/runtime_socket.h"
#include "probes/target.h"

enum { DETAILS_MAX = 16 };

enum { FROM_HOST, HOST_PATHS };

static const char root_path[] = "/";
static const struct fact_key keys[] = {
    [FROM_HOST] =
        {
            .name = "mount.from_host",
            .type = VALUE_TEXT,
            .subjects = SUBJECTS_ALL,
            .subject_name = "mount point",
            .summary = "which of the host's paths is mounted there",
        },
    [HOST_PATHS] =
        {
            .name = "mount.host_paths",
            .type = VALUE_SET,
            .summary = "paths of the host that are mounted, beyond what every engine mounts",
        },
};

/* The file at path, below the target's root; 0 where it cannot be asked for. */
static mode_t type_at(const struct target *target, const char *path)
{
    struct stat status;

    path += strspn(path, "/");
    if (target->root_fd < 0 || fstatat(target->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return status.st_mode & S_IFMT;
}

static bool has_folders(const struct target *target, const char *point, const char *const *names)
{
    for (; *names != NULL; names++) {
        CLEANUP(mem_free_text) char *path = mem_format("%s/%s", point, *names);
        if (type_at(target, path) != S_IFDIR)
            return false;
    }
    return true;
}

/* A root directory of some system, as no volume for data has it. */
static bool is_system_root(const struct target *target, const char *point)
{
    static const char *const names[] = {"dev", "etc", "proc", "sys", "usr", "var", NULL};

    return has_folders(target, point, names);
}

/* udev runs on hosts only: it wants a writable /sys. */
static bool is_host_run(const struct target *target, const char *point)
{
    static const char *const names[] = {"udev", "udev/data", NULL};

    return has_folders(target, point, names);
}

/* The one file that is needed to run this check in an image without it. */
static bool carries_watertight(const struct target *target, const struct mount_entry *entry)
{
    char path[PATH_MAX] = {0};

    if (!target->is_self || target->process_fd < 0 || !mount_has_option(entry, "ro"))
        return false;
    ssize_t length = readlinkat(target->process_fd, "exe", path, sizeof path - 1);
    return length > 0 && strcmp(path, entry->mount_point) == 0;
}

/*
 * Its owner is no user of the container's user namespace, who could do nothing there that others
 * cannot. LXD, and rootless engines that share the host's network, have such mounts always. Of a
 * process in another user namespace, that cannot be told by looking; there it counts as foreign.
 */
static bool has_foreign_owner(const struct target *target, const char *point)
{
    struct stat status;

    point += strspn(point, "/");
    return !target->has_same_user_namespace ||
           (fstatat(target->root_fd, point, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            status.st_uid == ID_MAP_OVERFLOW);
}

/* Nodes are the fact device.nodes; sockets of engines the fact socket.runtime. */
static bool is_asked_elsewhere(const struct mount_entry *entry, mode_t type)
{
    return type == S_IFCHR || type == S_IFBLK ||
           (type == S_IFSOCK && runtime_socket_is_named(entry));
}

/* Whether the mount shows something of the host, after a look at what it holds. */
static bool is_of_host(const struct target *target, const struct mount_entry *entry,
                       enum host_path_kind kind)
{
    if (kind == HOST_PATH_NONE)
        return false;
    mode_t type = type_at(target, entry->mount_point);
    if (is_asked_elsewhere(entry, type))
        return false;
    if (kind == HOST_PATH_SECRET)
        return type != S_IFREG;
    if (kind == HOST_PATH_VOLUME || kind == HOST_PATH_UNTOLD)
        return is_system_root(target, entry->mount_point) ||
               (kind == HOST_PATH_UNTOLD && is_host_run(target, entry->mount_point));
    if (kind == HOST_PATH_MEMORY)
        return is_host_run(target, entry->mount_point);
    if (kind == HOST_PATH_KERNEL)
        return !has_foreign_owner(target, entry->mount_point);
    if (kind == HOST_PATH_NETWORK)
        return network_devices_differ(target, entry->mount_point);
    return !carries_watertight(target, entry);
}

static bool is_below_any(const struct strset *folders, const char *path)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (path_is_below(path, folders->items[i]))
            return true;
    }
    return false;
}

/* "/etc/ssl at /certs, ext4, read-only". The caller frees it. */
static char *describe(const struct mount_entry *entry, const char *source)
{
    return mem_format("%s at %s, %s, %s", source, entry->mount_point, entry->type,
                      mount_has_option(entry, "ro") ? "read-only" : "writable");
}

static bool is_untold(const struct target *target, const struct mount_entry *entry,
                      enum host_path_kind kind)
{
    return kind == HOST_PATH_UNTOLD &&
           !is_asked_elsewhere(entry, type_at(target, entry->mount_point)) &&
           !carries_watertight(target, entry);
}

/* What the mounts show. */
struct finds {
    struct strset found;   /* paths of the host */
    struct strset details; /* the same, in words */
    struct strset untold;  /* mount points of which the kernel does not tell */
};

static void take(struct finds *finds, const struct mount_entry *entry, enum host_path_kind kind,
                 struct facts *out)
{
    CLEANUP(mem_free_text) char *source = host_path_source(kind, entry);
    CLEANUP(mem_free_text) char *detail = describe(entry, source);

    strset_add(&finds->found, source);
    (void)facts_put_text(out, &keys[FROM_HOST], entry->mount_point, source);
    if (finds->details.count <= DETAILS_MAX)
        strset_add(&finds->details, detail);
}

static void collect(const struct target *target, const struct host_paths *paths,
                    struct finds *finds, struct facts *out)
{
    CLEANUP(strset_free) struct strset systems = {0};

    for (size_t i = 0; i < target->mounts.visible_count; i++) {
        const struct mount_entry *entry = target->mounts.visible[i];
        enum host_path_kind kind = host_path_kind(paths, entry);
        /* What lies below a host's root directory came along with it. */
        if (is_below_any(&systems, entry->mount_point))
            continue;
        if (is_of_host(target, entry, kind)) {
            if (is_system_root(target, entry->mount_point))
                strset_add(&systems, entry->mount_point);
            take(finds, entry, kind, out);
        } else if (is_untold(target, entry, kind)) {
            strset_add(&finds->untold, entry->mount_point);
        }
    }
}

/* What was found stands, whatever else could not be told. */
static void put_finds(struct finds *finds, struct facts *out)
{
    const struct fact_key *key = &keys[HOST_PATHS];

    if (finds->found.count == 0 && finds->untold.count > 0) {
        CLEANUP(mem_free_text) char *points = strset_join_some(&finds->untold, ", ", DETAILS_MAX);
        CLEANUP(mem_free_text)
        char *reason = mem_format("gVisor does not tell what is mounted at %s: a volume of the "
                                  "engine's or any path of the host",
                                  points);
        (void)facts_put_unknown(out, key, NULL, reason);
        (void)facts_put_unknown(out, &keys[FROM_HOST], NULL, reason);
        return;
    }
    if (finds->found.count == 0) /* a row for who asks, as of the root, which is the container's */
        (void)facts_put_absent(out, &keys[FROM_HOST], root_path);
    struct fact *fact = facts_put_set(out, key, NULL, &finds->found);
    struct strset *details = &finds->details;
    bool is_cut = details->count > DETAILS_MAX;
    if (is_cut)
        strset_remove(details, details->items[details->count - 1]);
    CLEANUP(mem_free_text) char *list = strset_join(details, "; ");
    CLEANUP(mem_free_text) char *words = mem_format("%s%s", list, is_cut ? "; and more" : "");
    if (details->count > 0)
        fact_set_detail(fact, words);
}

static void binds_observe(const struct target *target, const struct observe_request *request,
                          struct facts *out)
{
    struct finds finds = {.found = {0}};
    struct host_paths paths;

    (void)request;
    if (target->mounts_problem.text[0] != '\0' || target->root_fd < 0) {
        struct error err = target->mounts_problem;
        if (target->root_fd < 0)
            target_explain_root(target, &err);
        (void)facts_put_unknown(out, &keys[HOST_PATHS], NULL, err.text);
        (void)facts_put_unknown(out, &keys[FROM_HOST], NULL, err.text);
        return;
    }
    host_paths_survey(&target->mounts, &paths);
    paths.is_gvisor = target_is_gvisor(target);
    collect(target, &paths, &finds, out);
    host_paths_free(&paths);
    put_finds(&finds, out);
    strset_free(&finds.found);
    strset_free(&finds.details);
    strset_free(&finds.untold);
}

const struct probe probe_binds = {
    .name = "binds",
    .summary = "paths of the host that are mounted",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = binds_observe,
};
