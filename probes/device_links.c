/*
 * Symbolic links in /dev, with what they hold: the runtime specification's fd, stdin, stdout,
 * stderr and ptmx, and others. None is followed; a device that one leads to is found where it lies.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { ENTRIES_MAX = 4096 };

static const struct fact_key keys[] = {{
    .name = "device.links",
    .type = VALUE_SET,
    .summary = "symbolic links in /dev: \"/dev/fd -> /proc/self/fd\"; names only, which open "
               "nothing by themselves",
}};

struct links {
    int fd; /* of /dev */
    size_t entries;
    struct strset found;
    struct error problem;
};

static bool visit(const struct dirent64 *entry, void *context)
{
    struct links *links = context;
    char target[PATH_MAX] = "";

    if (links->entries++ == ENTRIES_MAX)
        return error_set(&links->problem, "there is more in /dev than is looked through");
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return true;
    ssize_t length = readlinkat(links->fd, entry->d_name, target, sizeof target - 1);
    if (length >= 0) {
        target[length] = '\0';
        CLEANUP(mem_free_text)
        char *text = mem_format("/dev/%s -> %s", entry->d_name, target);
        strset_add(&links->found, text);
        return true;
    }
    /* EINVAL: it is no link. */
    return errno == EINVAL || errno == ENOENT ||
           error_sys(&links->problem, "cannot read the link /dev/%s", entry->d_name);
}

/* False where there is no /dev. */
static bool list(const struct target *target, struct links *links)
{
    if (target->root_fd < 0) {
        target_explain_root(target, &links->problem);
        return true;
    }
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, "dev",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return false;
    links->fd = fd;
    if (fd < 0)
        (void)error_sys(&links->problem, "cannot open /dev");
    else if (!target->witness.answered[WITNESS_GETDENTS]) /* a filter may kill for it */
        (void)error_set(&links->problem, "%s", target->witness.reason[WITNESS_GETDENTS]);
    else if (!entries_visit(fd, visit, links))
        (void)error_sys(&links->problem, "cannot list /dev");
    return true;
}

static void device_links_observe(const struct target *target, const struct observe_request *request,
                                 struct facts *out)
{
    struct links links = {.fd = -1};

    (void)request;
    if (!list(target, &links))
        (void)facts_put_absent(out, &keys[0], NULL);
    else if (links.problem.text[0] != '\0')
        (void)facts_put_unknown(out, &keys[0], NULL, links.problem.text);
    else
        (void)facts_put_set(out, &keys[0], NULL, &links.found);
    strset_free(&links.found);
}

const struct probe probe_device_links = {
    .name = "device_links",
    .summary = "symbolic links in /dev",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = device_links_observe,
};
