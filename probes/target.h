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
#include "probes/filter_set.h"
#include "probes/mountinfo.h"
#include "probes/witness.h"

struct looks;

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

enum { TARGET_NAME_MAX = 64 };

struct target {
    pid_t pid; /* in this PID namespace */
    bool is_self;
    char name[TARGET_NAME_MAX]; /* of another process: what comm says; "" of this one */
    /* What another process has in common with this one; true of this one. */
    bool has_same_user_namespace; /* its ids are not translated */
    bool has_same_label;          /* of a security module, or there is none */
    int root_fd;                  /* O_PATH of the target's root directory, or -1 */
    int procfs_fd;                /* O_PATH of the root of a procfs, or -1 */
    int process_fd;               /* O_PATH of the target's own directory in it, or -1 */
    struct witness witness;       /* always of this process */
    struct credentials credentials;
    int descriptor_slots;             /* of this process, as its status file has it; 0: not known */
    const struct filter_set *filters; /* lent; what a tracer read of another process, or NULL */
    const struct looks *looks;        /* lent while the probes run: what a throw-away child saw */
    struct mount_table mounts;        /* empty when it could not be read */
    struct error mounts_problem;      /* why; "" when the table is there */
    enum procfs_state procfs;
    struct error procfs_detail; /* the evidence for the state, in words; "" for genuine */
};

/* Opens the calling process. Cannot fail: what cannot be opened or read says why. */
void target_open_self(struct target *out);

/*
 * Opens another process through the procfs that self, the calling process, has open. Held by its
 * directory there, which is of no other process, whoever gets its number later. What these rights
 * do not let us read says which are missing. Its ids are as it sees them itself, in its own user
 * namespace. False when there is no such process, or none that runs: err->code is ESRCH then.
 */
bool target_open_pid(const struct target *self, pid_t pid, struct target *out,
                     struct error *err) MUST_USE;

/* Why there is no root_fd, in words fit for a fact's reason: which right is missing. */
void target_explain_root(const struct target *target, struct error *err);

/*
 * Opens a path as the process would, with flags (open(2)): links are followed below its own root,
 * never out of it. -1 and errno; ENOSYS where it is another process and openat2(2) is not to be
 * had.
 */
int target_open_path(const struct target *target, const char *path, int flags);

void target_close(struct target *target);

/* Whether the kernel that answers is gVisor's: it is the same for every process. */
bool target_is_gvisor(const struct target *target);

/* The number of this process in the procfs, which may be that of an outer PID namespace; or 0. */
pid_t target_own_number(const struct target *self);

/*
 * The running executable, opened for reading, or -1 (errno set): by /proc/self/exe, or by the name
 * it was started with (getauxval(3), AT_EXECFN).
 */
int target_open_executable(void);

#endif
