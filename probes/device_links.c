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
#include "probes/shared_list.h"
#include "probes/target.h"
#include "probes/throwaway.h"

enum { ENTRIES_MAX = 4096 };

static const struct fact_key keys[] = {{
    .name = "device.links",
    .type = VALUE_SET,
    .summary = "symbolic links in /dev: \"/dev/fd -> /proc/self/fd\"; names only, which open "
               "nothing by themselves",
}};

/* What the child writes. */
struct links {
    struct shared_list found;
    struct error problem; /* "" when all were seen */
    bool is_missing;      /* there is no /dev */
};

struct listing {
    struct links *links;
    int fd; /* of /dev */
    size_t entries;
};

static bool visit(const struct dirent64 *entry, void *context)
{
    struct listing *listing = context;
    struct links *links = listing->links;
    char target[PATH_MAX] = "";

    if (listing->entries++ == ENTRIES_MAX)
        return error_set(&links->problem, "there is more in /dev than is looked through");
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return true;
    ssize_t length = readlinkat(listing->fd, entry->d_name, target, sizeof target - 1);
    if (length > 0) {
        target[length] = '\0';
        return shared_list_add(&links->found, "/dev/%s -> %s", entry->d_name, target) ||
               error_set(&links->problem, "there are more links in /dev than can be told");
    }
    /* A link of no length is a filter's answer. EINVAL: it is no link. */
    if (length == 0)
        errno = EIO;
    return errno == EINVAL || errno == ENOENT ||
           error_sys(&links->problem, "cannot read the link /dev/%s", entry->d_name);
}

/* In a child, since a filter may kill for readlinkat(2). Expected: success; harmless. */
static void list_step(size_t index, void *shared, const void *context)
{
    const struct target *target = context;
    struct listing listing = {.links = shared};
    struct error *problem = &listing.links->problem;
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, "dev",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    (void)index;
    listing.fd = fd;
    if (fd < 0 && errno == ENOENT)
        listing.links->is_missing = true;
    else if (fd < 0)
        (void)error_sys(problem, "cannot open /dev");
    else if (!entries_visit(fd, visit, &listing))
        (void)error_sys(problem, "cannot list /dev");
}

static void put_links(const struct links *links, struct step_result result, struct facts *out)
{
    struct strset found = {0};
    char words[96];

    if (result.end != STEP_DONE) {
        (void)facts_put_unknown(out, &keys[0], NULL, step_words(result, words));
    } else if (links->is_missing) {
        (void)facts_put_absent(out, &keys[0], NULL);
    } else if (links->problem.text[0] != '\0') {
        (void)facts_put_unknown(out, &keys[0], NULL, links->problem.text);
    } else {
        shared_list_read(&links->found, &found);
        (void)facts_put_set(out, &keys[0], NULL, &found);
    }
}

static void device_links_observe(const struct target *target, const struct observe_request *request,
                                 struct facts *out)
{
    struct step_result result = {.end = STEP_NOT_RUN};
    struct links *links = throwaway_share(sizeof *links);
    struct error err = {0};

    (void)request;
    if (target->root_fd < 0) {
        target_explain_root(target, &err);
        (void)facts_put_unknown(out, &keys[0], NULL, err.text);
    } else if (links == NULL) {
        (void)facts_put_unknown(out, &keys[0], NULL, "no memory can be shared with a child");
    } else {
        throwaway_run(1, list_step, links, target, &result);
        put_links(links, result, out);
    }
    throwaway_unshare(links, sizeof *links);
}

const struct probe probe_device_links = {
    .name = "device_links",
    .summary = "symbolic links in /dev",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = device_links_observe,
};
