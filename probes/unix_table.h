/*
 * The parser of /proc/PID/net/unix (proc_net(5), unix(7)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_UNIX_TABLE_H
#define WATERTIGHT_PROBES_UNIX_TABLE_H

#include <stddef.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

/*
 * Adds to out the names, "@" first, of the abstract sockets that begin with prefix. They belong to
 * a network namespace, not to a file system: whoever shares the namespace can connect
 * (CVE-2020-15257). A line that is not of the kernel's making is an error that names its number.
 */
bool unix_table_abstract(const char *text, size_t length, const char *prefix, struct strset *out,
                         struct error *err) MUST_USE;

#endif
