/*
 * The system-call policy in force: the first pass, and the order of both. See syscall_policy.h.
 */
#include "probes/syscall_policy.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/syscall_filter.h"
#include "probes/syscall_notify.h"
#include "probes/syscall_stub.h"
#include "probes/throwaway.h"

/* What children write. */
struct first_pass {
    volatile bool is_witnessed; /* a harmless call from the stub was not executed */
    volatile bool is_proven;    /* so no call will be */
    volatile int failure;       /* why the method cannot be used: an errno value; 0: it can */
    long results[];             /* of the calls, by index */
};

/* TRAPPED: the call raised SIGSYS. No kernel gives this as a result. */
enum { TRAPPED = 1 << 20 };

/* Each child has its own copy, which says whether that child is prepared. */
struct preparation {
    const struct syscall_question *questions;
    bool is_done;
};

/* Where a trapped call goes on: not through rt_sigreturn(2), which a filter may refuse. */
static sigjmp_buf trapped; // NOLINT: a signal handler has no other way to know

static _Noreturn void handle_trap(int number)
{
    (void)number;
    siglongjmp(trapped, 1);
}

static void prepare_signals(void)
{
    struct sigaction action = {.sa_handler = handle_trap, .sa_flags = SA_NODEFER};
    struct rlimit none = {0};
    sigset_t set;

    (void)sigaction(SIGSYS, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGSYS);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    /* A call that kills must not leave a core file behind. */
    (void)setrlimit(RLIMIT_CORE, &none);
}

static long ask(const struct syscall_question *question)
{
    const long *arguments = question->arguments;

    if (sigsetjmp(trapped, 0) != 0)
        return TRAPPED;
    return syscall_stub(question->number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);
}

static long ask_number(int number)
{
    return ask(&(struct syscall_question){.number = number});
}

/*
 * Step 0: loads the filter and asks for its mark, by a call that no kernel has. The container's
 * filters may refuse unknown calls harder than that; this child may even be killed for it.
 */
static void load_first(struct first_pass *pass)
{
    int listener = syscall_filter_try_listener();

    if (listener < 0) {
        pass->failure = -listener;
        return;
    }
    (void)close(listener);
    int loaded = syscall_filter_load(SECCOMP_RET_TRACE, 0);
    if (loaded < 0)
        pass->failure = -loaded;
    else if (ask_number(SYSCALL_FILTER_PROOF) == -ENOSYS)
        pass->failure = ENOTSUP; /* the kernel's own answer: nobody filters here */
}

/*
 * Steps 1 to 4: calls that cannot harm. Not one may be executed: it would be, where our filter has
 * no effect, and under a tracer that takes its events (PTRACE_O_TRACESECCOMP) for its own.
 */
static const int harmless[] = {SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid};

static void witness(struct first_pass *pass, int number)
{
    long result = ask_number(number);

    if (result == -ENOSYS)
        pass->is_witnessed = true;
    else if (result >= 0 && result != TRAPPED)
        pass->failure = ENOTSUP;
}

enum { HARMLESS = sizeof harmless / sizeof harmless[0], PROOF_STEPS = HARMLESS + 2 };

/* Each child loads the filter before its first question. */
static bool prepare(struct preparation *preparation, struct first_pass *pass)
{
    if (preparation->is_done)
        return true;
    prepare_signals();
    int loaded = syscall_filter_load(SECCOMP_RET_TRACE, 0);
    if (loaded < 0)
        pass->failure = -loaded;
    preparation->is_done = loaded >= 0;
    return preparation->is_done;
}

static void ask_step(size_t index, void *shared, const void *context)
{
    struct preparation *preparation = (struct preparation *)(uintptr_t)context;
    struct first_pass *pass = shared;

    if (index == 0) {
        prepare_signals();
        load_first(pass);
        preparation->is_done = pass->failure == 0;
        return;
    }
    if (pass->failure != 0 || !prepare(preparation, pass))
        return;
    if (index <= HARMLESS)
        witness(pass, harmless[index - 1]);
    else if (index == PROOF_STEPS - 1)
        pass->is_proven = pass->is_witnessed;
    else if (pass->is_proven && !preparation->questions[index - PROOF_STEPS].is_exempt)
        pass->results[index - PROOF_STEPS] = ask(&preparation->questions[index - PROOF_STEPS]);
}

static struct syscall_answer answer_of(long result, struct step_result step)
{
    if (step.end == STEP_KILLED && step.code == SIGSYS)
        return (struct syscall_answer){.action = SYSCALL_KILL};
    if (result == TRAPPED)
        return (struct syscall_answer){.action = SYSCALL_TRAP};
    if (step.end != STEP_DONE || result >= 0)
        return (struct syscall_answer){.action = SYSCALL_UNASKED};
    return (struct syscall_answer){.action = SYSCALL_ERRNO, .code = (int)-result};
}

static bool explain(const struct first_pass *pass, struct step_result step, struct error *err)
{
    char words[96];
    char name[16];

    if (step.end != STEP_DONE)
        return error_set(err, "the calls cannot be asked about: %s", step_words(step, words));
    if (pass->failure == EBUSY)
        return error_set(err, "another seccomp listener is attached, and it would be asked");
    if (pass->failure == ENOTSUP)
        return error_set(err, "a seccomp filter of one's own has no effect here, or a tracer "
                              "takes its answers");
    if (pass->failure == 0)
        return error_set(err, "it could not be proved that calls are not executed");
    return error_set(err, "a seccomp filter cannot be loaded here: %s",
                     error_name(pass->failure, name));
}

/* Those that gave ENOSYS are let through, or refused with ENOSYS: the second pass tells. */
static bool settle_enosys(const struct syscall_question *questions, size_t count,
                          struct syscall_answer *answers, struct error *err)
{
    const struct syscall_question **open = mem_new(count, sizeof *open);
    bool *allowed = mem_new(count, sizeof *allowed);
    size_t asked = 0;

    for (size_t i = 0; i < count; i++) {
        if (answers[i].action == SYSCALL_ERRNO && answers[i].code == ENOSYS)
            open[asked++] = &questions[i];
    }
    bool ok = syscall_notify(open, asked, allowed, err);
    asked = 0;
    for (size_t i = 0; i < count && ok; i++) {
        bool is_asked = answers[i].action == SYSCALL_ERRNO && answers[i].code == ENOSYS;
        if (is_asked && allowed[asked++])
            answers[i] = (struct syscall_answer){.action = SYSCALL_ALLOW};
    }
    free(open);
    free(allowed);
    return ok;
}

static bool first_pass(const struct syscall_question *questions, size_t count,
                       struct syscall_answer *answers, struct error *err)
{
    size_t size = sizeof(struct first_pass) + count * sizeof(long);
    struct preparation preparation = {.questions = questions};
    struct first_pass *pass = throwaway_share(size);
    struct step_result *steps = mem_new(count + PROOF_STEPS, sizeof *steps);

    if (pass == NULL) {
        free(steps);
        return error_sys(err, "no memory can be shared with a child");
    }
    throwaway_run(count + PROOF_STEPS, ask_step, pass, &preparation, steps);
    bool ok = pass->is_proven || explain(pass, steps[PROOF_STEPS - 1], err);
    for (size_t i = 0; i < count && ok; i++) {
        answers[i] = answer_of(pass->results[i], steps[i + PROOF_STEPS]);
        if (questions[i].is_exempt)
            answers[i] = (struct syscall_answer){.action = SYSCALL_EXEMPT};
        else if (answers[i].action == SYSCALL_UNASKED)
            ok = error_set(err, "call %d could not be asked about", questions[i].number);
    }
    throwaway_unshare(pass, size);
    free(steps);
    return ok;
}

bool syscall_policy_read(const struct syscall_question *questions, size_t count,
                         struct syscall_answer *answers, struct error *err)
{
    return first_pass(questions, count, answers, err) &&
           settle_enosys(questions, count, answers, err);
}
