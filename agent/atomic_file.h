/*
 * Writes a file whole or not at all.
 */
#ifndef WATERTIGHT_AGENT_ATOMIC_FILE_H
#define WATERTIGHT_AGENT_ATOMIC_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/core/error.h"

/*
 * Makes path a regular file of length bytes of data, with exactly these permissions, in one step:
 * whoever opens path gets the old file or the whole new one. On failure the old one is as it was.
 * The last component is replaced even if it is a symbolic link. The data and, where that can be
 * had, the name are on the disk before this returns. See rename(2), open(2) O_TMPFILE.
 */
bool atomic_file_write(const char *path, const void *data, size_t length, mode_t mode,
                       struct error *err) MUST_USE;

/* write(2) until everything is written. False: errno says why. */
bool atomic_file_write_all(int fd, const void *data, size_t length) MUST_USE;

#endif
