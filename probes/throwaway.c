/*
 * Steps in a throw-away child. See throwaway.h.
 */
#include "probes/throwaway.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/error.h"

enum { STACK_SIZE = 128 * 1024 }; /* a step fills no more than a fraction */

/* AddressSanitizer would hold what it noted of a child's stack against the next one's. */
#ifdef __SANITIZE_ADDRESS__
static const bool can_share_memory = false;
#else
static const bool can_share_memory = true;
#endif

/* What a child tells its parent, in memory of both, since it may be killed at any instant. */
struct progress {
    volatile bool is_guarded; /* the time limit is set */
    volatile size_t finished; /* steps that have returned */
};

void *throwaway_share(size_t size)
{
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return shared == MAP_FAILED ? NULL : shared;
}

void throwaway_unshare(void *shared, size_t size)
{
    if (shared != NULL)
        (void)munmap(shared, size);
}

/*
 * The time limit is the child's own, so that the parent need not wait with a clock: SIGALRM ends
 * every sleep that a signal can end. The caller may have left it blocked or ignored.
 */
static void set_time_limit(void)
{
    sigset_t set;

    (void)signal(SIGALRM, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)alarm(THROWAWAY_SECONDS);
}

static int wait_for(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return 0;
    }
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

struct run {
    size_t count;
    step_function *step;
    void *shared;
    const void *context;
    struct progress *progress;
    bool guard;
    void *stack; /* of the child that shares the caller's memory; NULL: it has a copy */
};

static int be_child(void *argument)
{
    const struct run *run = argument;

    if (run->guard)
        set_time_limit();
    run->progress->is_guarded = true;
    for (size_t i = run->progress->finished; i < run->count; i++) {
        run->step(i, run->shared, run->context);
        run->progress->finished = i + 1;
    }
    _exit(0);
}

/* Runs the steps from progress->finished on in one child. Its errno is in *code when it fails. */
static bool run_child(struct run *run, int *code)
{
    pid_t child = run->stack == NULL ? fork()
                                     : clone(be_child, (char *)run->stack + STACK_SIZE,
                                             CLONE_VM | CLONE_VFORK | SIGCHLD, run);

    if (child < 0) {
        *code = errno;
        return false;
    }
    if (child == 0)
        (void)be_child(run);
    *code = wait_for(child);
    return true;
}

static void run_all(struct run *run, struct step_result *results)
{
    struct progress *progress = run->progress;

    run->guard = true;
    while (progress->finished < run->count) {
        size_t first = progress->finished;
        int code = 0;
        progress->is_guarded = false;
        if (!run_child(run, &code)) {
            for (size_t i = first; i < run->count; i++)
                results[i] = (struct step_result){.end = STEP_NOT_RUN, .code = code};
            return;
        }
        for (size_t i = first; i < progress->finished; i++)
            results[i] = (struct step_result){.end = STEP_DONE};
        if (progress->finished == run->count)
            return;
        if (!progress->is_guarded && run->guard) {
            run->guard = false; /* killed for the time limit itself: go on without one */
            continue;
        }
        results[progress->finished] = (struct step_result){.end = STEP_KILLED, .code = code};
        progress->finished++;
    }
}

static void prepare_and_run(struct run *run, struct step_result *results)
{
    struct progress own = {0};

    if (run->stack != NULL) {
        run->progress = &own; /* the child sees it as it stands here */
        run_all(run, results);
        run->progress = NULL;
        return;
    }
    run->progress = throwaway_share(sizeof *run->progress);
    if (run->progress == NULL) {
        for (size_t i = 0; i < run->count; i++)
            results[i] = (struct step_result){.end = STEP_NOT_RUN, .code = errno};
        return;
    }
    run_all(run, results);
    throwaway_unshare(run->progress, sizeof *run->progress);
}

void throwaway_run(size_t count, step_function *step, void *shared, const void *context,
                   struct step_result *results)
{
    struct run run = {.count = count, .step = step, .shared = shared, .context = context};

    prepare_and_run(&run, results);
}

void throwaway_run_light(size_t count, step_function *step, void *shared, const void *context,
                         struct step_result *results)
{
    struct run run = {.count = count, .step = step, .shared = shared, .context = context};
    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    run.stack = stack == MAP_FAILED || !can_share_memory ? NULL : stack;
    prepare_and_run(&run, results);
    throwaway_unshare(stack == MAP_FAILED ? NULL : stack, STACK_SIZE);
}

const char *step_words(struct step_result result, char buffer[static 96])
{
    char name[16];

    if (result.end == STEP_DONE)
        return "done";
    if (result.end == STEP_NOT_RUN)
        (void)snprintf(buffer, 96, "no child process could be made for it: %s",
                       error_name(result.code, name));
    else if (result.code == SIGSYS)
        (void)snprintf(buffer, 96, "a seccomp filter killed the attempt");
    else if (result.code == SIGALRM)
        (void)snprintf(buffer, 96, "the attempt did not end within %d s", THROWAWAY_SECONDS);
    else if (result.code == 0)
        (void)snprintf(buffer, 96, "the child that made the attempt ended early");
    else
        (void)snprintf(buffer, 96, "the attempt was killed by signal %d", result.code);
    return buffer;
}
