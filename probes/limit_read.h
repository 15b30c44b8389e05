/*
 * The limits that a control group and those above it set (kernel Documentation:
 * admin-guide/cgroup-v1, admin-guide/cgroup-v2.rst).
 */
#ifndef WATERTIGHT_PROBES_LIMIT_READ_H
#define WATERTIGHT_PROBES_LIMIT_READ_H

#include <stdint.h>

#include "agent/core/error.h"
#include "probes/control_group.h"

enum limit_kind { LIMIT_MEMORY, LIMIT_SWAP, LIMIT_PIDS, LIMIT_CPU, LIMIT_KINDS };

/* The controller that sets it: "memory", "pids", "cpu". */
const char *limit_controller(enum limit_kind kind);

/*
 * The least limit of the group and of those above it, up to the mount point below root_fd: bytes,
 * processes or thousandths of a CPU; LIMIT_NONE (limit_text.h) where none is set.
 */
bool limit_read(int root_fd, const struct control_group_place *place, enum limit_kind kind,
                int64_t *least, struct error *err) MUST_USE;

#endif
