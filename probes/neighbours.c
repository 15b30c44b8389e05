/*
 * Other processes that this one sees in its procfs, and those whose memory, environment, root
 * directory and descriptors are open to it, as the kernel's ptrace check says (ptrace(2),
 * PTRACE_MODE_READ_FSCREDS). Nothing of them is read: asking for the status of a link is enough.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/entries.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { KEY_VISIBLE, KEY_OPEN, KEY_COUNT, PROCESSES_MAX = 65536, PATH_BYTES = 272 };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_VISIBLE] = {.name = "process.visible",
                     .type = VALUE_INTEGER,
                     .summary =
                         "other processes that who looks sees in /proc; normal in a container "
                         "of several, or a Pod that shares them"},
    [KEY_OPEN] = {.name = "process.open",
                  .type = VALUE_INTEGER,
                  .summary = "those of them whose memory, environment and files are open to this "
                             "one: of its user, or by CAP_SYS_PTRACE"},
};

struct count {
    const struct target *target;
    uint64_t own;
    int64_t visible, open;
    int code; /* an error other than a refusal, of the last process that had one; or 0 */
    bool is_cut;
};

/*
 * Expected: success, or EACCES. A process that ends meanwhile is ENOENT or ESRCH and counts no
 * more; a kernel thread has namespaces and no memory, and is nobody's to look into.
 */
static void look_at(struct count *count, const char *number)
{
    struct stat status;
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, "%s/root", number);
    if (fstatat(count->target->procfs_fd, path, &status, 0) == 0) {
        count->visible++;
        (void)snprintf(path, sizeof path, "%s/exe", number);
        count->open += fstatat(count->target->procfs_fd, path, &status, 0) == 0;
    } else if (errno == EACCES || errno == EPERM) {
        count->visible++;
    } else if (errno != ENOENT && errno != ESRCH) {
        count->code = errno;
    }
}

static bool visit(const struct dirent64 *entry, void *context)
{
    struct count *count = context;
    struct span name = {.at = entry->d_name, .end = entry->d_name + strlen(entry->d_name)};
    uint64_t number = 0;

    if (!span_number(name, 10, INT32_MAX, &number) || number == count->own)
        return true;
    if (count->visible == PROCESSES_MAX) {
        count->is_cut = true;
        return false;
    }
    look_at(count, entry->d_name);
    return true;
}

static bool count_all(struct count *count, struct error *err)
{
    const struct witness *witness = &count->target->witness;

    if (!witness->answered[WITNESS_GETDENTS])
        return error_set(err, "%s", witness->reason[WITNESS_GETDENTS]);
    CLEANUP(procfile_close)
    int fd =
        procfile_open(count->target, count->target->procfs_fd, ".", O_RDONLY | O_DIRECTORY, err);

    if (fd < 0)
        return false;
    if (!entries_visit(fd, visit, count))
        return error_sys(err, "the processes in the procfs cannot be listed");
    if (count->is_cut)
        return error_set(err, "there are more than %d processes", PROCESSES_MAX);
    errno = count->code;
    return count->code == 0 || error_sys(err, "not every process can be looked at");
}

static void neighbours_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    struct count count = {.target = target, .own = (uint64_t)target_own_number(target)};
    struct error err = {0};

    (void)request;
    if (!target->is_self)
        (void)error_set(&err, "only the process itself can be asked");
    else if (count_all(&count, &err)) {
        (void)facts_put_integer(out, &keys[KEY_VISIBLE], NULL, count.visible);
        (void)facts_put_integer(out, &keys[KEY_OPEN], NULL, count.open);
        return;
    }
    for (size_t i = 0; i < KEY_COUNT; i++)
        (void)facts_put_unknown(out, &keys[i], NULL, err.text);
}

const struct probe probe_neighbours = {
    .name = "neighbours",
    .summary = "other processes in sight, and those that are open to this one",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = neighbours_observe,
};
