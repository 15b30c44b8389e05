/*
 * The attempts. See write_attempt.h.
 *
 * All of it happens in one throw-away child, and no file ever gets a name, so that nothing can be
 * left behind. The kernel's own permission check comes first; where it denies, that is the answer.
 * Where it permits, the attempt is made with O_TMPFILE, which also meets quotas and full disks.
 * Two attempts are deliberately not made: a file with a name, since SIGKILL could leave it behind,
 * and O_TMPFILE on overlayfs, since that copies the directory up into the writable layer.
 */
#include "probes/write_attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/assume.h"
#include "probes/mode_bits.h"
#include "probes/permission.h"

enum assumed { ASSUMED_NOTHING, ASSUMED_ALL, ASSUMED_REFUSED };

struct attempts {
    const struct target *target;
    const struct strset *paths;
    struct permission_calls calls;
    enum assumed assumed;
    pid_t assumed_by; /* the child that did; the next one has to do it again */
};

/* Failures of our own resources, not of the path. */
static bool is_own_failure(int code)
{
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EINTR || code == ENOSYS;
}

static int settle(struct write_attempt *out, int code, enum write_method method)
{
    out->code = code;
    out->method = method;
    out->doubt = is_own_failure(code) ? WRITE_OWN_FAILURE : WRITE_SETTLED;
    return code;
}

static void doubt(struct write_attempt *out, int code, enum write_doubt why)
{
    out->code = code;
    out->doubt = why;
}

/* Of another process, what was opened is asked about: its links were followed in its root. */
static int check_permission(const struct attempts *attempts, int fd, const char *path, int mode,
                            struct write_attempt *out)
{
    const struct target *target = attempts->target;
    int code = ENOSYS;

    if (target->is_self)
        code = permission_check(&attempts->calls, target->root_fd, path, mode);
    else if (attempts->calls.has_faccessat2)
        code = syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH) == 0 ? 0 : errno;
    return settle(out, code, WRITE_PERMISSION);
}

/*
 * Expected: a descriptor of a file without a name, which closing destroys; or EACCES, EPERM, EROFS,
 * ENOSPC, EDQUOT. EOPNOTSUPP, EISDIR and ENOENT: there is no O_TMPFILE here (open(2)), and the
 * permission check stands. Harmless: the directory's entries and times do not change.
 */
static void attempt_file(int directory_fd, struct write_attempt *out)
{
    int fd = openat(directory_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd >= 0) {
        (void)close(fd);
        (void)settle(out, 0, WRITE_ATTEMPT);
    } else if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
        (void)settle(out, errno, WRITE_ATTEMPT);
    }
}

/* Whether somebody with other credentials could tell from here what the mode alone does not. */
static bool may_have_acl(int path_fd, bool is_directory)
{
    int fd = is_directory ? openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd < 0)
        return true;
    bool is_none = fgetxattr(fd, "system.posix_acl_access", NULL, 0) < 0 &&
                   (errno == ENODATA || errno == EOPNOTSUPP);
    (void)close(fd);
    return !is_none;
}

/* With other credentials than the process's own: only what would be refused to it can be told. */
static void decide_by_mode(const struct attempts *attempts, int fd, unsigned int wanted,
                           struct write_attempt *out)
{
    const struct target *target = attempts->target;
    struct mode_bits bits = {
        .owner = out->owner,
        .group = out->group,
        .mode = out->mode,
        .may_have_acl = may_have_acl(fd, S_ISDIR(out->mode)),
    };

    if (target->has_same_user_namespace && assume_is_possible(&target->credentials) &&
        mode_bits_deny(&target->credentials, &bits, wanted))
        (void)settle(out, EACCES, WRITE_MODE);
    else
        doubt(out, EPERM, WRITE_CREDENTIALS);
}

/* EROFS, a denial, or an attempt that was allowed to be made. */
static void attempt_open_path(const struct attempts *attempts, int fd, const char *path,
                              struct write_attempt *out)
{
    struct statfs filesystem;
    struct stat status;

    if (!attempts->target->witness.answered[WITNESS_FSTATFS]) {
        doubt(out, ENOSYS, WRITE_NO_FLAGS);
        return;
    }
    if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &status) < 0) {
        (void)settle(out, errno, WRITE_FLAG);
        doubt(out, out->code, WRITE_OWN_FAILURE);
        return;
    }
    out->mode = status.st_mode;
    out->owner = status.st_uid;
    out->group = status.st_gid;
    bool is_directory = S_ISDIR(status.st_mode);
    int mode = is_directory ? W_OK | X_OK : W_OK;
    if (((unsigned long)filesystem.f_flags & ST_RDONLY) != 0)
        (void)settle(out, EROFS, WRITE_FLAG);
    else if (attempts->assumed == ASSUMED_REFUSED)
        decide_by_mode(attempts, fd, (unsigned int)mode, out);
    else if (check_permission(attempts, fd, path, mode, out) == 0 && is_directory &&
             filesystem.f_type != OVERLAYFS_SUPER_MAGIC)
        attempt_file(fd, out);
    if (!attempts->target->has_same_label && out->code == 0 && out->doubt == WRITE_SETTLED)
        doubt(out, EACCES, WRITE_LABEL);
}

static void attempt_path(const struct attempts *attempts, const char *path,
                         struct write_attempt *out)
{
    int fd = target_open_path(attempts->target, path, O_PATH);
    int code = errno;

    if (fd >= 0) {
        attempt_open_path(attempts, fd, path, out);
        (void)close(fd);
        return;
    }
    (void)settle(out, code, WRITE_PERMISSION);
    /* Another's credentials may find more or less; that a path is not there is so for all. */
    if (attempts->assumed == ASSUMED_REFUSED && code != ENOENT && code != ENOTDIR)
        doubt(out, code, WRITE_CREDENTIALS);
}

/* Once in each child. Ids of another user namespace cannot be had in this one. */
static void assume_target(struct attempts *attempts)
{
    const struct target *target = attempts->target;

    if (target->is_self || attempts->assumed_by == getpid())
        return;
    attempts->assumed_by = getpid();
    bool is_possible = target->has_same_user_namespace && assume_is_possible(&target->credentials);
    attempts->assumed = is_possible && assume_credentials(&target->credentials) == 0
                            ? ASSUMED_ALL
                            : ASSUMED_REFUSED;
}

void write_attempt_step(size_t index, void *shared, const void *context)
{
    struct attempts *attempts = (struct attempts *)(uintptr_t)context;
    const char *path = attempts->paths->items[index];

    assume_target(attempts);
    /* Below the root's descriptor; "/" itself is that descriptor's own ".". */
    while (path[0] == '/')
        path++;
    attempt_path(attempts, path[0] == '\0' ? "." : path, (struct write_attempt *)shared + index);
}

void *write_attempt_context(const struct target *target, const struct strset *paths)
{
    struct attempts *attempts = mem_new(1, sizeof *attempts);

    *attempts = (struct attempts){
        .target = target,
        .paths = paths,
        .calls = permission_calls_of(target),
    };
    return attempts;
}
