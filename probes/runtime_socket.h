/*
 * Where container engines listen: whoever can talk to one of these sockets rules the host. Pure.
 */
#ifndef WATERTIGHT_PROBES_RUNTIME_SOCKET_H
#define WATERTIGHT_PROBES_RUNTIME_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/mountinfo.h"

/* The sockets by their path below /run: index 0, 1, … and NULL past the end. */
const char *runtime_socket_at(size_t index);

/* Whether the mount is of a file that is named like an engine's socket, here or on the host. */
bool runtime_socket_is_named(const struct mount_entry *entry);

#endif
