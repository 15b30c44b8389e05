/*
 * Every container that is to be seen in this PID namespace: processes grouped by mount namespace,
 * PID namespace and control group.
 */
#ifndef WATERTIGHT_PROBES_CONTAINERS_H
#define WATERTIGHT_PROBES_CONTAINERS_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/core/error.h"
#include "probes/process_row.h"
#include "probes/target.h"

enum container_kind {
    CONTAINER_TAKEN,
    CONTAINER_OF_HOST, /* none: processes of the machine itself */
    CONTAINER_PAUSE,   /* only holds the namespaces of a Pod */
    CONTAINER_SERVER   /* the one that looks */
};

/* A range of rows: the first one started first, so it is the container's main process. */
struct container_group {
    size_t first, count;
    pid_t pid; /* of the first one */
    enum container_kind left_out;
};

struct containers {
    struct process_row *rows; /* ordered by process_row_compare */
    size_t row_count;
    struct container_group *groups; /* ordered by the number of their first process */
    size_t group_count;
    size_t unreadable_count; /* processes of which not even these could be read */
    struct error unreadable; /* why, of one of them */
    bool has_links;          /* of all containers: their namespaces are told apart by the links */
    bool is_machine;         /* this is the machine's own PID namespace: nothing is out of sight */
};

/*
 * Finds them. Not among the processes are this one and the kernel's threads. Left out are, where
 * this is the machine's own PID namespace, processes in it that have the root directory of its
 * first process: they are no containers; the `pause` of a Pod, alone in its container; and the
 * container that the process `server` is in, unless that is 0.
 */
bool containers_find(const struct target *self, pid_t server, struct containers *out,
                     struct error *err) MUST_USE;
void containers_free(struct containers *containers);

#endif
