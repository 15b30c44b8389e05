/*
 * The walk. See walk.h.
 */
#include "probes/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { CLOCK_EVERY = 256 };

struct walking {
    walk_visit *visit;
    void *context;
    dev_t device;
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

/* Fills entry for a name of the folder; false for what is not walked: links, other devices. */
static bool examine(const struct walking *walking, int folder_fd, const struct dirent *found,
                    struct walk_entry *entry)
{
    const char *name = found->d_name;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (found->d_type != DT_DIR && found->d_type != DT_REG && found->d_type != DT_UNKNOWN)
        return false;
    *entry = (struct walk_entry){.folder_fd = folder_fd, .name = name, .path = walking->path};
    return fstatat(folder_fd, name, &entry->status, AT_SYMLINK_NOFOLLOW) == 0 &&
           entry->status.st_dev == walking->device;
}

static void visit_entries(struct walking *walking, DIR *folder)
{
    const struct dirent *found = NULL;
    struct walk_entry entry;
    size_t length = walking->length;

    // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has one thread
    while (!is_over(walking) && (found = readdir(folder)) != NULL) {
        if (!examine(walking, dirfd(folder), found, &entry) || !push(walking, found->d_name))
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
        if (!examine(walking, dirfd(folder), found, &entry) || !S_ISDIR(entry.status.st_mode) ||
            !push(walking, found->d_name))
            continue;
        if (depth < WALK_DEPTH)
            walk_folder(walking, dirfd(folder), found->d_name, depth + 1);
        else
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

enum walk_end walk(int root_fd, const char *path, const struct timespec *deadline,
                   walk_visit *visit, void *context)
{
    struct walking walking = {.visit = visit, .context = context, .deadline = deadline};
    struct walk_entry entry = {.folder_fd = root_fd, .path = path};

    entry.name = path[strspn(path, "/")] == '\0' ? "." : path + strspn(path, "/");
    if (strlen(path) >= sizeof walking.path || is_late(deadline))
        return WALK_CUT;
    if (strcmp(path, "/") != 0) {
        walking.length = strlen(path);
        (void)memcpy(walking.path, path, walking.length);
    }
    if (fstatat(root_fd, entry.name, &entry.status, AT_SYMLINK_NOFOLLOW) < 0) {
        /* What this process cannot get to holds nothing for it; a later mount may cover the point.
         */
        bool is_out_of_reach = errno == EACCES || errno == ENOENT || errno == ENOTDIR;
        return is_out_of_reach ? WALK_DONE : WALK_CUT;
    }
    walking.device = entry.status.st_dev;
    if (!visit(&entry, context))
        return WALK_STOPPED;
    if (S_ISDIR(entry.status.st_mode))
        walk_folder(&walking, root_fd, entry.name, 0);
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
