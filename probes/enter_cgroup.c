/*
 * Joining control groups. See enter_cgroup.h.
 */
#include "probes/enter_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/procfile.h"
#include "probes/namespace_evidence.h"
#include "probes/target_find.h"

/* One line: "4:cpu,cpuacct:/user.slice". */
struct hierarchy {
    char *controllers; /* "" for version 2 */
    char *path;
};

static void free_hierarchy(struct hierarchy *hierarchy)
{
    free(hierarchy->controllers);
    free(hierarchy->path);
}

static bool split_line(struct span line, struct hierarchy *out)
{
    size_t length = (size_t)(line.end - line.at);
    const char *first = memchr(line.at, ':', length);
    const char *second =
        first == NULL ? NULL : memchr(first + 1, ':', (size_t)(line.end - first - 1));

    if (second == NULL)
        return false;
    out->controllers = mem_copy_n(first + 1, (size_t)(second - first - 1));
    out->path = mem_copy_n(second + 1, (size_t)(line.end - second - 1));
    return true;
}

/* Whether word stands in a list with commas. */
static bool has_word(const char *list, const char *word, size_t length)
{
    for (const char *at = list;; at++) {
        size_t next = strcspn(at, ",");
        if (next == length && strncmp(at, word, length) == 0)
            return true;
        at += next;
        if (*at == '\0')
            return false;
    }
}

/* The mount of a hierarchy whose root is the hierarchy's, so that paths can be followed below it.
 */
static const struct mount_entry *find_mount(const struct mount_table *mounts,
                                            const char *controllers)
{
    size_t length = strcspn(controllers, ",");

    for (size_t i = 0; i < mounts->count; i++) {
        const struct mount_entry *entry = &mounts->entries[i];
        bool is_right = controllers[0] == '\0'
                            ? strcmp(entry->type, "cgroup2") == 0
                            : strcmp(entry->type, "cgroup") == 0 &&
                                  has_word(entry->super_options, controllers, length);
        if (is_right && strcmp(entry->root, "/") == 0)
            return entry;
    }
    return NULL;
}

static bool file_has(int directory_fd, const char *name, const char *text)
{
    char buffer[256] = {0};
    CLEANUP(procfile_close) int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);

    return fd >= 0 && read(fd, buffer, sizeof buffer - 1) > 0 && strstr(buffer, text) != NULL;
}

/* Version 1 tells by the state of its freezer, version 2 by an event. */
static bool is_frozen(int directory_fd)
{
    return file_has(directory_fd, "freezer.state", "FROZEN") ||
           file_has(directory_fd, "freezer.state", "FREEZING") ||
           file_has(directory_fd, "cgroup.events", "frozen 1");
}

static bool open_one(const struct mount_entry *mount, const struct hierarchy *hierarchy,
                     struct enter_cgroups *out, struct error *err)
{
    CLEANUP(mem_free_text) char *path = mem_format("%s%s", mount->mount_point, hierarchy->path);
    CLEANUP(procfile_close) int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return error_sys(err, "cannot open its control group %s", path);
    if (is_frozen(directory))
        return error_set(err, "its control group %s is frozen", path);
    int fd = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return error_sys(err, "cannot join its control group %s", path);
    out->procs_fds[out->count++] = fd;
    return true;
}

static bool is_same_path(const char *own, const struct hierarchy *hierarchy)
{
    CLEANUP(mem_free_text)
    char *rest = mem_format(":%s:%s\n", hierarchy->controllers, hierarchy->path);

    return strstr(own, rest) != NULL;
}

/*
 * A hierarchy that is mounted nowhere and has no controllers limits nothing: that of version 2
 * beside those of version 1.
 */
static bool open_line(const struct target *self, const char *own, struct span line, bool is_hybrid,
                      struct enter_cgroups *out, struct error *err)
{
    CLEANUP(free_hierarchy) struct hierarchy hierarchy = {0};

    if (!split_line(line, &hierarchy))
        return error_set(err, "cgroup: a line is malformed");
    if (is_same_path(own, &hierarchy))
        return true;
    const struct mount_entry *mount = find_mount(&self->mounts, hierarchy.controllers);
    bool is_idle = is_hybrid && hierarchy.controllers[0] == '\0';
    if (mount == NULL)
        return is_idle ||
               error_set(err, "its control group (%s) is not mounted here", hierarchy.controllers);
    if (out->count == ENTER_CGROUPS_MAX)
        return error_set(err, "it is in too many control groups");
    return open_one(mount, &hierarchy, out, err);
}

static bool is_initial(const struct target *self, const char *path)
{
    struct stat status;

    return fstatat(self->procfs_fd, path, &status, 0) == 0 &&
           namespace_is_initial(NAMESPACE_CGROUP, status.st_ino);
}

/* Whether this process is in the initial one now. */
static bool join_initial(const struct target *self, pid_t pid)
{
    char path[32];

    (void)snprintf(path, sizeof path, "%d/ns/cgroup", (int)pid);
    if (!is_initial(self, path))
        return false;
    CLEANUP(procfile_close) int fd = openat(self->procfs_fd, path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && setns(fd, CLONE_NEWCGROUP) == 0;
}

void enter_cgroups_prepare(void)
{
    CLEANUP(target_close) struct target self;
    struct error ignored = {0};
    pid_t *pids = NULL;
    size_t count = 0;

    target_open_self(&self);
    /* Under a filter, which may kill for setns(2), nothing can be entered anyway. */
    bool has_filters =
        !self.credentials.known[CREDENTIAL_SECCOMP_MODE] || self.credentials.seccomp_mode != 0;
    if (has_filters || self.procfs_fd < 0 || is_initial(&self, "self/ns/cgroup"))
        return;
    bool is_done = !target_list(&self, &pids, &count, &ignored);
    for (size_t i = 0; i < count && !is_done; i++)
        is_done = join_initial(&self, pids[i]);
    free(pids);
}

bool enter_cgroups_open(const struct target *self, const struct target *target,
                        struct enter_cgroups *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    CLEANUP(mem_free_text) char *own = NULL;
    size_t length = 0;
    size_t own_length = 0;
    struct span line;

    *out = (struct enter_cgroups){0};
    if (!procfile_read(target, "cgroup", &text, &length, err) ||
        !procfile_read(self, "cgroup", &own, &own_length, err))
        return false;
    struct span rest = {.at = text, .end = text + length};
    bool is_hybrid = strncmp(text, "0:", 2) != 0;
    while (span_line(&rest, &line)) {
        if (!open_line(self, own, line, is_hybrid, out, err))
            return false;
    }
    return true;
}

bool enter_cgroups_join(const struct enter_cgroups *groups, pid_t pid, struct error *err)
{
    char number[16];
    int length = snprintf(number, sizeof number, "%d", (int)pid);

    for (size_t i = 0; i < groups->count; i++) {
        if (write(groups->procs_fds[i], number, (size_t)length) != length)
            return error_sys(err, "cannot join a control group");
    }
    return true;
}

void enter_cgroups_close(struct enter_cgroups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        procfile_close(&groups->procs_fds[i]);
    groups->count = 0;
}
