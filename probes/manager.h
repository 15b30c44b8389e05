/*
 * The managers of system containers, told by mounts that only they make, and what of theirs is
 * ordinary. Pure: opens nothing. An image cannot plant a mount, as it can a file or a variable.
 */
#ifndef WATERTIGHT_PROBES_MANAGER_H
#define WATERTIGHT_PROBES_MANAGER_H

#include "probes/mountinfo.h"

enum manager { MANAGER_NONE, MANAGER_LXC, MANAGER_NSPAWN };

enum manager mount_table_manager(const struct mount_table *table);

/* "lxc", "systemd-nspawn"; "" for none. */
const char *manager_name(enum manager manager);

/*
 * The name that systemd-nspawn gave the container, where this mount tells it, lent; or NULL:
 * nspawn binds /run/systemd/nspawn/propagate/NAME, by which it passes mounts on.
 */
const char *manager_nspawn_name(const struct mount_entry *entry);

/* Whether the manager makes this mount in every container. */
bool manager_makes_mount(enum manager manager, const struct mount_entry *entry);

#endif
