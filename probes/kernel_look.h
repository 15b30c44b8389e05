/*
 * Looks at the kernel's own files, in a throw-away child.
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

/*
 * Looks at every kernel_path_at(), 0 to count - 1, below the target's root directory. places are
 * the directories of enum kernel_place. looks is memory of throwaway_share().
 */
void kernel_look(const struct target *target, const char *const places[2], size_t count,
                 struct kernel_look *looks, struct step_result *results);

#endif
