/*
 * What opening this process (target.c) and another one (target_pid.c) have in common. For them
 * only.
 */
#ifndef WATERTIGHT_PROBES_TARGET_PARTS_H
#define WATERTIGHT_PROBES_TARGET_PARTS_H

#include "probes/target.h"

/* The first thing found wrong with the procfs is kept. */
void target_settle(struct target *target, enum procfs_state state, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Reads the mount table, or why it cannot be read. */
void target_read_mounts(struct target *target);

/*
 * Looks whether something is mounted over the other files that facts come from. Where openat2(2) is
 * not to be had, a bind from the same procfs shows only in the mount table that this process sees,
 * so that is searched instead.
 */
void target_find_overmounts(struct target *target, const struct mount_table *seen);

#endif
