/*
 * What kind of file system a mount is of, and with which options. Pure: looks at the entry alone.
 */
#ifndef WATERTIGHT_PROBES_MOUNT_KIND_H
#define WATERTIGHT_PROBES_MOUNT_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/mountinfo.h"

enum mount_kind {
    MOUNT_STORAGE, /* holds files on a disk, or on layers of other file systems (overlay) */
    MOUNT_SHARED,  /* passed through from a host or by a program: fuse, 9p, virtiofs */
    MOUNT_NETWORK, /* a server's: nfs, cifs, ceph */
    MOUNT_MEMORY,  /* tmpfs, ramfs, hugetlbfs */
    MOUNT_PSEUDO   /* shows the kernel's state and holds no files of its own: proc, sysfs, cgroup */
};

/* A type that is not known here counts as storage. */
enum mount_kind mount_kind(const struct mount_entry *entry);

/*
 * Whether Kata passed it through from its host. A name alone proves nothing: whoever mounts a tmpfs
 * gives it any source.
 */
bool mount_is_kata(const struct mount_entry *entry);

/* Whether the whole file system is mounted, not a part of it (a bind mount). */
bool mount_is_whole(const struct mount_entry *entry);

/* The number of the mounted file system, the same for each of its mounts. */
uint64_t mount_device(const struct mount_entry *entry);

/* Whether the option stands among those of the mount or of its file system. */
bool mount_has_option(const struct mount_entry *entry, const char *option);

/* Whether path is directory, or lies below it. Both absolute; "/" holds everything. */
bool path_is_below(const char *path, const char *directory);

#endif
