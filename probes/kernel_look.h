/*
 * Looks at the kernel's own files, in the throw-away child of looks.h.
 *
 * Nothing is opened for writing: whether a file can be written is asked by its mount's flag and the
 * kernel's permission check, since opening some of these files for writing already does something.
 * A security module's rules for paths are not met so.
 */
#ifndef WATERTIGHT_PROBES_KERNEL_LOOK_H
#define WATERTIGHT_PROBES_KERNEL_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/throwaway.h"

struct target;

enum kernel_answer {
    ANSWER_NONE, /* not settled: code says why */
    ANSWER_ABSENT,
    ANSWER_MASKED,
    ANSWER_DENIED,
    ANSWER_READABLE
};

/* What is found out about one path. */
struct kernel_look {
    enum kernel_answer answer;
    int code;         /* why it is denied or not settled; 0: see words */
    const char *note; /* a constant, or NULL */
    bool is_read_only;
    bool is_foreign;
    int write_code; /* 0: it can be written; else an errno value */
};

/* The directories of enum kernel_place. */
extern const char *const kernel_look_places[2];

/*
 * Looks at one kernel_path_at() below the target's root directory, which is open. shared is an
 * array of struct kernel_look, context what kernel_look_context gave.
 */
step_function kernel_look_step;

/* What the step has to know of the target; the caller frees it. */
void *kernel_look_context(const struct target *target);

#endif
