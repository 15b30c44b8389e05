/*
 * Handles on namespaces and processes. See handle.h.
 *
 * Of sockets and pipes it is not known who is at their other end: those are not judged.
 */
#include "probes/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "agent/core/mem.h"
#include "probes/fdinfo.h"
#include "probes/procfile.h"
#include "probes/target.h"

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* "mnt:[4026531841]"; every other link of this form is of a pipe, a socket or a pidfd. */
static size_t namespace_name_length(const struct handle *handle)
{
    size_t length = strspn(handle->link, "abcdefghijklmnopqrstuvwxyz_");

    if (!S_ISREG(handle->status->st_mode) || strncmp(handle->link, "pidfd:", 6) == 0)
        return 0;
    return strncmp(handle->link + length, ":[", 2) == 0 ? length : 0;
}

/* Linux 6.9 alone has links like "pidfd:[1234]". */
static bool is_of_process(const struct handle *handle)
{
    return strcmp(handle->link, "anon_inode:[pidfd]") == 0 ||
           (S_ISREG(handle->status->st_mode) && strncmp(handle->link, "pidfd:[", 7) == 0);
}

/* An older kernel does not have each name. */
static bool has_namespace(const struct handle *handle, int process_fd, const char *name, bool *has,
                          struct error *err)
{
    struct stat own;

    *has = false;
    if (fstatat(process_fd, name, &own, 0) < 0)
        return errno == ENOENT || error_sys(err, "its namespaces");
    *has = is_same_file(handle->status, &own);
    return true;
}

/* Children may be made in other namespaces than the process's own: those are its, too. */
static bool look_at_namespace(const struct handle *handle, size_t length, bool *is_outside,
                              struct error *err)
{
    static const char *const suffixes[] = {"", "_for_children"};
    const int processes[] = {handle->process_fd, handle->target->process_fd};
    bool has = false;

    for (size_t i = 0; !has && i < 4; i++) {
        CLEANUP(mem_free_text)
        char *name = mem_format("ns/%.*s%s", (int)length, handle->link, suffixes[i % 2]);
        if (!has_namespace(handle, processes[i / 2], name, &has, err))
            return false;
    }
    *is_outside = !has;
    return true;
}

/*
 * Whether a process of the procfs is in the target's PID namespace, or in one below. No namespace
 * shows its parent to who is outside of that (EPERM).
 */
static bool is_below(const struct target *target, pid_t number, bool *out, struct error *err)
{
    CLEANUP(mem_free_text) char *name = mem_format("%d/ns/pid", (int)number);
    struct stat own;
    struct stat status;

    *out = true;
    CLEANUP(procfile_close)
    int fd = openat(target->procfs_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) /* of a process that has ended there is nothing left */
        return errno == ENOENT || error_sys(err, "the namespaces of process %d", (int)number);
    if (fstatat(target->process_fd, "ns/pid", &own, 0) < 0)
        return error_sys(err, "its namespaces");
    while (fstat(fd, &status) == 0 && !is_same_file(&status, &own)) {
        int parent = ioctl(fd, NS_GET_PARENT);
        if (parent < 0) {
            *out = false;
            return errno == EPERM || error_sys(err, "the namespaces of process %d", (int)number);
        }
        procfile_close(&fd);
        fd = parent;
    }
    return true;
}

static bool read_process(const struct target *target, int process_fd, const char *name,
                         struct fdinfo_process *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    return procfile_read_at(target, process_fd, name, &text, &length, err) &&
           fdinfo_process(text, length, out, err);
}

/*
 * Through a procfs of the target's own PID namespace, what has a number is inside. An outer one
 * has numbers for others too: those that are less deep cannot be inside, the rest is looked up.
 */
static bool look_at_process(const struct handle *handle, bool *is_outside, struct error *err)
{
    const struct target *target = handle->target;
    CLEANUP(mem_free_text) char *name = mem_format("fdinfo/%d", handle->number);
    struct fdinfo_process other = {0};
    struct fdinfo_process own = {0};
    bool is_inside = true;

    if (!read_process(target, handle->process_fd, name, &other, err) ||
        !read_process(target, target->process_fd, "status", &own, err))
        return false;
    *is_outside = other.number == 0 || (other.number > 0 && other.depth < own.depth);
    if (*is_outside || other.number < 0 || own.depth == 1)
        return true;
    if (!is_below(target, other.number, &is_inside, err))
        return false;
    *is_outside = !is_inside;
    return true;
}

bool handle_outside(const struct handle *handle, const char **kind, struct error *err)
{
    size_t length = namespace_name_length(handle);
    bool is_outside = false;

    *kind = NULL;
    if (length > 0) {
        if (!look_at_namespace(handle, length, &is_outside, err))
            return false;
        *kind = is_outside ? "namespace" : NULL;
    } else if (is_of_process(handle)) {
        if (!look_at_process(handle, &is_outside, err))
            return false;
        *kind = is_outside ? "process" : NULL;
    }
    return true;
}
