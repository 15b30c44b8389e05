/*
 * What the system calls say of this process: capget(2), prctl(2), getresuid(2) and the rest. All
 * are made in a throw-away child (its credentials, no_new_privs and filters are this process's
 * own), so that a filter which kills is seen and survived. /proc is cross-checked with this.
 */
#ifndef WATERTIGHT_PROBES_WITNESS_H
#define WATERTIGHT_PROBES_WITNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/utsname.h>

enum witness_call {
    WITNESS_DUMPABLE, /* PR_SET_DUMPABLE: first, so that what kills for the others is quiet */
    WITNESS_UIDS,
    WITNESS_GIDS,
    WITNESS_GROUPS,
    WITNESS_CAPABILITIES, /* capget(2): effective, permitted, inheritable */
    WITNESS_BOUNDING,     /* PR_CAPBSET_READ */
    WITNESS_AMBIENT,      /* PR_CAP_AMBIENT_IS_SET */
    WITNESS_NO_NEW_PRIVS, /* PR_GET_NO_NEW_PRIVS */
    WITNESS_SECCOMP,      /* PR_GET_SECCOMP */
    WITNESS_UNAME,        /* uname(2) */
    WITNESS_OPENAT2,      /* openat2(2) may be called */
    WITNESS_FACCESSAT2,   /* faccessat2(2) may be called */
    WITNESS_FSTATFS,      /* fstatfs(2) may be called */
    WITNESS_STATX,        /* statx(2) may be called */
    WITNESS_GETDENTS,     /* getdents64(2) may be called */
    WITNESS_SYSINFO,      /* sysinfo(2) */
    WITNESS_CALLS
};

enum { WITNESS_GROUPS_MAX = 65536, WITNESS_REASON_MAX = 128 }; /* NGROUPS_MAX of the kernel */

struct witness {
    /* Whether the kernel itself answered; the members below hold only then. */
    bool answered[WITNESS_CALLS];
    char reason[WITNESS_CALLS][WITNESS_REASON_MAX]; /* why not, in words */
    uid_t uid[3];                                   /* real, effective, saved */
    gid_t gid[3];
    size_t group_count;
    gid_t *groups;                                                 /* owned */
    uint64_t effective, permitted, inheritable, bounding, ambient; /* bit N is capability N */
    bool no_new_privs;
    bool is_dumpable;
    int seccomp_mode; /* as PR_GET_SECCOMP gives it: 0 disabled, 1 strict, 2 filter */
    uint64_t memory;  /* of the whole machine, in bytes, as sysinfo(2) gives it */
    struct utsname uname;
};

/* Asks the kernel. Cannot fail: what was not answered says why. Freed by witness_free. */
void witness_ask(struct witness *out);
void witness_free(struct witness *witness);

#endif
