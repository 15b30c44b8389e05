/*
 * Looking at the kernel's own files. See kernel_look.h.
 */
#include "probes/kernel_look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/id_map.h"
#include "probes/kallsyms.h"
#include "probes/kernel_paths.h"
#include "probes/permission.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum {
    LOOK_BYTES = 1024, /* the kernel makes what is read, and an address takes it long */
    PATH_BYTES = 256,
    NULL_MAJOR = 1, /* /dev/null (Documentation/admin-guide/devices.txt) */
    NULL_MINOR = 3
};

const char *const kernel_look_places[] = {
    [PLACE_PROCFS] = target_procfs_path, [PLACE_SYSFS] = "/sys"};

struct looking {
    int root_fd;
    struct permission_calls calls;
};

static bool is_own_failure(int code)
{
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EINTR;
}

static void settle(struct kernel_look *out, enum kernel_answer answer, const char *note)
{
    out->answer = answer;
    out->note = note;
}

static void settle_error(struct kernel_look *out, int code)
{
    out->answer = is_own_failure(code) ? ANSWER_NONE : ANSWER_DENIED;
    out->code = code;
}

static bool note_entry(const struct dirent64 *entry, void *context)
{
    (void)entry;
    *(bool *)context = true;
    return false;
}

/* 1 when the directory has an entry, 0 when it has none, -1 (errno set) when it cannot be read. */
static int has_entry(int directory_fd)
{
    bool is_found = false;
    CLEANUP(procfile_close)
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || !entries_visit(fd, note_entry, &is_found))
        return -1;
    return is_found ? 1 : 0;
}

/*
 * Expected: bytes; or EACCES, EPERM; EIO or EINVAL where a file can only be written. Harmless:
 * without O_NONBLOCK it could wait, with it none of these files does; none is changed by reading.
 */
static void look_into_file(const struct looking *looking, const char *path,
                           enum kernel_content content, struct kernel_look *out)
{
    char bytes[LOOK_BYTES];
    CLEANUP(procfile_close)
    int fd =
        openat(looking->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        settle_error(out, errno);
        return;
    }
    if (content == CONTENT_CONSUMED) {
        settle(out, ANSWER_READABLE, "it could be opened; it was not read");
        return;
    }
    ssize_t length = read(fd, bytes, sizeof bytes);
    if (length < 0)
        settle_error(out, errno);
    else if (length == 0)
        settle(out, ANSWER_DENIED, "it is empty for this process");
    else if (content == CONTENT_SYMBOLS && !kallsyms_has_address(bytes, (size_t)length))
        settle(out, ANSWER_DENIED, "it gives no address away");
    else
        settle(out, ANSWER_READABLE, NULL);
}

static void look_into_directory(int fd, struct kernel_look *out)
{
    int found = has_entry(fd);

    if (found < 0 && errno != EACCES && errno != EPERM)
        out->code = errno;
    else if (found < 0)
        settle_error(out, errno);
    else if (found == 0)
        settle(out, ANSWER_ABSENT, "it is an empty directory");
    else
        settle(out, ANSWER_READABLE, NULL);
}

/* A mask: the null device over a file, an empty read-only directory over a directory. */
static bool is_mask(int fd, const struct stat *status, bool is_read_only)
{
    if (S_ISCHR(status->st_mode))
        return status->st_rdev == makedev(NULL_MAJOR, NULL_MINOR);
    return S_ISDIR(status->st_mode) && is_read_only && has_entry(fd) == 0;
}

/*
 * A file whose mode has no bit for writing takes none in the kernel, though the permission check
 * lets who may override modes pass.
 */
static int check_writing(const struct looking *looking, const char *path)
{
    struct stat status;

    if (fstatat(looking->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno;
    if ((status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return EACCES;
    return permission_check(&looking->calls, looking->root_fd, path, W_OK);
}

/* For a directory of many files one of them is asked about, where it is there. */
static int ask_for_writing(const struct looking *looking, const struct kernel_path *path,
                           const char *full)
{
    char sample[PATH_BYTES];
    int code = ENOENT;

    if (path->sample != NULL) {
        (void)snprintf(sample, sizeof sample, "%s/%s", full, path->sample);
        code = check_writing(looking, sample);
    }
    return code == ENOENT ? check_writing(looking, full) : code;
}

static void look_at(const struct looking *looking, const struct kernel_path *path, const char *full,
                    struct kernel_look *out)
{
    struct stat status;
    struct statfs filesystem;
    CLEANUP(procfile_close)
    int fd = openat(looking->root_fd, full, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        settle(out, ANSWER_ABSENT, NULL);
        return;
    }
    if (fd < 0 || fstat(fd, &status) < 0 || fstatfs(fd, &filesystem) < 0) {
        out->code = errno;
        return;
    }
    unsigned long type = (unsigned long)filesystem.f_type;
    unsigned long around = path->place == PLACE_PROCFS ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
    out->is_read_only = ((unsigned long)filesystem.f_flags & ST_RDONLY) != 0;
    out->is_foreign = status.st_uid == ID_MAP_OVERFLOW;
    if (type != path->filesystem && type == around) {
        settle(out, ANSWER_ABSENT, "nothing is mounted there");
        return;
    }
    if (type != path->filesystem) {
        bool is_usual = is_mask(fd, &status, out->is_read_only);
        settle(out, ANSWER_MASKED, is_usual ? NULL : "by something that is not the kernel's");
        return;
    }
    if (S_ISDIR(status.st_mode))
        look_into_directory(fd, out);
    else
        look_into_file(looking, full, path->content, out);
    out->write_code = out->is_read_only ? EROFS : ask_for_writing(looking, path, full);
}

void kernel_look_step(size_t index, void *shared, const void *context)
{
    const struct looking *looking = context;
    const struct kernel_path *path = kernel_path_at(index);
    CLEANUP(mem_free_text) char *full = kernel_path_text(path, kernel_look_places);

    /* Below the root's descriptor: without the leading slash. */
    look_at(looking, path, full + 1, (struct kernel_look *)shared + index);
}

void *kernel_look_context(const struct target *target)
{
    struct looking *looking = mem_new(1, sizeof *looking);

    *looking = (struct looking){.root_fd = target->root_fd, .calls = permission_calls_of(target)};
    return looking;
}
