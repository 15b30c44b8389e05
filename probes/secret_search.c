/*
 * Searching for credentials. See secret_search.h.
 */
#include "probes/secret_search.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/entries.h"
#include "probes/mount_kind.h"
#include "probes/procfile.h"
#include "probes/secret_places.h"
#include "probes/target.h"

enum {
    FILE_MAX = 1024 * 1024, /* bytes of one file */
    LISTED_MAX = 256,       /* entries of one folder, and of /home */
    HOMES_MAX = 256,
    CONTENTS_MAX = 64 /* entries of a home that are read first */
};

struct search {
    const struct target *target;
    dev_t root_device;
    struct secret_finds *out;
    struct strset homes; /* that were looked at */
};

/* The first problem is kept: with one, what was found is not all. */
static bool set_problem(struct search *search, const char *path, const char *words)
{
    if (search->out->problem.text[0] == '\0')
        (void)error_set(&search->out->problem, "%s: %s", path, words);
    return true;
}

/* What this process may not read, or what is not there, is no credential that it has. */
static bool is_out_of_reach(int code)
{
    return code == ENOENT || code == ENOTDIR || code == EACCES || code == ELOOP ||
           code == ENAMETOOLONG;
}

static void note_failure(struct search *search, const char *path, int code)
{
    char name[16];

    if (!is_out_of_reach(code))
        (void)set_problem(search, path, error_name(code, name));
}

/* --- a file --------------------------------------------------------------------------------- */

/* Whether the file is the root of a mount: it was mounted by itself. */
static bool is_mounted(const struct search *search, int fd, const char *path)
{
    const struct target *target = search->target;
    struct statx status = {0};

    if (target->witness.answered[WITNESS_STATX] &&
        statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) == 0 &&
        (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
        return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return mount_table_find(&target->mounts, path) != NULL; /* before Linux 5.8 */
}

/* A root file system in memory, as of a small virtual machine, hands nothing over. */
static bool is_handed_over(const struct search *search, int fd, const struct stat *status,
                           const char *path)
{
    struct statfs filesystem;
    bool is_memory = fstatfs(fd, &filesystem) == 0 &&
                     (filesystem.f_type == (typeof(filesystem.f_type))TMPFS_MAGIC ||
                      filesystem.f_type == (typeof(filesystem.f_type))RAMFS_MAGIC);

    return (is_memory && status->st_dev != search->root_device) || is_mounted(search, fd, path);
}

/* Expected: bytes. The buffer is wiped: nothing of what stands there is kept. */
static void look_into(struct search *search, int fd, size_t size, const struct secret_place *place,
                      const char *path)
{
    size_t room = (size < FILE_MAX ? size : FILE_MAX) + 1;
    char *text = mem_new(room, 1);
    size_t length = 0;
    ssize_t count = 0;

    while (length < room && (count = read(fd, text + length, room - length)) > 0)
        length += (size_t)count;
    if (count < 0)
        note_failure(search, path, errno);
    if (secret_content_has(place->format, place->fields, text, length)) {
        if (!shared_list_add(&search->out->found, "%s", path))
            (void)set_problem(search, path, "there are too many to be told");
    } else if (length == room) {
        (void)set_problem(search, path, "there is more in it than is looked at");
    }
    explicit_bzero(text, length);
    free(text);
}

/* O_NOATIME where this user may ask for it: not even the time of the last reading changes. */
static int open_file(int folder_fd, const char *name)
{
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(folder_fd, name, flags | O_NOATIME);

    return fd < 0 && errno == EPERM ? openat(folder_fd, name, flags) : fd;
}

static char *join(const char *folder, const char *name)
{
    size_t length = strlen(folder);

    return mem_format("%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
}

/* Only a regular file is opened: a device or a pipe could notice. */
static void look_at(struct search *search, int folder_fd, const char *folder,
                    const struct secret_place *place, const char *name)
{
    struct stat status = {0};
    int code = fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;

    if (code == 0 && (status.st_mode & S_IFMT) == 0) /* a filter answers in the kernel's place */
        code = EIO;
    if (is_out_of_reach(code) || (code == 0 && (!S_ISREG(status.st_mode) || status.st_size == 0)))
        return;
    CLEANUP(mem_free_text) char *path = join(folder, name);
    if (code != 0) {
        note_failure(search, path, code);
        return;
    }
    CLEANUP(procfile_close) int fd = open_file(folder_fd, name);
    if (fd < 0)
        note_failure(search, path, errno);
    else if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
             !is_handed_over(search, fd, &status, path))
        look_into(search, fd, (size_t)status.st_size, place, path);
}

/* --- a folder ------------------------------------------------------------------------------- */

struct listing {
    struct search *search;
    const struct secret_place *place;
    int fd;
    const char *path;
    size_t count;
};

static bool visit_file(const struct dirent64 *entry, void *context)
{
    struct listing *listing = context;

    if (listing->count++ == LISTED_MAX)
        return !set_problem(listing->search, listing->path, "it has more files than are looked at");
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
        look_at(listing->search, listing->fd, listing->path, listing->place, entry->d_name);
    return true;
}

static void look_at_each(struct search *search, int folder_fd, const char *path,
                         const struct secret_place *place)
{
    struct listing listing = {.search = search, .place = place, .fd = folder_fd, .path = path};
    CLEANUP(procfile_close)
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        note_failure(search, path, errno);
    else if (!entries_visit(fd, visit_file, &listing))
        (void)set_problem(search, path, "its files cannot be listed");
}

typedef const struct secret_place *place_at(size_t index);

/* Looks at all places below a directory. Those of a folder stand together: it is opened once. */
static void look_below(struct search *search, int base_fd, const char *base, place_at *at)
{
    const struct secret_place *place = NULL;
    const char *folder = "";
    int opened = -1;
    int fd = base_fd;
    CLEANUP(mem_free_text) char *path = mem_copy(base);

    for (size_t i = 0; (place = at(i)) != NULL; i++) {
        if (strcmp(place->folder, folder) != 0) {
            folder = place->folder;
            procfile_close(&opened);
            opened = fd = openat(base_fd, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
            mem_free_text(&path);
            path = fd < 0 ? NULL : join(base, folder);
        }
        if (fd >= 0 && place->name == NULL)
            look_at_each(search, fd, path, place);
        else if (fd >= 0)
            look_at(search, fd, path, place, place->name);
    }
    procfile_close(&opened);
}

/* --- home directories ----------------------------------------------------------------------- */

static int open_below_root(const struct search *search, const char *path, int flags)
{
    path += strspn(path, "/");
    return openat(search->target->root_fd, path[0] == '\0' ? "." : path,
                  flags | O_DIRECTORY | O_CLOEXEC);
}

/* Directories that system users have by custom, where programs and devices lie and nobody lives. */
static bool is_nobodys(const char *path)
{
    static const char *const paths[] = {"/bin",       "/dev",      "/nonexistent",
                                        "/sbin",      "/sys",      "/usr/bin",
                                        "/usr/games", "/usr/sbin", "/var/empty"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (path_is_below(path, paths[i]))
            return true;
    }
    return path[0] != '/' || path_is_below(path, target_procfs_path);
}

struct contents {
    size_t count;
    bool is_worth_searching;
};

/* A part of a path to a place; or there is too much to read. */
static bool visit_content(const struct dirent64 *entry, void *context)
{
    struct contents *contents = context;
    const struct secret_place *place = NULL;
    size_t length = strlen(entry->d_name);
    bool is_part = false;

    for (size_t i = 0; entry->d_name[0] == '.' && (place = secret_home_place(i)) != NULL; i++) {
        const char *first = place->folder[0] != '\0' ? place->folder : place->name;
        is_part |= strncmp(first, entry->d_name, length) == 0 &&
                   (first[length] == '/' || first[length] == '\0');
    }
    contents->is_worth_searching = is_part || ++contents->count == CONTENTS_MAX;
    return !contents->is_worth_searching;
}

/*
 * Most homes are small and have nothing of the kind: a look at what they hold is cheaper than at
 * what may be. One that can be entered and not be listed is searched.
 */
static void look_at_home(struct search *search, const char *path)
{
    struct contents contents = {0};
    struct stat status;

    if (is_nobodys(path) || strset_has(&search->homes, path))
        return;
    if (search->homes.count == HOMES_MAX) {
        (void)set_problem(search, "/home", "there are more homes than are looked at");
        return;
    }
    strset_add(&search->homes, path);
    CLEANUP(procfile_close) int fd = open_below_root(search, path, O_RDONLY | O_NONBLOCK);
    if (fd >= 0 && entries_visit(fd, visit_content, &contents) && !contents.is_worth_searching)
        return;
    if (fd < 0 && errno == EACCES)
        fd = open_below_root(search, path, O_PATH);
    /* By its dot: nothing can be reached in a directory that may not be searched. */
    if (fd >= 0 && fstatat(fd, ".", &status, 0) == 0)
        look_below(search, fd, path, secret_home_place);
}

static bool visit_home(const struct dirent64 *entry, void *context)
{
    struct search *search = context;
    CLEANUP(mem_free_text) char *path = mem_format("/home/%s", entry->d_name);

    look_at_home(search, path);
    return search->homes.count < HOMES_MAX;
}

/* passwd(5): the sixth of seven fields. */
static void look_at_users(struct search *search)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct error err = {0};
    struct span line;
    size_t length = 0;
    CLEANUP(procfile_close)
    int fd =
        openat(search->target->root_fd, "etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (!procfile_read_fd(fd, FILE_MAX, &text, &length, &err)) {
        (void)set_problem(search, "/etc/passwd", err.text);
        return;
    }
    struct span rest = {.at = text, .end = text + length};
    while (span_line(&rest, &line)) {
        const char *at = line.at;
        for (int colons = 0; colons < 5 && at != NULL; colons++) {
            at = memchr(at, ':', (size_t)(line.end - at));
            at = at == NULL ? NULL : at + 1;
        }
        const char *end = at == NULL ? NULL : memchr(at, ':', (size_t)(line.end - at));
        CLEANUP(mem_free_text)
        char *home = end == NULL ? mem_copy("") : mem_copy_n(at, (size_t)(end - at));
        look_at_home(search, home);
    }
}

static void look_at_homes(struct search *search)
{
    const char *home = getenv("HOME");
    CLEANUP(procfile_close)
    int fd =
        openat(search->target->root_fd, "home", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    if (home != NULL)
        look_at_home(search, home);
    look_at_home(search, "/root");
    look_at_users(search);
    if (fd >= 0 && !entries_visit(fd, visit_home, search))
        (void)set_problem(search, "/home", "it cannot be listed");
}

static void look_at_variables(struct search *search)
{
    const struct secret_variable *variable = NULL;

    for (size_t i = 0; (variable = secret_variable_at(i)) != NULL; i++) {
        const char *value = getenv(variable->name);
        for (const char *at = value; at != NULL && *at != '\0'; at += *at == ':') {
            CLEANUP(mem_free_text) char *path = mem_copy_n(at, strcspn(at, ":"));
            at += strlen(path);
            if (path[0] == '/')
                look_at(search, search->target->root_fd, "", &variable->place, path + 1);
        }
    }
}

void secret_search_step(size_t index, void *shared, const void *context)
{
    struct search *search = mem_new(1, sizeof *search);
    const struct target *const *target = context;
    struct stat status;

    (void)index;
    search->target = *target;
    search->out = shared;
    if (fstatat(search->target->root_fd, ".", &status, 0) == 0)
        search->root_device = status.st_dev;
    look_at_homes(search);
    look_below(search, search->target->root_fd, "/", secret_root_place);
    look_at_variables(search);
    strset_free(&search->homes);
    free(search);
}

void *secret_search_context(const struct target *target)
{
    const struct target **context = mem_new(1, sizeof(struct target *));

    *context = target;
    return context;
}
