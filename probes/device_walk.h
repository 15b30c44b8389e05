/*
 * The device nodes of /dev and of what is mounted below it, found by a bounded walk in the
 * throw-away child of looks.h: a filter may kill for getdents64(2). Elsewhere the mount points, the
 * first entries of the root directory and of a few directories in it are looked at, not what lies
 * deeper; the null device, with which files are masked, is left out there.
 */
#ifndef WATERTIGHT_PROBES_DEVICE_WALK_H
#define WATERTIGHT_PROBES_DEVICE_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/throwaway.h"

struct target;

enum {
    DEVICE_PATH_MAX = 160, /* bytes of a path; a longer one is not taken */
    DEVICE_NODES_MAX = 1024,
    DEVICE_ENTRIES_MAX = 16384, /* entries of all directories together */
    DEVICE_DEPTH_MAX = 6
};

struct device_node {
    char path[DEVICE_PATH_MAX]; /* absolute */
    bool is_block;
    unsigned int major, minor;
};

/* Fits into shared memory. */
struct device_nodes {
    bool is_missing;               /* there is no /dev */
    int code;                      /* errno of what could not be read; 0: all was */
    bool is_cut;                   /* a bound was reached */
    char problem[DEVICE_PATH_MAX]; /* the path that code or is_cut is about */
    size_t entries;
    size_t count;
    struct device_node nodes[DEVICE_NODES_MAX];
};

/*
 * Walks from the target's root directory, which is open. context is what device_walk_context gave,
 * shared a struct device_nodes.
 */
step_function device_walk_step;

/* What the step has to know of the target, of which it lends the mounts; the caller frees it. */
void *device_walk_context(const struct target *target);

#endif
