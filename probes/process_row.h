/*
 * What tells one container's processes from another's: namespaces, control group, start.
 */
#ifndef WATERTIGHT_PROBES_PROCESS_ROW_H
#define WATERTIGHT_PROBES_PROCESS_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probes/process_stat.h"
#include "probes/target.h"

struct process_row {
    pid_t pid;
    struct process_stat stat;
    char *cgroup; /* owned; the text of its file */
    /*
     * Where the links of its namespaces may be followed: their inodes. Otherwise mounts is the id
     * of the mount that it has for a root, and pids is not known.
     */
    bool has_links;
    uint64_t mounts, pids;
    bool is_nested; /* in a PID namespace below that of the procfs */
};

/* The directory that a process has for its root, as its mount table tells it. */
struct process_root {
    int mount;           /* the id, which no other mount has while it is there; 0: none */
    unsigned int device; /* makedev(3) */
    char *path;          /* owned; within that file system */
};

/*
 * Reads a process's row. False when it has ended, is a kernel thread, or cannot be read for want of
 * anything: then err is set, too.
 */
bool process_row_read(const struct target *self, pid_t pid, struct process_row *out,
                      struct error *err) MUST_USE;

/* Orders rows by container, and those of one by their start; 0 for one process only. */
int process_row_compare(const void *a, const void *b);

bool process_row_same_container(const struct process_row *a, const struct process_row *b);

/* Reads the root of a process; freed by process_root_free. */
bool process_root_read(const struct target *self, pid_t pid, struct process_root *out,
                       struct error *err) MUST_USE;
/* Whether it is the same directory, by whatever mount. */
bool process_root_equal(const struct process_root *a, const struct process_root *b);
void process_root_free(struct process_root *root);

void process_row_free(struct process_row *row);

#endif
