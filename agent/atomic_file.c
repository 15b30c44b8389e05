/*
 * Files written whole. See atomic_file.h.
 *
 * The data goes into a file without a name (O_TMPFILE), which vanishes with the process. A name
 * for it is needed only for the instant before rename(2), with signals blocked. Where the file
 * system or the kernel (before 6.10 for a process without CAP_DAC_READ_SEARCH) has no such way, the
 * temporary file has a name from the start, and SIGKILL can leave it behind.
 */
#include "agent/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/core/mem.h"

enum { NAME_TRIES = 16, NAME_SIZE = 64 };

struct replacing {
    int folder_fd;
    const char *base; /* the name in that folder */
    const void *data;
    size_t length;
    mode_t mode;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

bool atomic_file_write_all(int fd, const void *data, size_t length)
{
    const char *from = data;

    while (length > 0) {
        ssize_t count = write(fd, from, length);
        if (count >= 0) {
            from += count;
            length -= (size_t)count;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return false;
        /* Somebody made the pipe or terminal that we share non-blocking. */
        struct pollfd waiting = {.fd = fd, .events = POLLOUT};
        if (poll(&waiting, 1, -1) < 0 && errno != EINTR)
            return false;
    }
    return true;
}

/* A name that nobody else uses: O_EXCL and link(2) make sure, so it need not be secret. */
static void make_name(char name[static NAME_SIZE], unsigned attempt)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(name, NAME_SIZE, ".watertight-%ld-%lx-%u", (long)getpid(),
                   (unsigned long)now.tv_nsec, attempt);
}

/* The mode by fchmod(2), since that of open(2) passes through the umask. */
static bool fill(int fd, const struct replacing *job)
{
    return atomic_file_write_all(fd, job->data, job->length) && fchmod(fd, job->mode) == 0 &&
           fsync(fd) == 0;
}

/* The data under a name of its own, by way of a file without one. False: that way is closed. */
static bool link_unnamed(const struct replacing *job, char name[static NAME_SIZE])
{
    CLEANUP(close_fd)
    int fd = openat(job->folder_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0 || !fill(fd, job))
        return false;
    for (unsigned attempt = 0; attempt < NAME_TRIES; attempt++) {
        make_name(name, attempt);
        if (linkat(fd, "", job->folder_fd, name, AT_EMPTY_PATH) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

static bool create_named(const struct replacing *job, char name[static NAME_SIZE])
{
    const int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;
    CLEANUP(close_fd) int fd = -1;

    for (unsigned attempt = 0; attempt < NAME_TRIES && fd < 0; attempt++) {
        make_name(name, attempt);
        fd = openat(job->folder_fd, name, flags, S_IRUSR | S_IWUSR);
        if (fd < 0 && errno != EEXIST)
            return false;
    }
    if (fd < 0)
        return false;
    if (fill(fd, job))
        return true;
    int code = errno;
    (void)unlinkat(job->folder_fd, name, 0);
    errno = code;
    return false;
}

static bool replace(const struct replacing *job)
{
    char name[NAME_SIZE];

    if (!link_unnamed(job, name) && !create_named(job, name))
        return false;
    if (renameat(job->folder_fd, name, job->folder_fd, job->base) == 0) {
        /* The new file is there; that a folder cannot be synced does not take it away. */
        (void)fsync(job->folder_fd);
        return true;
    }
    int code = errno;
    (void)unlinkat(job->folder_fd, name, 0);
    errno = code;
    return false;
}

bool atomic_file_write(const char *path, const void *data, size_t length, mode_t mode,
                       struct error *err)
{
    const char *slash = strrchr(path, '/');
    size_t folder_length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    CLEANUP(mem_free_text) char *folder = mem_format("%.*s.", (int)folder_length, path);
    struct replacing job = {
        .base = path + folder_length, .data = data, .length = length, .mode = mode};
    sigset_t all;
    sigset_t before;

    if (job.base[0] == '\0')
        return error_set(err, "cannot write %s: it names a folder", path);
    CLEANUP(close_fd) int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 && errno == EACCES) /* one that may be written and not listed */
        folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return error_sys(err, "cannot write %s: cannot open its folder", path);
    job.folder_fd = folder_fd;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    bool ok = replace(&job);
    int code = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return ok ? true : error_sys(err, "cannot write %s (beside it, then renamed)", path);
}
