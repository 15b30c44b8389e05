/*
 * Tokens of service accounts in volumes of Kubernetes: files in memory, behind the link ..data that
 * the kubelet makes (pkg/volume/util/atomic_writer.go), or a single one of them, mounted by itself.
 */
#ifndef WATERTIGHT_PROBES_PROJECTED_H
#define WATERTIGHT_PROBES_PROJECTED_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

struct target;

struct projected_tokens {
    struct strset for_server; /* paths of those that the cluster's API server would take */
    struct strset for_others; /* "PATH for AUDIENCE" */
    int64_t expiry;           /* the latest of the former; -1: never */
    struct error problem;     /* why the search is not complete; "" when it is */
};

/* Looks through the mounts of this very process, whose root directory is open. */
void projected_tokens_find(const struct target *target, struct projected_tokens *out);
void projected_tokens_free(struct projected_tokens *tokens);

#endif
