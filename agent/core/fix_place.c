/*
 * Where a path lies. See fix_place.h.
 */
#include "agent/core/fix_place.h"

#include <string.h>

/* Whether path is point or lies below it. */
static bool is_below(const char *path, const char *point)
{
    size_t length = strcmp(point, "/") == 0 ? 0 : strlen(point);

    return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool is_of(const struct fact *row, const char *key)
{
    return strcmp(row->key->name, key) == 0 && row->subject != NULL && row->state == FACT_KNOWN;
}

/* The row of mount.type for the mount that path lies on, or NULL. */
static const struct fact *mount_of(const struct facts *facts, const char *path)
{
    const struct fact *found = NULL;

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!is_of(row, "mount.type") || !is_below(path, row->subject))
            continue;
        if (found == NULL || strlen(row->subject) >= strlen(found->subject))
            found = row;
    }
    return found;
}

enum fix_place fix_place_of(const struct facts *facts, const char *path)
{
    if (path == NULL || path[0] != '/')
        return PLACE_NONE;
    const struct fact *mount = mount_of(facts, path);
    if (mount == NULL || strcmp(mount->subject, "/") == 0)
        return PLACE_ROOT;
    if (strcmp(path, "/dev") == 0)
        return PLACE_DEV;
    bool is_tmpfs = strcmp(mount->value.text, "tmpfs") == 0 && strcmp(mount->subject, path) == 0;
    return is_tmpfs ? PLACE_TMPFS : PLACE_ELSEWHERE;
}

static const char *next_place_of_host_path(const struct facts *facts, const char *source,
                                           size_t *from)
{
    while (*from < facts->count) {
        const struct fact *row = &facts->rows[(*from)++];
        if (is_of(row, "mount.from_host") && strcmp(row->value.text, source) == 0)
            return row->subject;
    }
    return NULL;
}

/* The root, and the kernel's own file systems where a root has them. */
static bool is_of_every_engine(const struct fact *mount)
{
    bool is_at_top = strrchr(mount->subject, '/') == mount->subject;
    bool is_kernels =
        strcmp(mount->value.text, "proc") == 0 || strcmp(mount->value.text, "sysfs") == 0;

    return strcmp(mount->subject, "/") == 0 || (is_at_top && is_kernels);
}

const char *fix_place_mount(const struct facts *facts, const char *fact, const char *word,
                            size_t *from)
{
    if (strcmp(fact, "mount.host_paths") == 0)
        return next_place_of_host_path(facts, word, from);
    const struct fact *mount = *from > 0 || word[0] != '/' ? NULL : mount_of(facts, word);
    *from = facts->count;
    return mount == NULL || is_of_every_engine(mount) ? NULL : mount->subject;
}
