/*
 * The seccomp filters that a process has loaded, as its tracer can read them, and what they answer
 * together.
 */
#ifndef WATERTIGHT_PROBES_FILTER_SET_H
#define WATERTIGHT_PROBES_FILTER_SET_H

#include <linux/filter.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/core/error.h"
#include "probes/syscall_policy.h"

struct filter {
    struct sock_filter *code; /* owned */
    unsigned short length;
};

struct filter_set {
    struct filter
        *rows; /* owned; the one that was loaded last comes first, as the kernel has them */
    size_t count;
};

/*
 * Reads the filters of a process (ptrace(2), PTRACE_SECCOMP_GET_FILTER), which is stopped for that
 * in a throw-away child: killed at any instant, the child's end lets the process go on.
 * directory_fd is the process's own in a procfs of this PID namespace, and holds it. Takes
 * CAP_SYS_ADMIN in the first user namespace and no filter of one's own. out is zeroed first, freed
 * by filter_set_free.
 */
bool filter_set_read(pid_t pid, int directory_fd, struct filter_set *out,
                     struct error *err) MUST_USE;

/*
 * What the filters answer to a question, whose instruction pointer is 0: the most restrictive one,
 * as the kernel takes it (kernel/seccomp.c, seccomp_run_filters).
 */
struct syscall_answer filter_set_answer(const struct filter_set *set,
                                        const struct syscall_question *question);

/*
 * The same for many questions, of which those that others make needless stay unasked. has_no_i386:
 * the kernel faults for that ABI before any filter is asked.
 */
void filter_set_answer_all(const struct filter_set *set, const struct syscall_question *questions,
                           size_t count, bool has_no_i386, struct syscall_answer *answers);

/* Whether some filter may hand calls to a listener: loaded again, it would have none. */
bool filter_set_notifies(const struct filter_set *set);

/*
 * Loads them for the calling process, in their order, by no_new_privs or CAP_SYS_ADMIN. 0 or an
 * errno value.
 */
int filter_set_load(const struct filter_set *set);

void filter_set_free(struct filter_set *set);

#endif
