/*
 * The control groups of the process, and the files of one, as they are mounted in the container
 * (cgroups(7)).
 */
#ifndef WATERTIGHT_PROBES_CONTROL_GROUP_FILE_H
#define WATERTIGHT_PROBES_CONTROL_GROUP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/error.h"
#include "probes/control_group.h"

struct target;

/*
 * Reads the groups of the target, which has to be the process itself: those of another are named
 * from the reader's cgroup namespace. Freed by control_groups_free, also on failure.
 */
bool control_groups_read(const struct target *target, struct control_groups *out,
                         struct error *err) MUST_USE;

/*
 * Reads a file of a group: directory is place's mount point with a path below it, root_fd the root
 * directory of both. At most 64 KiB, which the caller frees; what is mounted over it is an error.
 * *exists is false, and the result true, when the group has no such file.
 */
bool control_group_file_read(int root_fd, const struct control_group_place *place,
                             const char *directory, const char *name, char **out, size_t *length,
                             bool *exists, struct error *err) MUST_USE;

#endif
