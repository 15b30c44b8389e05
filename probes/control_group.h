/*
 * The parser of /proc/PID/cgroup (cgroups(7)), and where in the mount table a controller's files
 * lie. Takes buffers, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_CONTROL_GROUP_H
#define WATERTIGHT_PROBES_CONTROL_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/error.h"
#include "probes/mountinfo.h"

/* One line: the group of the process in one hierarchy. Texts are owned. */
struct control_group {
    char *controllers; /* "cpu,cpuacct", "name=systemd"; "" for cgroup v2 */
    char *path;        /* as seen from the cgroup namespace's root: "/docker/9f2c…", "/" */
};

struct control_groups {
    struct control_group *rows;
    size_t count, capacity;
};

/*
 * Parses length bytes of text. A line that is not "NUMBER:CONTROLLERS:/PATH" is an error that names
 * it. out is zeroed first and freed by control_groups_free, also on failure.
 */
bool control_groups_parse(const char *text, size_t length, struct control_groups *out,
                          struct error *err) MUST_USE;
void control_groups_free(struct control_groups *groups);

/* Where the files of the process's group lie. Texts are owned. */
struct control_group_place {
    bool is_v2;
    unsigned int major, minor; /* of the file system: what has others is mounted over it */
    char *mount_point;
    char *path; /* of the group below the mount point: "" or "/docker/9f2c…" */
};

/*
 * The group of a v1 controller ("memory"), or, where v1 does not have it, that of v2. False, with
 * the reason, when its files are not mounted or lie outside what is mounted. Freed by
 * control_group_place_free, also on failure.
 */
bool control_group_find(const struct control_groups *groups, const struct mount_table *mounts,
                        const char *controller, struct control_group_place *out,
                        struct error *err) MUST_USE;
void control_group_place_free(struct control_group_place *place);

/* Whether the comma-separated list holds the word. */
bool control_group_has_word(const char *list, const char *word);

#endif
