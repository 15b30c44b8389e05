/*
 * The parser of /proc/PID/status (proc(5)). Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_STATUS_H
#define WATERTIGHT_PROBES_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/core/error.h"

/* What the file says; has_* is false for a line that this kernel does not print. */
struct process_status {
    pid_t pid;       /* NSpid's innermost number, or Pid: in the process's own PID namespace */
    pid_t outer_pid; /* Pid: in the PID namespace of the procfs */
    pid_t leader;    /* Tgid: the process that a thread belongs to; 0 without such a line */
    uid_t uid[4];    /* real, effective, saved, filesystem */
    gid_t gid[4];
    bool has_descriptor_slots; /* gVisor's kernel may not say */
    int descriptor_slots;      /* FDSize: no open descriptor has this number, or a higher one */
    size_t group_count;
    gid_t *groups; /* owned */
    uint64_t inheritable, permitted, effective, bounding, ambient;
    bool has_ambient;      /* Linux 4.3 */
    bool has_no_new_privs; /* Linux 4.10 */
    bool no_new_privs;
    bool has_seccomp;         /* Linux 3.8 with CONFIG_SECCOMP */
    int seccomp_mode;         /* 0 disabled, 1 strict, 2 filter */
    bool has_seccomp_filters; /* Linux 5.9 */
    int64_t seccomp_filters;
};

/*
 * Parses length bytes of text. A line that is missing where every kernel prints it, that stands
 * twice, or whose numbers are malformed is an error that names it. Freed by process_status_free,
 * also on failure; out is zeroed first.
 */
bool process_status_parse(const char *text, size_t length, struct process_status *out,
                          struct error *err) MUST_USE;
void process_status_free(struct process_status *status);

#endif
