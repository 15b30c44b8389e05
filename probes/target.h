/*
 * The process that is looked at, as directory descriptors, and how far its /proc can be trusted.
 * Only target.c knows the text "/proc".
 */
#ifndef WATERTIGHT_PROBES_TARGET_H
#define WATERTIGHT_PROBES_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent/core/error.h"
#include "probes/credentials.h"
#include "probes/mountinfo.h"
#include "probes/witness.h"

/* Where a procfs is expected. */
extern const char target_procfs_path[];

/* The values of the fact integrity.procfs. PROCFS_UNSETTLED: it could not be found out. */
enum procfs_state {
    PROCFS_GENUINE,
    PROCFS_OVERMOUNTED,
    PROCFS_FAKE,
    PROCFS_MISSING,
    PROCFS_UNSETTLED
};

struct target {
    pid_t pid; /* in this PID namespace */
    bool is_self;
    int root_fd;    /* O_PATH of the target's root directory, or -1 */
    int procfs_fd;  /* O_PATH of the root of a procfs, or -1 */
    int process_fd; /* O_PATH of the target's own directory in it, or -1 */
    struct witness witness;
    struct credentials credentials;
    struct mount_table mounts;   /* empty when it could not be read */
    struct error mounts_problem; /* why; "" when the table is there */
    enum procfs_state procfs;
    struct error procfs_detail; /* the evidence for the state, in words; "" for genuine */
};

/* Opens the calling process. Cannot fail: what cannot be opened or read says why. */
void target_open_self(struct target *out);
void target_close(struct target *target);

/*
 * The running executable, opened for reading, or -1 (errno set): by /proc/self/exe, or by the name
 * it was started with (getauxval(3), AT_EXECFN).
 */
int target_open_executable(void);

#endif
