/*
 * The parser of /proc/PID/cgroup. See control_group.h.
 */
#include "probes/control_group.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

bool control_group_has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

static const char *find_colon(const char *at, const char *end)
{
    return memchr(at, ':', (size_t)(end - at));
}

static bool read_line(struct span line, struct control_group *out)
{
    uint64_t number = 0;
    const char *first = find_colon(line.at, line.end);
    const char *second = first == NULL ? NULL : find_colon(first + 1, line.end);

    if (second == NULL || second + 1 == line.end || second[1] != '/' ||
        memchr(line.at, '\0', (size_t)(line.end - line.at)) != NULL)
        return false;
    if (!span_number((struct span){.at = line.at, .end = first}, 10, UINT32_MAX, &number))
        return false;
    out->controllers = mem_copy_n(first + 1, (size_t)(second - first - 1));
    out->path = mem_copy_n(second + 1, (size_t)(line.end - second - 1));
    return true;
}

bool control_groups_parse(const char *text, size_t length, struct control_groups *out,
                          struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;

    *out = (struct control_groups){0};
    for (size_t number = 1; span_line(&rest, &line); number++) {
        struct control_group group = {0};
        if (!read_line(line, &group))
            return error_set(err, "cgroup: line %zu is malformed", number);
        out->rows = mem_grow(out->rows, out->count, &out->capacity, sizeof *out->rows);
        out->rows[out->count++] = group;
    }
    return true;
}

void control_groups_free(struct control_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->rows[i].controllers);
        free(groups->rows[i].path);
    }
    free(groups->rows);
    *groups = (struct control_groups){0};
}

static const struct control_group *find_group(const struct control_groups *groups,
                                              const char *controller, bool *is_v2)
{
    const struct control_group *unified = NULL;

    *is_v2 = false;
    for (size_t i = 0; i < groups->count; i++) {
        if (control_group_has_word(groups->rows[i].controllers, controller))
            return &groups->rows[i];
        if (groups->rows[i].controllers[0] == '\0')
            unified = &groups->rows[i];
    }
    *is_v2 = true;
    return unified;
}

/*
 * The group's path below the mount: what is left of it behind the part that is mounted. Without a
 * cgroup namespace, engines mount the group itself, and path and root are the same.
 */
static const char *path_below(const char *path, const char *root)
{
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

    if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return strcmp(path + length, "/") == 0 ? "" : path + length;
}

/* The root directory as a path component leads out of the cgroup namespace (cgroup_namespaces(7)).
 */
static bool is_outside(const char *path)
{
    return strcmp(path, "/..") == 0 || strncmp(path, "/../", 4) == 0;
}

bool control_group_find(const struct control_groups *groups, const struct mount_table *mounts,
                        const char *controller, struct control_group_place *out, struct error *err)
{
    bool is_v2 = false;
    bool is_mounted = false;
    const struct control_group *group = find_group(groups, controller, &is_v2);

    *out = (struct control_group_place){0};
    if (group == NULL)
        return error_set(err, "the process is in no control group for %s", controller);
    for (size_t i = 0; i < mounts->visible_count && out->path == NULL; i++) {
        const struct mount_entry *mount = mounts->visible[i];
        if (strcmp(mount->type, is_v2 ? "cgroup2" : "cgroup") != 0 ||
            (!is_v2 && !control_group_has_word(mount->super_options, controller)))
            continue;
        is_mounted = true;
        const char *below = is_outside(group->path) ? NULL : path_below(group->path, mount->root);
        if (below == NULL)
            continue;
        *out = (struct control_group_place){.is_v2 = is_v2,
                                            .major = mount->major,
                                            .minor = mount->minor,
                                            .mount_point = mem_copy(mount->mount_point),
                                            .path = mem_copy(below)};
    }
    if (out->path != NULL)
        return true;
    return error_set(err,
                     is_mounted ? "the control group for %s is not below what is mounted of it"
                                : "no control group file system is mounted for %s",
                     controller);
}

void control_group_place_free(struct control_group_place *place)
{
    free(place->mount_point);
    free(place->path);
    *place = (struct control_group_place){0};
}
