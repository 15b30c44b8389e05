/*
 * The parser of /proc/PID/uid_map (user_namespaces(7)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_ID_MAP_H
#define WATERTIGHT_PROBES_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"

enum { ID_MAP_OVERFLOW = 65534 }; /* what an owner outside the user namespace looks like */

/*
 * The map with its blanks folded: lines of "INSIDE OUTSIDE COUNT", joined by newlines, without one
 * at the end; "" for a map that is not set yet. The caller frees it. A line that is not three
 * numbers is an error that names it.
 */
bool id_map_fold(const char *text, size_t length, char **out, struct error *err) MUST_USE;

/*
 * Finds what an id inside is outside, by a map as id_map_fold makes it. False when the map has no
 * such id.
 */
bool id_map_outside(const char *map, uint32_t inside, uint32_t *out);

/*
 * The id inside the namespace of what the map's reader calls outside. False when the map has no
 * such id, or is malformed.
 */
bool id_map_inside(const char *text, size_t length, uint32_t outside, uint32_t *out) MUST_USE;

#endif
