/*
 * Looks for credentials in files at the places of secret_places.h, in the throw-away child of
 * looks.h: a file system of a server or of a program may never answer.
 *
 * What was handed over for the purpose is left out: a file in memory, as Kubernetes', Podman's and
 * Swarm's secrets are, and a file that is mounted by itself, as Compose's are.
 */
#ifndef WATERTIGHT_PROBES_SECRET_SEARCH_H
#define WATERTIGHT_PROBES_SECRET_SEARCH_H

#include "agent/core/error.h"
#include "probes/shared_list.h"
#include "probes/throwaway.h"

struct target;

/* What the child writes: paths, and never what stands there. */
struct secret_finds {
    struct shared_list found;
    struct error problem; /* why the search is not complete; "" when it is */
};

/* The one step; shared is a struct secret_finds, context what secret_search_context gave. */
step_function secret_search_step;

/* What the step has to know of the target; the caller frees it. */
void *secret_search_context(const struct target *target);

#endif
