/*
 * The parser of /proc/PID/uid_map (user_namespaces(7)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_ID_MAP_H
#define WATERTIGHT_PROBES_ID_MAP_H

#include <stddef.h>

#include "agent/core/error.h"

/*
 * The map with its blanks folded: lines of "INSIDE OUTSIDE COUNT", joined by newlines, without one
 * at the end; "" for a map that is not set yet. The caller frees it. A line that is not three
 * numbers is an error that names it.
 */
bool id_map_fold(const char *text, size_t length, char **out, struct error *err) MUST_USE;

#endif
