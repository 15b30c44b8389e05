/*
 * The walk through /dev, and the looks elsewhere. See device_walk.h.
 */
#include "probes/device_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/mount_kind.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { LISTED_MAX = 512 }; /* entries of a directory outside /dev; what lies behind is not seen */

struct walk_context {
    int root_fd;
    const struct mount_table *mounts; /* lent */
};

/* The first problem is kept: with one, the nodes are not all that there are. */
static void set_problem(struct device_nodes *out, const char *path, int code)
{
    if (out->problem[0] != '\0')
        return;
    (void)snprintf(out->problem, sizeof out->problem, "%.*s", DEVICE_PATH_MAX - 1, path);
    out->code = code;
    out->is_cut = code == 0;
}

static void add_node(struct device_nodes *out, const char *path, const struct stat *status)
{
    if (out->count == DEVICE_NODES_MAX) {
        set_problem(out, path, 0);
        return;
    }
    struct device_node *node = &out->nodes[out->count++];
    (void)snprintf(node->path, sizeof node->path, "%s", path);
    node->is_block = S_ISBLK(status->st_mode);
    node->major = major(status->st_rdev);
    node->minor = minor(status->st_rdev);
}

/* A directory on the way, on the stack of the walk. */
struct place {
    struct device_nodes *out;
    int fd;
    const char *path;
    size_t depth;
    bool is_inert; /* on a mount with nodev: what cannot be seen there are no nodes that work */
};

/* gVisor, which has no automounts, refuses the flag that is to set none off. */
static bool ask_type(int folder_fd, const char *name, struct stat *status)
{
    if (fstatat(folder_fd, name, status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0)
        return true;
    return errno == EINVAL && fstatat(folder_fd, name, status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void walk(const struct place *parent, const char *name, const char *path,
                 struct device_nodes *out);

static bool has_nodev(int fd)
{
    struct statvfs flags;

    return fstatvfs(fd, &flags) == 0 && (flags.f_flag & ST_NODEV) != 0;
}

static void place_problem(const struct place *place, const char *path, int code,
                          struct device_nodes *out)
{
    if (!place->is_inert)
        set_problem(out, path, code);
}

static void look_at_entry(const struct place *place, const char *name, struct device_nodes *out)
{
    char full[DEVICE_PATH_MAX];
    struct stat status = {0};

    if (snprintf(full, sizeof full, "%s/%s", place->path, name) >= (int)sizeof full) {
        place_problem(place, place->path, ENAMETOOLONG, out);
        return;
    }
    if (!ask_type(place->fd, name, &status)) {
        if (errno != ENOENT) /* it went away in the meantime */
            place_problem(place, full, errno, out);
        return;
    }
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
        add_node(out, full, &status);
    else if (S_ISDIR(status.st_mode))
        walk(place, name, full, out);
    else if ((status.st_mode & S_IFMT) == 0) /* a filter answers in the kernel's place */
        place_problem(place, full, EIO, out);
}

/*
 * The type in the entry is that of the file below, where something is mounted over it: only a
 * symbolic link, over which nothing can be mounted, is passed by without asking.
 */
static bool visit_entry(const struct dirent64 *entry, void *context)
{
    const struct place *place = context;

    if (place->out->entries++ >= DEVICE_ENTRIES_MAX || place->depth > DEVICE_DEPTH_MAX) {
        place_problem(place, place->path, 0, place->out);
        return false;
    }
    if (entry->d_type != DT_LNK)
        look_at_entry(place, entry->d_name, place->out);
    return true;
}

static void walk(const struct place *parent, const char *name, const char *path,
                 struct device_nodes *out)
{
    struct place place = {.out = out, .path = path, .depth = parent->depth + 1};
    CLEANUP(procfile_close)
    int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        place_problem(parent, path, errno, out);
        return;
    }
    place.fd = fd;
    place.is_inert = has_nodev(fd);
    if (!entries_visit(fd, visit_entry, &place))
        place_problem(&place, path, errno, out);
}

/*
 * A directory of the root directory where people have nodes put, or NULL. To search more would cost
 * more than all else that is looked at.
 */
static const char *searched_path(const char *name)
{
    static const char *const paths[] = {"/data", "/home", "/media", "/mnt", "/opt",
                                        "/root", "/run",  "/srv",   "/tmp"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(paths[i] + 1, name) == 0)
            return paths[i];
    }
    return NULL;
}

/*
 * Nodes that open nothing are ordinary outside /dev: files are masked with the null device by
 * engines, with 0:0 by systemd, and overlayfs marks with 0:0 what was removed.
 */
static bool is_node(const struct stat *status)
{
    bool is_null = S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);

    return (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) && !is_null &&
           status->st_rdev != makedev(0, 0);
}

/* A directory outside /dev. */
struct outside {
    const struct walk_context *context;
    struct device_nodes *out;
    int fd;
    const char *path; /* "" for the root directory */
    size_t entries;
};

static void list(const struct walk_context *context, const char *name, const char *path,
                 struct device_nodes *out);

/* Of what has gone away or cannot be reached nothing is said; on nodev nodes do not work. */
static void look_outside(const struct outside *outside, const char *name)
{
    char full[DEVICE_PATH_MAX];
    struct stat status = {0};
    bool is_long = snprintf(full, sizeof full, "%s/%s", outside->path, name) >= (int)sizeof full;
    int code = 0;

    if (!ask_type(outside->fd, name, &status))
        code = errno;
    else if ((status.st_mode & S_IFMT) == 0) /* a filter answers in the kernel's place */
        code = EIO;
    else if (!is_node(&status))
        return;
    if (code == ENOENT || code == EACCES || has_nodev(outside->fd))
        return;
    if (code != 0 || is_long)
        set_problem(outside->out, full, code != 0 ? code : ENAMETOOLONG);
    else
        add_node(outside->out, full, &status);
}

/* Other than in /dev, the entry's type is believed: look_at_mounts sees what is mounted over it. */
static bool visit_outside(const struct dirent64 *entry, void *context)
{
    struct outside *outside = context;
    bool may_be_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
    const char *path = NULL;

    if (outside->entries++ >= LISTED_MAX)
        return false;
    if (entry->d_type == DT_CHR || entry->d_type == DT_BLK || entry->d_type == DT_UNKNOWN)
        look_outside(outside, entry->d_name);
    if (outside->path[0] == '\0' && may_be_folder)
        path = searched_path(entry->d_name);
    if (path != NULL)
        list(outside->context, path + 1, path, outside->out);
    return true;
}

/*
 * A server, or a program, may answer late or never, and an automounter (autofs) would be set off;
 * no engine makes nodes there. The host's devtmpfs is the fact mount.host_paths.
 */
static bool is_left_alone(const struct mount_table *mounts, const char *path)
{
    for (size_t i = 0; i < mounts->count; i++) {
        if (strcmp(mounts->entries[i].mount_point, path) != 0)
            continue;
        enum mount_kind kind = mount_kind(&mounts->entries[i]);
        if (kind == MOUNT_NETWORK || kind == MOUNT_SHARED || kind == MOUNT_PSEUDO)
            return true;
    }
    return false;
}

/* Nothing can be reached in a directory that may not be searched. */
static bool is_out_of_reach(int root_fd, const char *name)
{
    char inside[DEVICE_PATH_MAX];
    struct stat status;

    if (snprintf(inside, sizeof inside, "%s/.", name) >= (int)sizeof inside)
        return false;
    return fstatat(root_fd, inside, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == EACCES;
}

static void list(const struct walk_context *context, const char *name, const char *path,
                 struct device_nodes *out)
{
    const char *shown = path[0] == '\0' ? "/" : path;
    struct outside outside = {.context = context, .out = out, .path = path};

    if (is_left_alone(context->mounts, path))
        return;
    CLEANUP(procfile_close)
    int fd = openat(context->root_fd, name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int code = fd < 0 ? errno : 0;

    outside.fd = fd;
    if (fd >= 0 && !entries_visit(fd, visit_outside, &outside))
        code = errno;
    bool is_no_matter = code == 0 || code == ENOENT || code == ENOTDIR || code == ELOOP ||
                        (code == EACCES && is_out_of_reach(context->root_fd, name));
    if (!is_no_matter && (fd < 0 || !has_nodev(fd)))
        set_problem(out, shown, code);
}

/*
 * A node that is mounted itself. It is asked for by its path, so that of several mounts at one
 * point the topmost answers. What this process cannot get to is no way out for it.
 */
static void look_at_mount(int root_fd, const struct mount_entry *entry, struct device_nodes *out)
{
    struct stat status = {0};
    const char *path = entry->mount_point;

    if (!ask_type(root_fd, path + 1, &status)) {
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            set_problem(out, path, errno);
    } else if ((status.st_mode & S_IFMT) == 0) {
        set_problem(out, path, EIO);
    } else if (is_node(&status) && strlen(path) < DEVICE_PATH_MAX) {
        add_node(out, path, &status);
    } else if (is_node(&status)) {
        set_problem(out, path, ENAMETOOLONG);
    }
}

/* The root of a file system is a directory, and what is mounted in /dev was walked through. */
static void look_at_mounts(const struct walk_context *context, struct device_nodes *out)
{
    for (size_t i = 0; i < context->mounts->count; i++) {
        const struct mount_entry *entry = &context->mounts->entries[i];
        if (strcmp(entry->root, "/") != 0 && entry->mount_point[0] == '/' &&
            !path_is_below(entry->mount_point, "/dev"))
            look_at_mount(context->root_fd, entry, out);
    }
}

void device_walk_step(size_t index, void *shared, const void *context)
{
    const struct walk_context *walked = context;
    const struct place root = {.fd = walked->root_fd, .path = ""};
    struct device_nodes *out = shared;
    struct stat status;

    (void)index;
    if (fstatat(root.fd, "dev", &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
        out->is_missing = true;
    else
        walk(&root, "dev", "/dev", out);
    look_at_mounts(walked, out);
    list(walked, ".", "", out);
}

void *device_walk_context(const struct target *target)
{
    struct walk_context *context = mem_new(1, sizeof *context);

    *context = (struct walk_context){.root_fd = target->root_fd, .mounts = &target->mounts};
    return context;
}
