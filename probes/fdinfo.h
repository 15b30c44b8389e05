/*
 * The parsers of /proc/PID/fdinfo/N (proc_pid_fdinfo(5)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_FDINFO_H
#define WATERTIGHT_PROBES_FDINFO_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/core/error.h"

/* The id of the mount, as in mountinfo, on which the file was opened: the line "mnt_id:". */
bool fdinfo_mount(const char *text, size_t length, int *out, struct error *err) MUST_USE;

/* A process, as the PID namespace of the procfs sees it. */
struct fdinfo_process {
    pid_t number; /* 0: it is not in that namespace; -1: it has ended */
    size_t depth; /* how many PID namespaces it has a number in, from that one on inwards; or 1 */
};

/*
 * The process that a pidfd stands for: the lines "Pid:" and "NSpid:" (pidfd_open(2), Linux 5.3),
 * which a process's own status file has too.
 */
bool fdinfo_process(const char *text, size_t length, struct fdinfo_process *out,
                    struct error *err) MUST_USE;

#endif
