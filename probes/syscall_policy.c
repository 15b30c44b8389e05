/*
 * The system-call policy in force: what the answers mean, and that they can be trusted. See
 * syscall_policy.h.
 */
#include "probes/syscall_policy.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "agent/core/mem.h"
#include "probes/syscall_filter.h"

/*
 * Asked first: a call that no kernel has, which our filter answers whatever the container's do,
 * short of TRAP and KILL; and calls that cannot harm, of which the filters let one through nearly
 * always.
 */
static const int proofs[] = {SYSCALL_FILTER_PROOF, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid};

enum { PROOFS = sizeof proofs / sizeof proofs[0] };

static bool answer_of(const struct syscall_question *question, struct syscall_result result,
                      struct syscall_answer *answer)
{
    static const enum syscall_action actions[] = {
        [SYSCALL_SKIPPED] = SYSCALL_UNASKED, [SYSCALL_RETURNED] = SYSCALL_ERRNO,
        [SYSCALL_NOTIFIED] = SYSCALL_ALLOW,  [SYSCALL_TRAPPED] = SYSCALL_TRAP,
        [SYSCALL_DIED] = SYSCALL_KILL,
    };

    *answer = (struct syscall_answer){.action = actions[result.end]};
    if (result.end == SYSCALL_RETURNED)
        answer->code = (int)-result.value;
    else if (result.end == SYSCALL_DIED && result.value == SIGSEGV && question->is_i386)
        answer->action = SYSCALL_FAULT;
    else if (result.end == SYSCALL_DIED && result.value != SIGSYS)
        return false;
    return answer->code >= 0;
}

bool syscall_policy_read(const struct syscall_question *questions, size_t count,
                         struct syscall_answer *answers, struct error *err)
{
    struct syscall_question *all = mem_new(PROOFS + count, sizeof *all);
    struct syscall_result *results = mem_new(PROOFS + count, sizeof *results);

    for (size_t i = 0; i < PROOFS; i++)
        all[i] = (struct syscall_question){.number = proofs[i], .is_safe = true};
    for (size_t i = 0; i < count; i++) {
        all[PROOFS + i] = questions[i];
        if (questions[i].unless_allowed != 0)
            all[PROOFS + i].unless_allowed += PROOFS;
        if (questions[i].unless_denied != 0)
            all[PROOFS + i].unless_denied += PROOFS;
    }
    bool ok = syscall_ask(all, PROOFS + count, results, err);
    for (size_t i = 0; i < count && ok; i++) {
        if (!answer_of(&questions[i], results[PROOFS + i], &answers[i]))
            ok = error_set(err, "call %d could not be asked about", questions[i].number);
    }
    free(all);
    free(results);
    return ok;
}
