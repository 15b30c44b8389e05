/*
 * The network devices of a sysfs and of the process. See network_devices.h.
 */
#include "probes/network_devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/strset.h"
#include "probes/digits.h"
#include "probes/entries.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { DEVICES_MAX = 4096 };

static const char folder[] = "/class/net";

/* Each device is a link; a driver's own files lie there, too. */
static bool visit_link(const struct dirent64 *entry, void *context)
{
    struct strset *found = context;

    if (entry->d_type == DT_LNK)
        strset_add(found, entry->d_name);
    return found->count < DEVICES_MAX;
}

static bool list_sysfs(const struct target *target, const char *point, struct strset *out)
{
    CLEANUP(mem_free_text) char *path = mem_format("%s%s", point, folder);
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, path + strspn(path, "/"),
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && entries_visit(fd, visit_link, out) && out->count > 0 &&
           out->count < DEVICES_MAX;
}

/* Two lines of headings, then "NAME: NUMBERS" (net/core/net-procfs.c). */
bool network_devices_list(const struct target *target, struct strset *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct error ignored = {0};
    struct span line;
    size_t length = 0;
    size_t number = 0;

    if (!procfile_read(target, "net/dev", &text, &length, &ignored))
        return false;
    struct span rest = {.at = text, .end = text + length};
    while (span_line(&rest, &line)) {
        const char *colon = memchr(line.at, ':', (size_t)(line.end - line.at));
        if (++number <= 2 || colon == NULL)
            continue;
        line.at += strspn(line.at, " ");
        CLEANUP(mem_free_text) char *name = mem_copy_n(line.at, (size_t)(colon - line.at));
        strset_add(out, name);
    }
    return number > 2;
}

static bool is_same(const struct strset *one, const struct strset *other)
{
    bool is_equal = one->count == other->count;

    for (size_t i = 0; i < one->count && is_equal; i++)
        is_equal = strset_has(other, one->items[i]);
    return is_equal;
}

bool network_devices_differ(const struct target *target, const char *point)
{
    /* A filter may kill for listing a directory; and devices come and go: look twice. */
    for (int i = 0; i < 2; i++) {
        CLEANUP(strset_free) struct strset shown = {0};
        CLEANUP(strset_free) struct strset own = {0};
        if (!target->witness.answered[WITNESS_GETDENTS] || !list_sysfs(target, point, &shown) ||
            !network_devices_list(target, &own) || is_same(&shown, &own))
            return false;
    }
    return true;
}
