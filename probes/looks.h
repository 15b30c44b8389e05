/*
 * What several probes try in a throw-away child, all in one: a child costs more than what it does.
 */
#ifndef WATERTIGHT_PROBES_LOOKS_H
#define WATERTIGHT_PROBES_LOOKS_H

#include "probes/throwaway.h"

struct target;
struct observe_request;

/* Steps that were run. */
struct look {
    struct throwaway_job job; /* count is 0 where there was nothing to run, or no memory */
    const void *seen;         /* what the steps wrote; NULL: the kernel gave no memory for it */
    void *context;            /* owned */
};

struct looks {
    struct look kernel;  /* an array of struct kernel_look, one for each kernel_path_at() */
    struct look devices; /* a struct device_nodes */
    struct look secrets; /* a struct secret_finds, where somebody wants them */
    struct look writes;  /* an array of struct write_attempt, one for each path of the request */
    void *shared;        /* owned, with all that was seen */
    size_t size;
};

/*
 * Runs the steps. Of another process the kernel's files are not looked at; of none anything where
 * its root directory is not open. Freed by looks_free.
 */
void looks_take(const struct target *target, const struct observe_request *request,
                struct looks *out);
void looks_free(struct looks *looks);

#endif
