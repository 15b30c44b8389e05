/*
 * Reading directories without the memory of readdir(3), which costs more than the entries of a
 * small one; throw-away children may use it.
 */
#ifndef WATERTIGHT_PROBES_ENTRIES_H
#define WATERTIGHT_PROBES_ENTRIES_H

#include <dirent.h>
#include <stdbool.h>

#include "agent/core/error.h"

/* False ends the visit. */
typedef bool entry_visitor(const struct dirent64 *entry, void *context);

/*
 * Calls visit for each entry but "." and "..". directory_fd is open for reading and stands at its
 * start. False (errno set) when the directory cannot be read; EIO where it does not even hold ".":
 * then a seccomp filter answers in the kernel's place.
 */
bool entries_visit(int directory_fd, entry_visitor *visit, void *context) MUST_USE;

#endif
