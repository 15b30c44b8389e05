/*
 * Which mounts of the kernel's own file systems (proc, sysfs, tracefs) show what is the host's.
 * Pure: told from mountinfo alone. Other file systems are host_path.h's.
 */
#ifndef WATERTIGHT_PROBES_HOST_PATH_PSEUDO_H
#define WATERTIGHT_PROBES_HOST_PATH_PSEUDO_H

#include "probes/host_path.h"

/* The kind of an entry whose mount_kind is MOUNT_PSEUDO. */
enum host_path_kind host_path_pseudo_kind(const struct host_paths *paths,
                                          const struct mount_entry *entry);

/* Where the file system is mounted on a host: "/sys" of a sysfs; "" of one that has no such place.
 */
const char *host_path_pseudo_place(const struct mount_entry *entry);

#endif
