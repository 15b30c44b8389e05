/*
 * The network devices of a process, and whether a sysfs shows just these: each sysfs shows those of
 * the namespace that it was mounted from (sysfs(5), net/core/net-sysfs.c).
 */
#ifndef WATERTIGHT_PROBES_NETWORK_DEVICES_H
#define WATERTIGHT_PROBES_NETWORK_DEVICES_H

#include <stdbool.h>

#include "agent/core/strset.h"

struct target;

/*
 * Their names, as /proc/PID/net/dev has them, added to out, which the caller frees. False when that
 * cannot be read.
 */
bool network_devices_list(const struct target *target, struct strset *out);

/*
 * True when the sysfs that is mounted at point has other network devices than the process; false
 * also where either cannot be listed, and where both have the same names by chance.
 */
bool network_devices_differ(const struct target *target, const char *point);

#endif
