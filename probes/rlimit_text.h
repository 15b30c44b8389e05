/*
 * The parser of /proc/PID/limits (proc(5)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_RLIMIT_TEXT_H
#define WATERTIGHT_PROBES_RLIMIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include "agent/core/error.h"

/* The limits of a process by resource, RLIMIT_NOFILE and so on; RLIM_INFINITY: unlimited. */
struct resource_limits {
    bool known[RLIM_NLIMITS]; /* false for one that this kernel does not print */
    struct rlimit of[RLIM_NLIMITS];
};

/*
 * Parses length bytes of text; lines of other resources are left out. One that stands twice, whose
 * numbers are malformed, or whose soft limit is above the hard one, is an error that names it.
 */
bool rlimit_text_parse(const char *text, size_t length, struct resource_limits *out,
                       struct error *err) MUST_USE;

/* "RLIMIT_NOFILE", as getrlimit(2) and the OCI configuration name it. */
const char *rlimit_name(int resource);

#endif
