/*
 * Asking. See syscall_ask.h.
 *
 * Two processes: the listener loads the filter and answers, its child asks. Both share memory, so
 * that the hundreds of switches between them stay cheap, and a child that is killed for a question
 * is soon replaced. Neither executes a call that is asked about: USER_NOTIF without a
 * listener is ENOSYS (seccomp_unotify(2)), so that not even killing one of them changes that.
 */
#include "probes/syscall_ask.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/syscall_filter.h"
#include "probes/syscall_stub.h"
#include "probes/throwaway.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
enum { SYNC_WAKE_UP = 1 }; /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */

/* What may be left undone: each is tried as a step of its own, since a filter may kill for it. */
enum { STEP_PROCESSOR, STEP_CORE, STEP_DUMPABLE, STEP_ASK, STEP_COUNT };

/* Room for a signal's frame, which grows with the registers of processors. */
enum { STACK_SIZE = 64 * 1024 };

/* Shared by all: the caller, who reads results, the listener and the child that asks. */
struct session {
    volatile bool survived[STEP_ASK];
    volatile int failure;       /* why the method cannot be used: an errno value; 0: it can */
    const char *volatile words; /* what failed with it */
    volatile bool is_asking;    /* the child got as far as its first question */
    volatile bool is_proven[2]; /* by is_i386: a safe call was answered by our filter */
    volatile size_t next;       /* the question that is being asked, or is next */
    volatile unsigned answered; /* how many calls the listener has answered */
    int listener;
    const struct syscall_question *questions;
    size_t count;
    char stack[STACK_SIZE] __attribute__((aligned(16)));
    struct syscall_result results[];
};

/*
 * Where the child goes on after a trapped call: not through rt_sigreturn(2), which a filter may
 * refuse. And the listener, when its child has ended, whatever it is doing.
 */
static sigjmp_buf trapped; // NOLINT: a signal handler has no other way to know
static sigjmp_buf ended;   // NOLINT

static _Noreturn void handle_trap(int number)
{
    (void)number;
    siglongjmp(trapped, 1);
}

static _Noreturn void handle_end(int number)
{
    (void)number;
    siglongjmp(ended, 1);
}

static bool handle(int signal, void handler(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER | SA_NOCLDSTOP};

    return sigaction(signal, &action, NULL) == 0;
}

/*
 * Both processes have one errno, too. It is read only where the other makes no call that fails: it
 * waits, or it asks, which leaves errno alone.
 */
static bool fail(struct session *session, const char *words, int code)
{
    session->failure = code;
    session->words = words;
    return false;
}

static long call(const struct syscall_question *question)
{
    const long *a = question->arguments;

#if defined(__x86_64__)
    if (question->is_i386)
        return syscall_stub_i386(question->number, a[0], a[1], a[2], a[3], a[4], a[5]);
#endif
    return syscall_stub(question->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static struct syscall_result ask(const struct session *session, size_t index)
{
    unsigned before = session->answered;

    if (sigsetjmp(trapped, 0) != 0)
        return (struct syscall_result){.end = SYSCALL_TRAPPED};
    long value = call(&session->questions[index]);
    int number = session->questions[index].number;
    bool is_proof = (number & ~SYSCALL_X32_BIT) == SYSCALL_FILTER_PROOF;
    bool is_ours = session->answered != before || (is_proof && value == -SYSCALL_FILTER_MARK);
    return (struct syscall_result){.end = is_ours ? SYSCALL_NOTIFIED : SYSCALL_RETURNED,
                                   .value = value};
}

/*
 * On a kernel that only says that it filters, safe calls are executed, and so would be the others.
 * 0 may be a filter's: SECCOMP_RET_ERRNO without an errno value.
 */
static bool is_executed(struct syscall_result result)
{
    return result.end == SYSCALL_RETURNED && result.value > 0;
}

static bool is_wanted(const struct session *session, const struct syscall_question *question)
{
    unsigned if_denied = question->unless_allowed;
    unsigned if_allowed = question->unless_denied;

    if (if_denied != 0 && session->results[if_denied - 1].end == SYSCALL_NOTIFIED)
        return false;
    if (if_allowed != 0 && session->results[if_allowed - 1].end != SYSCALL_NOTIFIED)
        return false;
    return question->is_safe || session->is_proven[question->is_i386];
}

/* The child: asks from session->next on. What it really calls is sigaction(2), close(2), exit. */
static int ask_all(void *argument)
{
    struct session *session = argument;

    if (!handle(SIGSYS, handle_trap))
        (void)fail(session, "SIGSYS cannot be handled here", errno);
    /* This copy: when the listener is gone, calls that wait for it end with ENOSYS. */
    (void)close(session->listener);
    session->is_asking = true;
    while (session->next < session->count && session->failure == 0) {
        size_t index = session->next;
        const struct syscall_question *question = &session->questions[index];
        struct syscall_result *result = &session->results[index];
        if (is_wanted(session, question))
            *result = ask(session, index);
        if (question->is_safe && is_executed(*result))
            (void)fail(session, "a seccomp filter of one's own has no effect here", ENOTSUP);
        if (result->end == SYSCALL_NOTIFIED)
            session->is_proven[question->is_i386] = true;
        session->next = index + 1;
    }
    _exit(0);
}

/*
 * Answers until the child ends (handle_end) or nothing can be received. The buffers are larger than
 * any kernel's structures are today.
 */
static void answer_all(struct session *session)
{
    union {
        struct seccomp_notif request;
        char room[512];
    } received;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } sent;

    memset(&sent, 0, sizeof sent);
    sent.response.error = -SYSCALL_FILTER_MARK;
    for (;;) {
        memset(&received, 0, sizeof received);
        if (ioctl(session->listener, SECCOMP_IOCTL_NOTIF_RECV, &received) < 0) {
            if (errno == ENOENT || errno == EINTR)
                continue; /* the child was killed while it asked */
            (void)fail(session, "a seccomp listener cannot be used here", errno);
            return;
        }
        session->answered++;
        sent.response.id = received.request.id;
        (void)ioctl(session->listener, SECCOMP_IOCTL_NOTIF_SEND, &sent);
    }
}

/* One child, until it ends; what it was asking when it died is its answer. */
static bool run_child(struct session *session)
{
    int status = 0;

    session->is_asking = false;
    if (sigsetjmp(ended, 0) == 0) {
        if (clone(ask_all, session->stack + STACK_SIZE, CLONE_VM | SIGCHLD, session) < 0)
            return fail(session, "no child process could be made for it", errno);
        answer_all(session);
        return false; /* the caller exits, which ends the child too: it has no listener then */
    }
    if (waitpid(-1, &status, 0) < 0 && session->next < session->count)
        return fail(session, "a child process cannot be waited for", errno);
    if (session->failure != 0 || session->next >= session->count || !session->is_asking)
        return false;
    session->results[session->next] = (struct syscall_result){
        .end = SYSCALL_DIED,
        .value = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
    };
    session->next++;
    return session->next < session->count;
}

static void listen(struct session *session)
{
    sigset_t set;

    (void)signal(SIGSYS, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGSYS);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    if (!handle(SIGCHLD, handle_end)) {
        (void)fail(session, "SIGCHLD cannot be handled here", errno);
        return;
    }
    session->listener = syscall_filter_load();
    if (session->listener < 0) {
        (void)fail(session, "a seccomp filter cannot be loaded here", -session->listener);
        return;
    }
    (void)ioctl(session->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
    while (run_child(session)) {
    }
}

/* Both on one processor: each waits for the other anyway. */
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

static void prepare(size_t step)
{
    struct rlimit none = {0};

    if (step == STEP_PROCESSOR)
        stay_on_one_processor();
    else if (step == STEP_CORE)
        (void)setrlimit(RLIMIT_CORE, &none);
    else
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* core(5): the limit is not one for pipes */
}

static void session_step(size_t index, void *shared, const void *context)
{
    struct session *session = shared;

    (void)context;
    /* A child before this one may have done the earlier steps, and be dead. */
    for (size_t i = 0; i < index && i < STEP_ASK; i++) {
        if (session->survived[i])
            prepare(i);
    }
    if (index == STEP_ASK) {
        listen(session);
        return;
    }
    prepare(index);
    session->survived[index] = true;
}

static bool explain(const struct session *session, struct step_result step, struct error *err)
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
    size_t size = sizeof(struct session) + count * sizeof *results;
    struct step_result steps[STEP_COUNT] = {0};
    struct session *session = throwaway_share(size);

    if (session == NULL)
        return error_sys(err, "no memory can be shared with a child");
    session->questions = questions;
    session->count = count;
    throwaway_run(STEP_COUNT, session_step, session, NULL, steps);
    bool ok = explain(session, steps[STEP_ASK], err);
    if (ok)
        memcpy(results, session->results, count * sizeof *results);
    throwaway_unshare(session, size);
    return ok;
}
