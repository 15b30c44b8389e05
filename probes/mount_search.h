/*
 * Searching the mounts that have neither of two options for files, in a throw-away child.
 */
#ifndef WATERTIGHT_PROBES_MOUNT_SEARCH_H
#define WATERTIGHT_PROBES_MOUNT_SEARCH_H

#include <stddef.h>
#include <time.h>

#include "agent/core/error.h"
#include "agent/core/fact.h"
#include "probes/permission.h"
#include "probes/shared_list.h"
#include "probes/throwaway.h"
#include "probes/walk.h"

struct target;
struct mount_entry;

/* What the child writes; of throwaway_share, or throwaway_share_light. */
struct mount_finds {
    struct shared_list found;
    struct shared_list details;
    size_t count;
    struct error problem; /* the last that kept a mount from being searched; "" none */
};

/* What a step gets as its context; it looks at mounts[index]. */
struct mount_search {
    const struct target *target;
    const struct mount_entry **mounts;
    struct permission_calls calls;
    struct timespec deadline;
};

/*
 * Runs step for every mount that is seen and has neither option, with finds as its memory, and puts
 * what they found as the set of key: the row, lent. NULL where nothing was found and something
 * could not be searched: then unknown was put. finds may be NULL: no memory could be shared. A step
 * that leaves the memory as it was may share it (throwaway_run_light).
 */
struct fact *mount_search(const struct target *target, const char *option, const char *other,
                          bool is_light, step_function *step, struct mount_finds *finds,
                          const struct fact_key *key, struct facts *out);

/* Walks over mounts[index] by visit; what keeps it from being complete becomes the problem. */
void mount_search_walk(const struct mount_search *search, size_t index, struct mount_finds *finds,
                       walk_visit *visit, void *context);

#endif
