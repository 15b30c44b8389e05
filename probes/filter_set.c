/*
 * What loaded filters answer. See filter_set.h.
 */
#include "probes/filter_set.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/bpf.h"

/* There are two machines that this program is built for: syscall_stub.S refuses others. */
#if defined(__aarch64__)
enum { OWN_ARCHITECTURE = (int)AUDIT_ARCH_AARCH64 };
#else
enum { OWN_ARCHITECTURE = (int)AUDIT_ARCH_X86_64 };
#endif

enum { ERRNO_LIMIT = 4095 }; /* MAX_ERRNO, include/linux/err.h */

/* The most restrictive answer; of equal ones that of the filter that was loaded last. */
static uint32_t run_all(const struct filter_set *set, const struct seccomp_data *data)
{
    uint32_t worst = SECCOMP_RET_ALLOW;

    for (size_t i = 0; i < set->count; i++) {
        uint32_t answer = bpf_run(set->rows[i].code, set->rows[i].length, data);
        if ((int32_t)(answer & SECCOMP_RET_ACTION_FULL) <
            (int32_t)(worst & SECCOMP_RET_ACTION_FULL))
            worst = answer;
    }
    return worst;
}

struct syscall_answer filter_set_answer(const struct filter_set *set,
                                        const struct syscall_question *question)
{
    struct seccomp_data data = {.nr = question->number, .arch = (uint32_t)OWN_ARCHITECTURE};

    if (question->is_i386)
        data.arch = AUDIT_ARCH_I386;
    for (size_t i = 0; i < 6 && question->arguments != NULL; i++)
        data.args[i] =
            question->is_i386 ? (uint32_t)question->arguments[i] : (uint64_t)question->arguments[i];
    uint32_t answer = run_all(set, &data);
    int code = (int)(answer & SECCOMP_RET_DATA);
    switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
        return (struct syscall_answer){.action = SYSCALL_ALLOW};
    case SECCOMP_RET_ERRNO:
        return (struct syscall_answer){.action = SYSCALL_ERRNO,
                                       .code = code > ERRNO_LIMIT ? ERRNO_LIMIT : code};
    case SECCOMP_RET_TRACE: /* without a tracer */
        return (struct syscall_answer){.action = SYSCALL_ERRNO, .code = ENOSYS};
    case SECCOMP_RET_USER_NOTIF:
        return (struct syscall_answer){.action = SYSCALL_NOTIFY};
    case SECCOMP_RET_TRAP:
        return (struct syscall_answer){.action = SYSCALL_TRAP};
    default: /* also what the kernel does not know */
        return (struct syscall_answer){.action = SYSCALL_KILL};
    }
}

static bool is_needless(const struct syscall_question *question,
                        const struct syscall_answer *answers)
{
    unsigned short if_denied = question->unless_allowed;
    unsigned short if_allowed = question->unless_denied;

    return (if_denied != 0 && answers[if_denied - 1].action == SYSCALL_ALLOW) ||
           (if_allowed != 0 && answers[if_allowed - 1].action != SYSCALL_ALLOW);
}

void filter_set_answer_all(const struct filter_set *set, const struct syscall_question *questions,
                           size_t count, bool has_no_i386, struct syscall_answer *answers)
{
    for (size_t i = 0; i < count; i++) {
        if (is_needless(&questions[i], answers))
            answers[i] = (struct syscall_answer){.action = SYSCALL_UNASKED};
        else if (questions[i].is_i386 && has_no_i386)
            answers[i] = (struct syscall_answer){.action = SYSCALL_FAULT};
        else
            answers[i] = filter_set_answer(set, &questions[i]);
    }
}

bool filter_set_notifies(const struct filter_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < set->rows[i].length; k++) {
            const struct sock_filter *step = &set->rows[i].code[k];
            bool is_notify = (step->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF;
            if (BPF_CLASS(step->code) == BPF_RET && (BPF_RVAL(step->code) == BPF_A || is_notify))
                return true;
        }
    }
    return false;
}

int filter_set_load(const struct filter_set *set)
{
    for (size_t i = set->count; i > 0; i--) {
        struct sock_fprog program = {.len = set->rows[i - 1].length,
                                     .filter = set->rows[i - 1].code};
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
            return errno;
    }
    return 0;
}

void filter_set_free(struct filter_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->rows[i].code);
    free(set->rows);
    *set = (struct filter_set){0};
}
