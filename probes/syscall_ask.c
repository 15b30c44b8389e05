/*
 * Asking: what is done before, and what became of it. See syscall_ask.h.
 */
#include "probes/syscall_ask.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probes/syscall_turns.h"
#include "probes/throwaway.h"

/*
 * What may be left undone: each is tried as a step of its own, since a filter may kill for it.
 */
enum { STEP_DUMPABLE, STEP_PROCESSOR, STEP_BATCH, STEP_PARENT, STEP_ASK, STEP_COUNT };

/* Shared with the child that runs the steps. */
struct attempt {
    volatile bool survived[STEP_ASK];
    volatile bool was_dumpable;
    struct syscall_session session; /* last: its results follow */
};

/* All on one processor: each waits for another anyway. */
static void stay_on_one_processor(void)
{
    cpu_set_t set;
    int current = sched_getcpu();

    CPU_ZERO(&set);
    if (current < 0)
        return;
    CPU_SET((unsigned int)current, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void forbid_dumps(struct attempt *attempt)
{
    /* The child's limit of cores is not one for pipes (core(5)). */
    attempt->was_dumpable |= prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    attempt->session.may_use_prctl = true;
}

static void prepare(struct attempt *attempt, size_t step)
{
    struct sched_param parameter = {0};

    if (step == STEP_DUMPABLE)
        forbid_dumps(attempt);
    else if (step == STEP_PROCESSOR)
        stay_on_one_processor();
    else if (step == STEP_BATCH) /* who is woken waits until the other one sleeps (sched(7)) */
        (void)sched_setscheduler(0, SCHED_BATCH, &parameter);
    else if (getppid() > 0) /* no filter answers in the kernel's place */
        attempt->session.guard = getpid();
}

static void ask_step(size_t index, void *shared, const void *context)
{
    struct attempt *attempt = shared;

    (void)context;
    /* A child before this one may have done the earlier steps, and be dead. */
    for (size_t i = 0; i < index && i < STEP_ASK; i++) {
        if (attempt->survived[i])
            prepare(attempt, i);
    }
    if (index == STEP_ASK) {
        syscall_turns_take(&attempt->session);
        return;
    }
    prepare(attempt, index);
    attempt->survived[index] = true;
}

static bool explain(const struct syscall_session *session, struct step_result step,
                    struct error *err)
{
    char words[96];
    char name[16];

    if (step.end != STEP_DONE)
        return error_set(err, "the calls cannot be asked about: %s", step_words(step, words));
    if (session->failure == EBUSY)
        return error_set(err, "another seccomp listener is attached, and it would be asked");
    if (session->failure == ENOTSUP)
        return error_set(err, "%s", session->words);
    if (session->failure != 0)
        return error_set(err, "%s: %s", session->words, error_name(session->failure, name));
    if (!session->is_proven[false])
        return error_set(err, "it could not be proved that calls are not executed");
    return session->next >= session->count ||
           error_set(err, "the child that asks about the calls ended early");
}

bool syscall_ask(const struct syscall_question *questions, size_t count,
                 struct syscall_result *results, struct error *err)
{
    size_t size = sizeof(struct attempt) + count * sizeof *results;
    struct step_result steps[STEP_COUNT] = {0};
    struct attempt *attempt = throwaway_share_light(size);

    if (attempt == NULL)
        return error_sys(err, "no memory can be shared with a child");
    struct syscall_session *session = &attempt->session;
    session->questions = questions;
    session->count = count;
    struct throwaway_job job = {
        .count = STEP_COUNT, .step = ask_step, .shared = attempt, .results = steps};
    throwaway_run_light(&job, 1);
    /* That made the memory, which may be this process's too, one that must not be dumped. */
    if (attempt->was_dumpable && attempt->survived[STEP_DUMPABLE])
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    bool ok = explain(session, steps[STEP_ASK], err);
    if (ok)
        memcpy(results, session->results, count * sizeof *results);
    if (!throwaway_shares_memory() || syscall_turns_are_over(session))
        throwaway_unshare(attempt, size);
    return ok;
}
