/*
 * Taking turns. See syscall_turns.h.
 *
 * Three processes: the guard loads the filter, and has two children that take turns. One asks, the
 * other listens; when a call is let through, the listener hears of it, answers, and asks in its
 * turn, while the first one listens. So there is one switch between processes to a question. All
 * share memory, so that the hundreds of switches stay cheap, and a child that is killed for a
 * question is soon replaced. None executes a call that is asked about: USER_NOTIF without a
 * listener is ENOSYS (seccomp_unotify(2)), so that not even killing one of them changes that.
 */
#include "probes/syscall_turns.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probes/syscall_filter.h"
#include "probes/syscall_stub.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
enum { SYNC_WAKE_UP = 1 }; /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */

/*
 * Where an asker goes on after a trapped call: not through rt_sigreturn(2), which a filter may
 * refuse. There is one for both, of the asker that called last: only that can be trapped for it.
 */
static sigjmp_buf trapped;                 // NOLINT: a signal handler has no other way to know
static const struct syscall_asker *caller; // NOLINT

static _Noreturn void handle_trap(int number)
{
    const char *here = __builtin_frame_address(0);

    (void)number;
    /* Trapped for something else than its question. */
    if (here < caller->stack || here >= caller->stack + SYSCALL_STACK_SIZE)
        _exit(0);
    siglongjmp(trapped, 1);
}

static bool handle(int signal, void handler(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER | SA_NOCLDSTOP};

    return sigaction(signal, &action, NULL) == 0;
}

/*
 * All have one errno, too. It is read only where the others make no call that fails: they wait, or
 * one asks, which leaves errno alone.
 */
static bool fail(struct syscall_session *session, const char *words, int code)
{
    session->failure = code;
    session->words = words;
    return false;
}

static long call(const struct syscall_question *question)
{
    static const long none[6];
    const long *a = question->arguments == NULL ? none : question->arguments;

#if defined(__x86_64__)
    if (question->is_i386)
        return syscall_stub_i386(question->number, a[0], a[1], a[2], a[3], a[4], a[5]);
#endif
    return syscall_stub(question->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/*
 * On a kernel that only says that it filters, safe calls are executed, and so would be the others.
 * 0 may be a filter's: SECCOMP_RET_ERRNO without an errno value.
 */
static bool is_executed(struct syscall_result result)
{
    return result.end == SYSCALL_RETURNED && result.value > 0;
}

static bool is_wanted(const struct syscall_session *session,
                      const struct syscall_question *question)
{
    unsigned if_denied = question->unless_allowed;
    unsigned if_allowed = question->unless_denied;

    if (if_denied != 0 && session->results[if_denied - 1].end == SYSCALL_NOTIFIED)
        return false;
    if (if_allowed != 0 && session->results[if_allowed - 1].end != SYSCALL_NOTIFIED)
        return false;
    return question->is_safe || session->is_proven[question->is_i386];
}

static void note(struct syscall_session *session, size_t index, struct syscall_result result)
{
    const struct syscall_question *question = &session->questions[index];

    session->results[index] = result;
    if (question->is_safe && is_executed(result))
        (void)fail(session, "a seccomp filter of one's own has no effect here", ENOTSUP);
    if (result.end == SYSCALL_NOTIFIED)
        session->is_proven[question->is_i386] = true;
    session->next = index + 1;
}

/* What came back, unless the listener heard of it: then it is the listener's turn already. */
static struct syscall_result ask(const struct syscall_asker *asker,
                                 const struct syscall_question *question)
{
    caller = asker;
    if (sigsetjmp(trapped, 0) != 0)
        return (struct syscall_result){.end = SYSCALL_TRAPPED};
    asker->session->is_calling = true;
    long value = call(question);
    bool is_proof = (question->number & ~SYSCALL_X32_BIT) == SYSCALL_FILTER_PROOF;
    bool is_ours = is_proof && value == -SYSCALL_FILTER_MARK;
    return (struct syscall_result){.end = is_ours ? SYSCALL_NOTIFIED : SYSCALL_RETURNED,
                                   .value = value};
}

/* Asks from session->next on, until the other asker hears of a call. False: nothing is left. */
static bool ask_on(const struct syscall_asker *asker)
{
    struct syscall_session *session = asker->session;

    while (session->next < session->count && session->failure == 0) {
        size_t index = session->next;
        const struct syscall_question *question = &session->questions[index];
        if (!is_wanted(session, question)) {
            session->next = index + 1;
            continue;
        }
        struct syscall_result result = ask(asker, question);
        if (session->turn != asker->number)
            return true;
        session->is_calling = false;
        note(session, index, result);
    }
    return false;
}

/*
 * The other asker's call has been let through: it stays in there until it is answered. A call when
 * no question was left is a goodbye.
 */
static void take_turn(const struct syscall_asker *asker, bool *is_goodbye)
{
    struct syscall_session *session = asker->session;

    if (session->turn == asker->number)
        return;
    session->is_calling = false;
    session->turn = asker->number;
    *is_goodbye = session->next >= session->count;
    if (*is_goodbye)
        return;
    session->heard = session->next + 1;
    note(session, session->next, (struct syscall_result){.end = SYSCALL_NOTIFIED});
}

/*
 * Waits until a call of the other asker is let through, takes the turn, and answers. False: nothing
 * is left to ask. The buffers are larger than any kernel's structures are today.
 */
static bool listen(const struct syscall_asker *asker)
{
    union {
        struct seccomp_notif request;
        char room[512];
    } received;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } sent;
    int listener = asker->session->listener;
    bool is_answered = false;
    bool is_goodbye = false;

    memset(&sent, 0, sizeof sent);
    sent.response.error = -SYSCALL_FILTER_MARK;
    while (!is_answered) {
        memset(&received, 0, sizeof received);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received) == 0) {
            take_turn(asker, &is_goodbye);
            sent.response.id = received.request.id;
            /* A call that a signal interrupted, as the freezer's, begins anew, and is heard so. */
            is_answered = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &sent) == 0;
        } else if (errno != ENOENT && errno != EINTR) {
            return fail(asker->session, "a seccomp listener cannot be used here", errno);
        }
    }
    return !is_goodbye;
}

/* So that the other one does not listen for ever. */
static void say_goodbye(const struct syscall_session *session)
{
    if (session->failure == 0 && session->heard != 0)
        (void)call(&session->questions[session->heard - 1]);
}

/* What an asker really calls is prctl(2), getppid(2), sigaction(2), ioctl(2) and exit. */
static int take_turns(void *argument)
{
    const struct syscall_asker *asker = argument;
    struct syscall_session *session = asker->session;

    /* For a guard that is killed: nobody would ask, or answer, the other one again. */
    if (session->may_use_prctl)
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (session->guard != 0 && getppid() != session->guard)
        _exit(0); /* it was killed before that */
    if (!handle(SIGSYS, handle_trap)) {
        (void)fail(session, "SIGSYS cannot be handled here", errno);
        _exit(0);
    }
    do {
        if (session->turn != asker->number && !listen(asker))
            _exit(0);
    } while (ask_on(asker));
    say_goodbye(session);
    _exit(0);
}

static bool start_asker(struct syscall_session *session, int number)
{
    struct syscall_asker *asker = &session->askers[number];

    asker->session = session;
    asker->number = number;
    asker->pid = clone(take_turns, asker->stack + SYSCALL_STACK_SIZE,
                       CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, asker,
                       &asker->is_living, NULL, &asker->is_living);
    return asker->pid > 0 || fail(session, "no child process could be made for it", errno);
}

/* Waits for the end of an asker. Gives its number, or -1. */
static int await_one(struct syscall_session *session, int *status)
{
    pid_t pid = waitpid(-1, status, 0);

    if (pid < 0)
        return -1;
    int number = session->askers[1].pid == pid;
    session->askers[number].pid = 0;
    session->askers[number].is_living = 0;
    return number;
}

/*
 * Waits for the end of an asker. Where it died of its question, that is the answer, and another
 * asker takes its place, be it to say goodbye. False: there is nothing more to wait for.
 */
static bool watch(struct syscall_session *session)
{
    int status = 0;
    int number = await_one(session, &status);

    if (number < 0)
        return fail(session, "a child process cannot be waited for", errno);
    if (session->failure != 0 || session->next >= session->count)
        return false;
    if (session->turn != number || !session->is_calling)
        return false;
    session->is_calling = false;
    note(session, session->next,
         (struct syscall_result){.end = SYSCALL_DIED,
                                 .value = WIFSIGNALED(status) ? WTERMSIG(status) : 0});
    return start_asker(session, number);
}

/* The asker that is left ends by itself only when the other one could say goodbye. */
static void end_askers(struct syscall_session *session)
{
    int status = 0;
    bool is_over = session->failure == 0 && session->next >= session->count && session->heard != 0;

    for (size_t i = 0; i < SYSCALL_ASKERS && !is_over; i++) {
        if (session->askers[i].pid > 0)
            (void)kill(session->askers[i].pid, SIGKILL);
    }
    while (await_one(session, &status) >= 0) {
    }
}

/*
 * Whether a listener can answer, since an asker must not be trapped for it. Expected: ENOENT, since
 * nobody has asked yet.
 */
static bool try_listener(struct syscall_session *session)
{
    struct seccomp_notif_resp response = {0};

    if (ioctl(session->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno == ENOENT)
        return true;
    return fail(session, "a seccomp listener cannot be used here", errno);
}

void syscall_turns_take(struct syscall_session *session)
{
    sigset_t set;

    (void)signal(SIGSYS, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGSYS);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    session->listener = syscall_filter_load();
    if (session->listener < 0) {
        (void)fail(session, "a seccomp filter cannot be loaded here", -session->listener);
        return;
    }
    if (!try_listener(session))
        return;
    (void)ioctl(session->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
    if (start_asker(session, 0) && start_asker(session, 1)) {
        while (watch(session)) {
        }
    }
    end_askers(session);
}

bool syscall_turns_are_over(const struct syscall_session *session)
{
    struct timespec begun = {0};
    struct timespec now = {0};
    bool is_over = false;

    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    for (now = begun; !is_over && now.tv_sec - begun.tv_sec < 2;) {
        is_over = session->askers[0].is_living == 0 && session->askers[1].is_living == 0;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    }
    return is_over;
}
