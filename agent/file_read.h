/*
 * Reads a whole input file that a person named.
 */
#ifndef WATERTIGHT_AGENT_FILE_READ_H
#define WATERTIGHT_AGENT_FILE_READ_H

#include <stddef.h>

#include "agent/core/error.h"

/*
 * Reads file ("-": standard input) into *out, terminated, *length bytes; the caller frees it. A
 * file larger than max bytes, a folder, or one that cannot be read is an error that names it.
 */
bool file_read(const char *file, size_t max, char **out, size_t *length,
               struct error *err) MUST_USE;

/*
 * The file that is called name in the file source, as seen from here: it lies beside source, unless
 * its name is absolute. The caller frees the result.
 */
char *file_beside(const char *source, const char *name);

#endif
