/*
 * Files of a procfs. See procfile.h.
 */
#include "probes/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/target.h"

void procfile_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* The kernel itself refuses to cross a mount (EXDEV) on the way. */
static int open_checked(int directory_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned int)flags | O_CLOEXEC,
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, directory_fd, path, &how, sizeof how);
}

/*
 * Without openat2(2): whatever lies on another device than the procfs is mounted over it. A bind
 * mount from within the same procfs is not seen here; integrity of the process's own number
 * (target.c) and the mount table tell that.
 */
static int open_compared(const struct target *target, int directory_fd, const char *path, int flags)
{
    struct stat root;
    struct stat file;
    int fd = openat(directory_fd, path, flags | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (fstat(target->procfs_fd, &root) == 0 && fstat(fd, &file) == 0 && root.st_dev == file.st_dev)
        return fd;
    (void)close(fd);
    errno = EXDEV;
    return -1;
}

int procfile_open(const struct target *target, int directory_fd, const char *path, int flags,
                  struct error *err)
{
    bool has_openat2 = target->witness.answered[WITNESS_OPENAT2];

    if (directory_fd < 0) {
        (void)error_set(err, "there is no trustworthy procfs: %s", target->procfs_detail.text);
        return -1;
    }
    int fd = has_openat2 ? open_checked(directory_fd, path, flags)
                         : open_compared(target, directory_fd, path, flags);
    if (fd < 0 && errno == EXDEV) {
        (void)error_set(err, "something is mounted over %s in the procfs", path);
        err->code = EXDEV;
    } else if (fd < 0) {
        (void)error_sys(err, "cannot open %s in the procfs", path);
        procfile_name_right(target, err);
    }
    return fd;
}

void procfile_name_right(const struct target *target, struct error *err)
{
    int code = err->code;

    if (target->is_self || (code != EACCES && code != EPERM))
        return;
    CLEANUP(mem_free_text) char *words = mem_copy(err->text);
    (void)error_set(err,
                    "%s; of another process, that takes CAP_SYS_PTRACE, or its user and group and "
                    "all its capabilities",
                    words);
    err->code = code;
}

bool procfile_read_fd(int fd, size_t max, char **out, size_t *length, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t capacity = 0;
    size_t used = 0;

    for (;;) {
        if (used + 1 >= capacity) {
            capacity = capacity == 0 ? 4096 : capacity * 2;
            text = mem_resize(text, capacity);
        }
        ssize_t count = read(fd, text + used, capacity - used - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_sys(err, "cannot read");
        if (count == 0)
            break;
        used += (size_t)count;
        if (used > max)
            return error_set(err, "it is larger than %zu bytes", max);
    }
    text[used] = '\0';
    *length = used;
    *out = text;
    text = NULL;
    return true;
}

bool procfile_read_at(const struct target *target, int directory_fd, const char *path, char **out,
                      size_t *length, struct error *err)
{
    struct error inner = {0};
    CLEANUP(procfile_close)
    int fd = procfile_open(target, directory_fd, path, O_RDONLY, err);

    if (fd < 0)
        return false;
    if (procfile_read_fd(fd, PROCFILE_MAX, out, length, &inner))
        return true;
    (void)error_set(err, "%s in the procfs: %s", path, inner.text);
    err->code = inner.code;
    return false;
}

bool procfile_read(const struct target *target, const char *name, char **out, size_t *length,
                   struct error *err)
{
    return procfile_read_at(target, target->process_fd, name, out, length, err);
}

bool procfile_read_system(const struct target *target, const char *path, char **out, size_t *length,
                          struct error *err)
{
    return procfile_read_at(target, target->procfs_fd, path, out, length, err);
}

int procfile_open_sysctl(const struct target *target, const char *path, int flags,
                         struct error *err)
{
    if (target->procfs_fd < 0) {
        (void)error_set(err, "there is no trustworthy procfs: %s", target->procfs_detail.text);
        return -1;
    }
    int fd = open_compared(target, target->procfs_fd, path, flags);
    if (fd < 0)
        (void)error_sys(err, "cannot open %s in the procfs", path);
    return fd;
}

bool procfile_read_sysctl(const struct target *target, const char *path, char **out, size_t *length,
                          struct error *err)
{
    struct error inner = {0};
    CLEANUP(procfile_close) int fd = procfile_open_sysctl(target, path, O_RDONLY, err);

    if (fd < 0)
        return false;
    if (!procfile_read_fd(fd, PROCFILE_MAX, out, length, &inner))
        return error_set(err, "%s in the procfs: %s", path, inner.text);
    return true;
}
