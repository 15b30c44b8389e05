/*
 * Finds a process by what a person calls it.
 */
#ifndef WATERTIGHT_PROBES_TARGET_FIND_H
#define WATERTIGHT_PROBES_TARGET_FIND_H

#include <sys/types.h>

#include "agent/core/error.h"
#include "probes/target.h"

/*
 * The process that word names: its number in this PID namespace, or its executable's file name or
 * its command name (comm, of which the kernel keeps 15 bytes). self is the calling process, which
 * no name finds. Exactly one must match; err lists the candidates otherwise.
 */
bool target_find(const struct target *self, const char *word, pid_t *out,
                 struct error *err) MUST_USE;

/*
 * The numbers of all processes that the procfs shows, ascending; the caller frees *out. Threads are
 * not among them.
 */
bool target_list(const struct target *self, pid_t **out, size_t *count, struct error *err) MUST_USE;

#endif
