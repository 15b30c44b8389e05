/*
 * Open descriptors that are no files on a mount but handles: on a namespace (namespaces(7)), on a
 * process (pidfd_open(2)). Whether what they are of lies outside of the container.
 */
#ifndef WATERTIGHT_PROBES_HANDLE_H
#define WATERTIGHT_PROBES_HANDLE_H

#include <sys/stat.h>

#include "agent/core/error.h"

struct target;

enum { HANDLE_LINK_MAX = 64 };

/* An open descriptor of a process. */
struct handle {
    const struct target *target;
    int process_fd;            /* of the process that has it, in the target's procfs */
    int number;                /* of the descriptor */
    const struct stat *status; /* of what it is open on */
    const char *link;          /* what /proc/PID/fd/N says, or its first HANDLE_LINK_MAX bytes */
};

/*
 * *kind: "namespace" when it is of one that is neither the process's nor the target's, "process"
 * when it is of a process outside of the target's PID namespace, else NULL. What cannot be told is
 * an error.
 */
bool handle_outside(const struct handle *handle, const char **kind, struct error *err) MUST_USE;

#endif
