/*
 * Open descriptors that reach files outside of the container: what an engine forgot to close
 * (CVE-2024-21626). A file lies outside when it was opened on a mount that is not among the
 * container's own; the kernel names that mount in fdinfo.
 *
 * Standard input, output and error are what the caller of the engine chose: a regular file or a
 * device there is a redirection, a folder never is. Pipes, sockets and memory lie on no mount of
 * anybody; of handles on namespaces and processes, handle.h tells.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "probes/digits.h"
#include "probes/entries.h"
#include "probes/fdinfo.h"
#include "probes/handle.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/status.h"
#include "probes/target.h"

enum { DESCRIPTORS_MAX = 65536, STDERR = 2, FILE_MAX = 1024 * 1024 };

static const struct fact_key keys[] = {{
    .name = "descriptor.host",
    .type = VALUE_SET,
    .summary = "open descriptors, and the working directory, outside of the container",
}};

struct search {
    const struct target *target;
    const int *mounts; /* ids, ascending */
    size_t mount_count;
    const char *process; /* "" for this process, else " of process 1" */
    int process_fd;      /* its directory in the procfs */
    bool is_own;         /* that is this very process */
    struct strset *found;
    struct error problem; /* why the search is not complete; "" when it is */
};

static int compare_ids(const void *a, const void *b)
{
    int left = *(const int *)a;
    int right = *(const int *)b;

    return (left > right) - (left < right);
}

static bool is_own_mount(const struct search *search, int id)
{
    return search->mount_count > 0 &&
           bsearch(&id, search->mounts, search->mount_count, sizeof id, compare_ids) != NULL;
}

static bool read_mount(const struct search *search, int process_fd, int number, int *mount,
                       struct error *err)
{
    CLEANUP(mem_free_text) char *name = mem_format("fdinfo/%d", number);
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    CLEANUP(procfile_close)
    int fd = procfile_open(search->target, process_fd, name, O_RDONLY, err);

    return fd >= 0 && procfile_read_fd(fd, FILE_MAX, &text, &length, err) &&
           fdinfo_mount(text, length, mount, err);
}

/*
 * Terminals, and what nobody can do harm with (null, zero, full, random, urandom): they are passed
 * on as a matter of course, a shell keeps one more of its terminal. devices.txt of the kernel.
 */
static bool is_plain_device(dev_t device)
{
    static const unsigned int terminals[] = {2, 3, 4, 5, 166, 188, 204, 227, 229};
    static const unsigned int memory[] = {3, 5, 7, 8, 9};
    unsigned int number = major(device);

    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
        if (number == 1 && minor(device) == memory[i])
            return true;
    for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++)
        if (number == terminals[i])
            return true;
    return number >= 136 && number <= 143; /* of devpts */
}

/* A file without a name is memory (memfd_create(2)) or has been deleted. */
static const char *kind_to_look_at(const struct stat *status, int number)
{
    if (S_ISDIR(status->st_mode))
        return "folder";
    if (S_ISBLK(status->st_mode))
        return "disk";
    if (S_ISCHR(status->st_mode) && number > STDERR && !is_plain_device(status->st_rdev))
        return "device";
    if (S_ISREG(status->st_mode) && status->st_nlink > 0 && number > STDERR)
        return "file";
    return NULL;
}

static void add_finding(const struct search *search, const char *what, const char *kind,
                        const char *link)
{
    char path[PATH_MAX] = "?";
    ssize_t length = readlinkat(search->process_fd, link, path, sizeof path - 1);

    if (length > 0)
        path[length] = '\0';
    CLEANUP(mem_free_text)
    char *words = mem_format("%s%s: %s %s", what, search->process, kind, path);
    strset_add(search->found, words);
}

/* Pipes and sockets are ordinary; since Linux 6.9 a pidfd may be a regular file. */
static bool may_be_handle(const struct stat *status)
{
    return S_ISREG(status->st_mode) || (status->st_mode & S_IFMT) == 0;
}

/* What its link says: a path, or, of an internal file system, words like "mnt:[4026531841]". */
static void look_at_link(struct search *search, int number, const struct stat *status,
                         const char *link)
{
    const char *kind = kind_to_look_at(status, number);
    char words[HANDLE_LINK_MAX] = "";
    struct handle handle = {.target = search->target,
                            .process_fd = search->process_fd,
                            .number = number,
                            .status = status,
                            .link = words};
    CLEANUP(mem_free_text) char *what = mem_format("descriptor %d", number);
    struct error err = {0};
    int mount = 0;
    bool is_known = false;

    if (readlinkat(search->process_fd, link, words, sizeof words - 1) < 1) {
        if (errno != ENOENT)
            (void)error_sys(&search->problem, "%s: its link", what);
        return;
    }
    bool is_path = words[0] == '/';
    if (is_path && kind == NULL)
        return;
    if (is_path)
        is_known = read_mount(search, search->process_fd, number, &mount, &err);
    else
        is_known = handle_outside(&handle, &kind, &err);
    if (!is_known)
        (void)error_set(&search->problem, "%s: %s", what, err.text);
    else if (is_path ? !is_own_mount(search, mount) : kind != NULL)
        add_finding(search, what, kind, link);
}

/* fstatat follows the link to the open file itself, whatever its path leads to by now. */
static void look_at(struct search *search, int number)
{
    CLEANUP(mem_free_text) char *link = mem_format("fd/%d", number);
    struct stat status = {0};

    if (fstatat(search->process_fd, link, &status, 0) == 0) {
        if (kind_to_look_at(&status, number) != NULL || may_be_handle(&status))
            look_at_link(search, number, &status, link);
    } else if (errno != ENOENT) { /* it is open, as far as is known */
        (void)error_sys(&search->problem, "descriptor %d", number);
    }
}

/* The same, said by the system call itself since Linux 5.8; false: not, or not known. */
static bool is_said_to_be_inside(const struct search *search, int fd)
{
    struct statx status = {0};

    return search->target->witness.answered[WITNESS_STATX] &&
           statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_MNT_ID, &status) == 0 &&
           (status.stx_mask & STATX_MNT_ID) != 0 && status.stx_mnt_id <= INT_MAX &&
           is_own_mount(search, (int)status.stx_mnt_id);
}

/*
 * How many descriptors of the process could be open: its status file tells. What watertight has
 * opened since it was read fills the lowest numbers that were free.
 */
static bool read_slots(const struct search *search, int *slots, struct error *err)
{
    *slots = search->is_own ? search->target->descriptor_slots : 0;
    if (*slots > 0 && *slots <= DESCRIPTORS_MAX)
        return true;
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct process_status status = {0};
    CLEANUP(procfile_close)
    int fd = procfile_open(search->target, search->process_fd, "status", O_RDONLY, err);

    if (fd < 0 || !procfile_read_fd(fd, FILE_MAX, &text, &length, err) ||
        !process_status_parse(text, length, &status, err)) {
        process_status_free(&status);
        return false;
    }
    *slots = status.descriptor_slots;
    bool has_slots = status.has_descriptor_slots;
    process_status_free(&status);
    if (!has_slots)
        return error_set(err, "this kernel does not say how many descriptors may be open");
    if (*slots > DESCRIPTORS_MAX)
        return error_set(err, "more than %d descriptors may be open", DESCRIPTORS_MAX);
    return true;
}

static void look_at_slots(struct search *search)
{
    int slots = 0;
    struct stat status;

    if (!read_slots(search, &slots, &search->problem))
        return;
    for (int number = 0; number < slots; number++) {
        /* Of this process, asking directly is quicker than asking the procfs. */
        if (search->is_own && fstat(number, &status) < 0 && errno == EBADF)
            continue;
        if (!search->is_own || !is_said_to_be_inside(search, number))
            look_at(search, number);
    }
}

static bool visit_descriptor(const struct dirent64 *entry, void *context)
{
    struct span digits = {.at = entry->d_name, .end = entry->d_name + strlen(entry->d_name)};
    uint64_t number = 0;

    if (span_number(digits, 10, INT_MAX, &number))
        look_at(context, (int)number);
    return true;
}

/* Quicker than all that could be open. */
static void look_at_listed(struct search *search)
{
    CLEANUP(procfile_close)
    int fd = openat(search->process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || !entries_visit(fd, visit_descriptor, search))
        (void)error_sys(&search->problem, "the descriptors%s", search->process);
}

static void look_at_all(struct search *search)
{
    if (search->is_own || !search->target->witness.answered[WITNESS_GETDENTS])
        look_at_slots(search);
    else
        look_at_listed(search);
}

/* Of a descriptor of this process. */
static bool read_mount_here(const struct search *search, int fd, int *mount, struct error *err)
{
    const struct target *target = search->target;

    if (target->is_self)
        return read_mount(search, target->process_fd, fd, mount, err);
    CLEANUP(procfile_close)
    int self = procfile_open(target, target->procfs_fd, "self", O_PATH | O_DIRECTORY, err);
    return self >= 0 && read_mount(search, self, fd, mount, err);
}

/* Through a descriptor of this process. O_PATH opens nothing. */
static void look_at_working_directory(struct search *search)
{
    struct error err = {0};
    int mount = 0;
    CLEANUP(procfile_close)
    int fd = openat(search->process_fd, "cwd", O_PATH | O_CLOEXEC);

    if (fd < 0)
        (void)error_sys(&search->problem, "the working directory");
    else if (is_said_to_be_inside(search, fd))
        return;
    else if (!read_mount_here(search, fd, &mount, &err))
        (void)error_set(&search->problem, "the working directory: %s", err.text);
    else if (!is_own_mount(search, mount))
        add_finding(search, "working directory", "folder", "cwd");
}

/* Process 1 counts where it may be looked at and has the same mounts. */
static void look_at_first_process(struct search *search)
{
    const struct target *target = search->target;
    struct search first = *search;
    struct stat own_mounts;
    struct stat mounts;
    struct error err = {0};
    CLEANUP(procfile_close)
    int fd = target->pid == 1
                 ? -1
                 : procfile_open(target, target->procfs_fd, "1", O_PATH | O_DIRECTORY, &err);

    if (fd < 0 || fstatat(target->process_fd, "ns/mnt", &own_mounts, 0) < 0 ||
        fstatat(fd, "ns/mnt", &mounts, 0) < 0 || own_mounts.st_ino != mounts.st_ino)
        return;
    first.process_fd = fd;
    first.process = " of process 1";
    first.is_own = false;
    look_at_all(&first);
    look_at_working_directory(&first);
}

static const char *why_not(const struct target *target)
{
    if (target->process_fd < 0)
        return target->procfs_detail.text;
    return target->mounts_problem.text[0] == '\0' ? NULL : target->mounts_problem.text;
}

static void descriptors_observe(const struct target *target, const struct observe_request *request,
                                struct facts *out)
{
    const char *reason = why_not(target);
    struct strset found = {0};

    (void)request;
    if (reason != NULL) {
        (void)facts_put_unknown(out, &keys[0], NULL, reason);
        return;
    }
    int *mounts = mem_new(target->mounts.count, sizeof *mounts);
    for (size_t i = 0; i < target->mounts.count; i++)
        mounts[i] = target->mounts.entries[i].id;
    sort(mounts, target->mounts.count, sizeof *mounts, compare_ids);
    struct search search = {.target = target,
                            .mounts = mounts,
                            .mount_count = target->mounts.count,
                            .process = "",
                            .process_fd = target->process_fd,
                            .is_own = target->is_self,
                            .found = &found};
    look_at_all(&search);
    look_at_working_directory(&search);
    if (target->is_self)
        look_at_first_process(&search);
    procfile_name_right(target, &search.problem);
    /* What was found stands, whatever else could not be seen. */
    if (found.count == 0 && search.problem.text[0] != '\0')
        (void)facts_put_unknown(out, &keys[0], NULL, search.problem.text);
    else
        (void)facts_put_set(out, &keys[0], NULL, &found);
    free(mounts);
}

const struct probe probe_descriptors = {
    .name = "descriptors",
    .summary = "descriptors that reach outside of the container",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = descriptors_observe,
};
