/*
 * The walk. See walk.h.
 */
#include "probes/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/mountinfo.h"

enum { CLOCK_EVERY = 256, NOT_TOLD = -1 };

struct walking {
    const struct walk_place *place;
    walk_visit *visit;
    void *context;
    int64_t mount; /* as statx(2) numbers it, or NOT_TOLD */
    size_t entries;
    const struct timespec *deadline;
    bool is_stopped, is_cut, is_unlisted;
    size_t length; /* of path */
    char path[PATH_MAX];
};

static bool is_late(const struct timespec *deadline)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec > deadline->tv_nsec);
}

static bool is_over(struct walking *walking)
{
    walking->entries++;
    if (walking->entries > WALK_ENTRIES ||
        (walking->entries % CLOCK_EVERY == 0 && is_late(walking->deadline)))
        walking->is_cut = true;
    return walking->is_cut || walking->is_stopped;
}

/* Puts "/name" behind the path; false when there is no room. */
static bool push(struct walking *walking, const char *name)
{
    size_t length = strlen(name);

    if (walking->length + length + 2 > sizeof walking->path) {
        walking->is_cut = true;
        return false;
    }
    walking->path[walking->length] = '/';
    (void)memcpy(walking->path + walking->length + 1, name, length + 1);
    walking->length += length + 1;
    return true;
}

static void pop(struct walking *walking, size_t length)
{
    walking->length = length;
    walking->path[length] = '\0';
}

/* Says of which kind the entry is, whose, and on which mount it lies. False: errno says why. */
static bool look_at(const struct walk_place *place, struct walk_entry *entry, int64_t *mount)
{
    const unsigned int mask = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID;
    struct statx status = {0};
    struct stat older = {0};

    *mount = NOT_TOLD;
    /* Unlike fstatat(2), statx(2) sets off automounts, unless it is told not to. */
    if (place->has_statx &&
        statx(entry->folder_fd, entry->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              mask | STATX_MNT_ID, &status) == 0 &&
        (status.stx_mask & mask) == mask) {
        entry->mode = status.stx_mode;
        entry->uid = status.stx_uid;
        entry->gid = status.stx_gid;
        if ((status.stx_mask & STATX_MNT_ID) != 0) /* since Linux 5.8 */
            *mount = (int64_t)status.stx_mnt_id;
        return true;
    }
    if (fstatat(entry->folder_fd, entry->name, &older, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    entry->mode = older.st_mode;
    entry->uid = older.st_uid;
    entry->gid = older.st_gid;
    return true;
}

/*
 * Whether another mount lies on the one that is walked, at the path. Only what is mounted on that
 * very mount counts: the table may hold the same path on a mount that is covered by now.
 */
static bool is_mount_point(const struct walk_place *place, const char *path)
{
    for (size_t i = 0; i < place->mounts->count; i++) {
        const struct mount_entry *entry = &place->mounts->entries[i];
        if (entry->parent_id == place->mount->id && strcmp(entry->mount_point, path) == 0)
            return true;
    }
    return false;
}

/*
 * The device number does not tell mounts apart: a bind mount has that of its source, and an overlay
 * over several file systems gives files another than their folder (xino=off).
 */
static bool is_on_mount(const struct walking *walking, int64_t mount)
{
    if (walking->mount != NOT_TOLD && mount != NOT_TOLD)
        return mount == walking->mount;
    return !is_mount_point(walking->place, walking->path);
}

/*
 * Fills entry for a name of the folder, and puts it behind the path, which the caller pops; false,
 * and the path is as it was, for what is not walked: links, other mounts.
 */
static bool examine(struct walking *walking, int folder_fd, const struct dirent *found,
                    struct walk_entry *entry)
{
    const char *name = found->d_name;
    size_t length = walking->length;
    int64_t mount = NOT_TOLD;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (found->d_type != DT_DIR && found->d_type != DT_REG && found->d_type != DT_UNKNOWN)
        return false;
    *entry = (struct walk_entry){.folder_fd = folder_fd, .name = name, .path = walking->path};
    if (!push(walking, name))
        return false;
    if (look_at(walking->place, entry, &mount) && is_on_mount(walking, mount))
        return true;
    pop(walking, length);
    return false;
}

static void visit_entries(struct walking *walking, DIR *folder)
{
    const struct dirent *found = NULL;
    struct walk_entry entry;
    size_t length = walking->length;

    // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has one thread
    while (!is_over(walking) && (found = readdir(folder)) != NULL) {
        if (!examine(walking, dirfd(folder), found, &entry))
            continue;
        if (!walking->visit(&entry, walking->context))
            walking->is_stopped = true;
        pop(walking, length);
    }
}

/*
 * A folder that cannot be listed may hold something only where it can be entered: X without R.
 */
static DIR *open_folder(struct walking *walking, int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME);

    if (fd < 0 && errno == EPERM) /* O_NOATIME is for the owner only */
        fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        return fdopendir(fd);
    if (errno == EACCES && faccessat(folder_fd, name, X_OK, 0) == 0)
        walking->is_unlisted = true;
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        walking->is_cut = true;
    return NULL;
}

static void walk_folder(struct walking *walking, int folder_fd, const char *name, int depth)
{
    DIR *folder = open_folder(walking, folder_fd, name);
    const struct dirent *found = NULL;
    struct walk_entry entry;
    size_t length = walking->length;

    if (folder == NULL)
        return;
    visit_entries(walking, folder);
    rewinddir(folder);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has one thread
    while (!is_over(walking) && (found = readdir(folder)) != NULL) {
        if (found->d_type == DT_REG || !examine(walking, dirfd(folder), found, &entry))
            continue;
        if (S_ISDIR(entry.mode) && depth < WALK_DEPTH)
            walk_folder(walking, dirfd(folder), found->d_name, depth + 1);
        else if (S_ISDIR(entry.mode))
            walking->is_cut = true;
        pop(walking, length);
    }
    (void)closedir(folder);
}

struct timespec walk_deadline(void)
{
    struct timespec deadline = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += WALK_SECONDS;
    return deadline;
}

enum walk_end walk(const struct walk_place *place, const struct timespec *deadline,
                   walk_visit *visit, void *context)
{
    struct walking walking = {
        .place = place, .visit = visit, .context = context, .deadline = deadline};
    const char *path = place->mount->mount_point;
    struct walk_entry entry = {.folder_fd = place->root_fd, .path = path};

    entry.name = path[strspn(path, "/")] == '\0' ? "." : path + strspn(path, "/");
    if (strlen(path) >= sizeof walking.path || is_late(deadline))
        return WALK_CUT;
    if (strcmp(path, "/") != 0) {
        walking.length = strlen(path);
        (void)memcpy(walking.path, path, walking.length);
    }
    if (!look_at(place, &entry, &walking.mount)) {
        /* What this process cannot get to holds nothing for it; a later mount may cover the point.
         */
        bool is_out_of_reach = errno == EACCES || errno == ENOENT || errno == ENOTDIR;
        return is_out_of_reach ? WALK_DONE : WALK_CUT;
    }
    if (!visit(&entry, context))
        return WALK_STOPPED;
    if (S_ISDIR(entry.mode))
        walk_folder(&walking, place->root_fd, entry.name, 0);
    if (walking.is_stopped)
        return WALK_STOPPED;
    if (walking.is_cut)
        return WALK_CUT;
    return walking.is_unlisted ? WALK_UNLISTED : WALK_DONE;
}

const char *walk_words(enum walk_end end)
{
    if (end == WALK_CUT)
        return "there are more files than can be looked at";
    if (end == WALK_UNLISTED)
        return "some folders can be entered, but not be listed";
    return NULL;
}
