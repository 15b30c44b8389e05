/*
 * Which mounts of a table are seen: where several are at one point, only one is. Pure.
 */
#ifndef WATERTIGHT_PROBES_MOUNT_VISIBLE_H
#define WATERTIGHT_PROBES_MOUNT_VISIBLE_H

#include <stddef.h>

#include "probes/mountinfo.h"

/*
 * Of all_count entries in the kernel's order those that are seen, *count of them, ordered by mount
 * point. The entries are lent; the caller frees the array.
 */
const struct mount_entry **mount_visible(const struct mount_entry *all, size_t all_count,
                                         size_t *count);

#endif
