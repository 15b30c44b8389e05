/*
 * What is known of a process's identity and confinement, from two sources that must agree: the
 * system calls (witness.h) and /proc/PID/status (status.h). Pure: opens nothing, calls nothing.
 */
#ifndef WATERTIGHT_PROBES_CREDENTIALS_H
#define WATERTIGHT_PROBES_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probes/status.h"
#include "probes/witness.h"

enum credential {
    CREDENTIAL_UIDS,
    CREDENTIAL_GIDS,
    CREDENTIAL_FILESYSTEM_IDS,
    CREDENTIAL_GROUPS,
    CREDENTIAL_EFFECTIVE,
    CREDENTIAL_PERMITTED,
    CREDENTIAL_INHERITABLE,
    CREDENTIAL_BOUNDING,
    CREDENTIAL_AMBIENT,
    CREDENTIAL_NO_NEW_PRIVS,
    CREDENTIAL_SECCOMP_MODE,
    CREDENTIAL_SECCOMP_FILTERS,
    CREDENTIAL_COUNT
};

enum { CREDENTIAL_REASON_MAX = 320 };

struct credentials {
    /* A value below holds only where the kernel told it; else reason says why not. */
    bool known[CREDENTIAL_COUNT];
    char reason[CREDENTIAL_COUNT][CREDENTIAL_REASON_MAX];
    uid_t uid[4]; /* real, effective, saved, filesystem */
    gid_t gid[4];
    size_t group_count;
    gid_t *groups; /* owned */
    uint64_t effective, permitted, inheritable, bounding, ambient;
    bool no_new_privs;
    int seccomp_mode;
    bool has_seccomp_filters; /* known and false: this kernel does not count them */
    int64_t seccomp_filters;
    /* Where the two sources contradict each other: which line and how; "" when nowhere. */
    char conflict[CREDENTIAL_REASON_MAX];
};

/*
 * Merges the sources. witness is NULL for another process than this one; status is NULL when it
 * could not be read, and problem then says why. What the sources contradict each other on is
 * unknown. out is zeroed first and freed by credentials_free.
 */
void credentials_merge(const struct witness *witness, const struct process_status *status,
                       const char *problem, struct credentials *out);
void credentials_free(struct credentials *credentials);

#endif
