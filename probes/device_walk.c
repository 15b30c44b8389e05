/*
 * The walk through /dev. See device_walk.h.
 */
#include "probes/device_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/procfile.h"

/* The first problem is kept: with one, the nodes are not all that there are. */
static void set_problem(struct device_nodes *out, const char *path, int code)
{
    if (out->problem[0] != '\0')
        return;
    (void)snprintf(out->problem, sizeof out->problem, "%s", path);
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

static void walk(const struct place *parent, const char *name, const char *path,
                 struct device_nodes *out);

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
    if (fstatat(place->fd, name, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
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
    struct statvfs flags;
    struct place place = {.out = out, .path = path, .depth = parent->depth + 1};
    CLEANUP(procfile_close)
    int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        place_problem(parent, path, errno, out);
        return;
    }
    place.fd = fd;
    place.is_inert = fstatvfs(fd, &flags) == 0 && (flags.f_flag & ST_NODEV) != 0;
    if (!entries_visit(fd, visit_entry, &place))
        place_problem(&place, path, errno, out);
}

void device_walk_step(size_t index, void *shared, const void *context)
{
    const struct place root = {.fd = *(const int *)context, .path = ""};
    struct device_nodes *out = shared;
    struct stat status;

    (void)index;
    if (fstatat(root.fd, "dev", &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
        out->is_missing = true;
    else
        walk(&root, "dev", "/dev", out);
}

void *device_walk_context(int root_fd)
{
    int *context = mem_new(1, sizeof *context);

    *context = root_fd;
    return context;
}
