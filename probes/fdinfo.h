/*
 * The parser of /proc/PID/fdinfo/N (proc_pid_fdinfo(5)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_FDINFO_H
#define WATERTIGHT_PROBES_FDINFO_H

#include <stddef.h>

#include "agent/core/error.h"

/* The id of the mount, as in mountinfo, on which the file was opened: the line "mnt_id:". */
bool fdinfo_mount(const char *text, size_t length, int *out, struct error *err) MUST_USE;

#endif
