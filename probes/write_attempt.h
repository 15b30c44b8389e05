/*
 * Whether a process could write below paths: attempts in a throw-away child, or, where they cannot
 * be made with the process's own credentials, what the mounts and modes decide.
 */
#ifndef WATERTIGHT_PROBES_WRITE_ATTEMPT_H
#define WATERTIGHT_PROBES_WRITE_ATTEMPT_H

#include <sys/types.h>

#include "agent/core/strset.h"
#include "probes/target.h"
#include "probes/throwaway.h"

enum write_method {
    WRITE_FLAG,       /* the mount, or its file system, is read-only */
    WRITE_PERMISSION, /* the kernel's own check, which path_resolution(7) describes */
    WRITE_ATTEMPT,    /* a file without a name was made, or refused */
    WRITE_MODE        /* owner and mode deny it, as the kernel would */
};

/* Why code says nothing about the path. */
enum write_doubt {
    WRITE_SETTLED,
    WRITE_OWN_FAILURE, /* it is about the attempt itself */
    WRITE_NO_FLAGS,    /* fstatfs(2) is not to be had, or gives no answer of the kernel's */
    WRITE_CREDENTIALS, /* only a process with the other's credentials could tell; code: an errno */
    WRITE_LABEL        /* it could be written, but a security module confines the process */
};

struct write_attempt {
    int code; /* 0: writable; else an errno value */
    enum write_doubt doubt;
    enum write_method method;
    mode_t mode; /* of the path, with its owner */
    uid_t owner;
    gid_t group;
};

/*
 * Tries one of the paths. shared is an array of struct write_attempt, context what
 * write_attempt_context gave. The child goes on with the target's credentials.
 */
step_function write_attempt_step;

/*
 * What the step has to know; target, whose root_fd is open, and paths are lent. The caller frees
 * it.
 */
void *write_attempt_context(const struct target *target, const struct strset *paths);

#endif
