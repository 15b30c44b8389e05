/*
 * The process that is looked at. See target.h.
 *
 * Order matters: first the system calls are asked in a throw-away child, so that it is known which
 * of them may be used here at all; then the procfs is opened and judged by its file system, its
 * root inode and what is mounted over it; last, what it says is compared with the system calls.
 */
#include "probes/target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/procfile.h"
#include "probes/sandbox_kernel.h"
#include "probes/target_parts.h"

const char target_procfs_path[] = "/proc";

enum { PROC_ROOT_INODE = 1 }; /* PROC_ROOT_INO, include/linux/proc_fs.h */

void target_settle(struct target *target, enum procfs_state state, const char *format, ...)
{
    va_list arguments;

    if (target->procfs != PROCFS_GENUINE)
        return;
    va_start(arguments, format);
    CLEANUP(mem_free_text) char *words = mem_vformat(format, arguments);
    va_end(arguments);
    target->procfs = state;
    (void)error_set(&target->procfs_detail, "%s", words);
}

static bool has_entries(int directory_fd)
{
    struct stat buffer;

    return fstatat(directory_fd, "self", &buffer, AT_SYMLINK_NOFOLLOW) == 0 ||
           fstatat(directory_fd, "1", &buffer, AT_SYMLINK_NOFOLLOW) == 0;
}

bool target_is_gvisor(const struct target *target)
{
    const struct witness *witness = &target->witness;

    return witness->answered[WITNESS_UNAME] &&
           sandbox_kernel_is_gvisor(witness->uname.release, witness->uname.version);
}

/*
 * gVisor numbers the inodes of its procfs in the order in which they are looked at. Only the root
 * holds the link "self", which may not come from a mount over it.
 */
static bool is_gvisor_root(int fd, const struct stat *root)
{
    struct stat self;

    return fstatat(fd, "self", &self, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(self.st_mode) &&
           self.st_dev == root->st_dev;
}

/* Whether the directory is the root of a procfs; says what it is otherwise. */
static bool is_procfs_root(struct target *target, int fd)
{
    struct statfs filesystem;
    struct stat root;

    if (!target->witness.answered[WITNESS_FSTATFS]) {
        target_settle(target, PROCFS_UNSETTLED, "%s", target->witness.reason[WITNESS_FSTATFS]);
        return false;
    }
    if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &root) < 0) {
        target_settle(target, PROCFS_UNSETTLED, "cannot examine %s: %s", target_procfs_path,
                      strerror(errno));
        return false;
    }
    if (filesystem.f_type != PROC_SUPER_MAGIC) {
        bool is_forged = has_entries(fd);
        target_settle(target, is_forged ? PROCFS_FAKE : PROCFS_MISSING,
                      is_forged ? "%s holds files but is not a procfs"
                                : "no procfs is mounted at %s",
                      target_procfs_path);
        return false;
    }
    if (root.st_ino != PROC_ROOT_INODE &&
        !(target_is_gvisor(target) && is_gvisor_root(fd, &root))) {
        target_settle(target, PROCFS_FAKE,
                      "what is mounted at %s is a part of a procfs, not its root",
                      target_procfs_path);
        return false;
    }
    return true;
}

static void open_procfs(struct target *target)
{
    int fd = open(target_procfs_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        target_settle(target, PROCFS_MISSING, "there is no directory %s", target_procfs_path);
        return;
    }
    if (fd < 0) {
        target_settle(target, PROCFS_UNSETTLED, "cannot open %s: %s", target_procfs_path,
                      strerror(errno));
        return;
    }
    if (is_procfs_root(target, fd))
        target->procfs_fd = fd;
    else
        (void)close(fd);
}

/* "self" in a procfs is a link to this process's number in that procfs's own PID namespace. */
pid_t target_own_number(const struct target *self)
{
    char name[24] = {0};
    uint64_t number = 0;

    if (self->procfs_fd < 0)
        return 0;
    ssize_t length = readlinkat(self->procfs_fd, "self", name, sizeof name - 1);
    struct span digits = {.at = name, .end = name + (length > 0 ? length : 0)};
    return span_number(digits, 10, INT32_MAX, &number) ? (pid_t)number : 0;
}

static void open_own_directory(struct target *target)
{
    char name[24];
    struct error err = {0};
    pid_t number = target_own_number(target);

    if (target->procfs_fd < 0)
        return;
    if (number == 0) {
        target_settle(target, PROCFS_FAKE, "this process has no entry in the procfs at %s",
                      target_procfs_path);
        return;
    }
    (void)snprintf(name, sizeof name, "%d", (int)number);
    /* Whoever reads it sees all processes of an outer namespace. */
    if (number != target->pid)
        target_settle(target, PROCFS_OVERMOUNTED,
                      "the procfs at %s is that of another PID namespace: this process is %d there",
                      target_procfs_path, (int)number);
    target->process_fd = procfile_open(target, target->procfs_fd, name, O_PATH | O_DIRECTORY, &err);
    if (target->process_fd < 0)
        target_settle(target, err.code == EXDEV ? PROCFS_OVERMOUNTED : PROCFS_UNSETTLED, "%s",
                      err.text);
}

/* Reads the status file; false leaves the reason in err. */
static bool read_status(struct target *target, struct process_status *status, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    if (!procfile_read(target, "status", &text, &length, err)) {
        if (target->process_fd >= 0)
            target_settle(target, err->code == EXDEV ? PROCFS_OVERMOUNTED : PROCFS_UNSETTLED, "%s",
                          err->text);
        return false;
    }
    if (!process_status_parse(text, length, status, err)) {
        target_settle(target, PROCFS_FAKE, "%s", err->text);
        return false;
    }
    if (status->pid == target->pid)
        return true;
    target_settle(target, PROCFS_FAKE, "its status file is that of process %d, not %d",
                  (int)status->pid, (int)target->pid);
    return error_set(err, "%s", target->procfs_detail.text);
}

static void read_credentials(struct target *target)
{
    struct process_status status = {0};
    struct error err = {0};
    bool has_status = read_status(target, &status, &err);

    credentials_merge(&target->witness, has_status ? &status : NULL, err.text,
                      &target->credentials);
    if (target->credentials.conflict[0] != '\0')
        target_settle(target, PROCFS_FAKE, "the system calls contradict its status file: %s",
                      target->credentials.conflict);
    target->descriptor_slots =
        has_status && status.has_descriptor_slots ? status.descriptor_slots : 0;
    process_status_free(&status);
}

void target_read_mounts(struct target *target)
{
    char *text = NULL;
    size_t length = 0;
    struct error *err = &target->mounts_problem;

    if (!procfile_read(target, "mountinfo", &text, &length, err)) {
        if (err->code == EXDEV)
            target_settle(target, PROCFS_OVERMOUNTED, "%s", err->text);
        return;
    }
    if (!mount_table_parse(text, length, &target->mounts, err))
        target_settle(target, PROCFS_FAKE, "%s", err->text);
}

void target_find_overmounts(struct target *target, const struct mount_table *seen)
{
    static const char *const names[] = {"uid_map", "gid_map", "cgroup", "ns"};

    for (size_t i = 0; i < sizeof names / sizeof names[0] && target->process_fd >= 0; i++) {
        struct error err = {0};
        int fd = procfile_open(target, target->process_fd, names[i], O_PATH, &err);
        if (fd < 0 && err.code == EXDEV)
            target_settle(target, PROCFS_OVERMOUNTED, "%s", err.text);
        if (fd >= 0)
            (void)close(fd);
    }
    CLEANUP(mem_free_text) char *own = mem_format("%s/%d", target_procfs_path, (int)target->pid);
    for (size_t i = 0; i < seen->count; i++) {
        const char *point = seen->entries[i].mount_point;
        size_t length = strlen(own);
        if (strncmp(point, own, length) == 0 && (point[length] == '/' || point[length] == '\0'))
            target_settle(target, PROCFS_OVERMOUNTED, "something is mounted at %s", point);
    }
}

void target_open_self(struct target *out)
{
    *out = (struct target){.pid = getpid(),
                           .is_self = true,
                           .has_same_user_namespace = true,
                           .has_same_label = true,
                           .root_fd = -1,
                           .procfs_fd = -1,
                           .process_fd = -1};
    witness_ask(&out->witness);
    out->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    open_procfs(out);
    open_own_directory(out);
    read_credentials(out);
    target_read_mounts(out);
    target_find_overmounts(out, &out->mounts);
}

void target_close(struct target *target)
{
    procfile_close(&target->root_fd);
    procfile_close(&target->procfs_fd);
    procfile_close(&target->process_fd);
    witness_free(&target->witness);
    credentials_free(&target->credentials);
    mount_table_free(&target->mounts);
}

int target_open_executable(void)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    if (fd >= 0)
        return fd;
    /* getauxval gives the name's address, or 0. */
    const char *name = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)
    return name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
}
