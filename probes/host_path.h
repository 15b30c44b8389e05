/*
 * Which mounts show a path of the host, told from mountinfo alone. Pure: opens nothing.
 *
 * A bind mount shows in mountinfo as a root field other than "/": the part of its file system that
 * is seen. What every engine mounts (/etc/hosts, its own volumes) is told apart by where it lies.
 * Where Kubernetes mounts, a file system that is not the one of the kubelet's and the engine's own
 * files is a persistent volume.
 */
#ifndef WATERTIGHT_PROBES_HOST_PATH_H
#define WATERTIGHT_PROBES_HOST_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/manager.h"
#include "probes/mountinfo.h"

enum host_path_kind {
    HOST_PATH_NONE,    /* the container's own, or what every engine mounts */
    HOST_PATH_PART,    /* a path of one of the host's file systems */
    HOST_PATH_WHOLE,   /* a whole file system of the host */
    HOST_PATH_LOWER,   /* an overlay whose lower directory is a path of the host */
    HOST_PATH_VOLUME,  /* a volume, unless a host's root directory is found in it */
    HOST_PATH_MEMORY,  /* the container's own tmpfs, unless a host's /run is found in it */
    HOST_PATH_SECRET,  /* expected where it is a regular file */
    HOST_PATH_UNTOLD,  /* a volume or any path of the host: the kernel does not tell which */
    HOST_PATH_KERNEL,  /* of the whole kernel, unless its owner is no user of the container */
    HOST_PATH_NETWORK, /* the container's own sysfs, unless it shows another network namespace */
};

/* What one look over all mounts tells. Device numbers, ascending. */
struct host_paths {
    uint64_t *engine_devices; /* that hold files of the engine or the kubelet */
    size_t engine_count, engine_capacity;
    uint64_t *memory_devices; /* tmpfs that are mounted whole */
    size_t memory_count, memory_capacity;
    uint64_t proc_device; /* of what is mounted at /proc; 0: nothing */
    uint64_t sys_device;  /* of the sysfs that is mounted at /sys; 0: none */
    enum manager manager; /* of a system container; its own mounts are expected */
    bool is_gvisor;       /* set by the caller, behind host_paths_survey */
    bool is_kubernetes;   /* some mount comes from a kubelet's folder of pods */
};

/* out is zeroed first and freed by host_paths_free. */
void host_paths_survey(const struct mount_table *table, struct host_paths *out);
void host_paths_free(struct host_paths *paths);

/* HOST_PATH_WHOLE or HOST_PATH_PART. */
enum host_path_kind host_path_part_or_whole(const struct mount_entry *entry);

enum host_path_kind host_path_kind(const struct host_paths *paths, const struct mount_entry *entry);

/*
 * The path, as the host's file system has it, or the name of the whole file system. The caller
 * frees it.
 */
char *host_path_source(enum host_path_kind kind, const struct mount_entry *entry);

#endif
