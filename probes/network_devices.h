/*
 * Whether a sysfs shows the network devices of the process's own network namespace: each sysfs
 * shows those of the namespace that it was mounted from (sysfs(5), net/core/net-sysfs.c).
 */
#ifndef WATERTIGHT_PROBES_NETWORK_DEVICES_H
#define WATERTIGHT_PROBES_NETWORK_DEVICES_H

#include <stdbool.h>

struct target;

/*
 * True when the sysfs that is mounted at point has other network devices than the process; false
 * also where either cannot be listed, and where both have the same names by chance.
 */
bool network_devices_differ(const struct target *target, const char *point);

#endif
