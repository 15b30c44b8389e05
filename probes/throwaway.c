/*
 * Steps in a throw-away child. See throwaway.h.
 */
#include "probes/throwaway.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/error.h"
#include "probes/kernel_version.h"

enum { STACK_SIZE = 128 * 1024 }; /* a step fills no more than a fraction */

/*
 * Before Linux 5.16 a process that dies with a core dump, as by SIGSYS, takes along all that share
 * its memory (zap_threads in fs/coredump.c): there a filter that kills a child would kill us.
 */
bool throwaway_shares_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
    return false; /* it would hold what it noted of a child's stack against the next one's */
#else
    return kernel_version() >= KERNEL_VERSION_OF(5, 16);
#endif
}

/* What a child does before its steps; one that it is killed for is left out in the next. */
enum guard { GUARD_TIME, GUARD_CORE, GUARDS };

/* What a child tells its parent, in memory of both, since it may be killed at any instant. */
struct progress {
    volatile size_t guards;   /* that were passed, or left out */
    volatile size_t finished; /* steps that have returned */
};

static void *map(size_t size, int kind)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void *throwaway_share(size_t size)
{
    return map(size, MAP_SHARED);
}

void *throwaway_share_light(size_t size)
{
    return map(size, throwaway_shares_memory() ? MAP_PRIVATE : MAP_SHARED);
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

/* A filter that kills would have the kernel leave a core file in the working directory. */
static void forbid_core(void)
{
    struct rlimit none = {0};

    (void)setrlimit(RLIMIT_CORE, &none);
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
    const struct throwaway_job *jobs;
    size_t step_count; /* of all jobs */
    struct progress *progress;
    bool leaves_out[GUARDS];
    char *stack; /* of the child that shares the caller's memory; NULL: it has a copy */
};

/* The job that a step belongs to; *index becomes its number there. */
static const struct throwaway_job *job_of(const struct run *run, size_t *index)
{
    const struct throwaway_job *job = run->jobs;

    while (*index >= job->count) {
        *index -= job->count;
        job++;
    }
    return job;
}

static void set_results(const struct run *run, size_t from, size_t to, struct step_result result)
{
    for (size_t i = from; i < to; i++) {
        size_t index = i;
        const struct throwaway_job *job = job_of(run, &index);
        job->results[index] = result;
    }
}

static void (*const guards[GUARDS])(void) = {
    [GUARD_TIME] = set_time_limit,
    [GUARD_CORE] = forbid_core,
};

static int be_child(void *argument)
{
    const struct run *run = argument;

    for (enum guard i = 0; i < GUARDS; i++) {
        if (!run->leaves_out[i])
            guards[i]();
        run->progress->guards = i + 1;
    }
    for (size_t i = run->progress->finished; i < run->step_count; i++) {
        size_t index = i;
        const struct throwaway_job *job = job_of(run, &index);
        job->step(index, job->shared, job->context);
        run->progress->finished = i + 1;
    }
    _exit(0);
}

/* Runs the steps from progress->finished on in one child. Its errno is in *code when it fails. */
static bool run_child(struct run *run, int *code)
{
    pid_t child = run->stack == NULL ? fork()
                                     : clone(be_child, run->stack + STACK_SIZE,
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

static void run_all(struct run *run)
{
    struct progress *progress = run->progress;

    while (progress->finished < run->step_count) {
        size_t first = progress->finished;
        struct step_result result = {.end = STEP_NOT_RUN};
        progress->guards = 0;
        if (!run_child(run, &result.code)) {
            set_results(run, first, run->step_count, result);
            return;
        }
        set_results(run, first, progress->finished, (struct step_result){.end = STEP_DONE});
        if (progress->finished == run->step_count)
            return;
        if (progress->guards < GUARDS && !run->leaves_out[progress->guards]) {
            run->leaves_out[progress->guards] = true; /* killed for it: go on without */
            continue;
        }
        result.end = STEP_KILLED;
        set_results(run, progress->finished, progress->finished + 1, result);
        progress->finished++;
    }
}

/* Where progress is NULL, errno says why no step can be run. */
static void run_jobs(const struct throwaway_job *jobs, size_t count, struct progress *progress,
                     char *stack)
{
    struct run run = {.jobs = jobs,
                      .progress = progress,
                      .leaves_out = {[GUARD_CORE] = jobs[0].keeps_core_limit},
                      .stack = stack};

    for (size_t i = 0; i < count; i++)
        run.step_count += jobs[i].count;
    if (progress == NULL)
        set_results(&run, 0, run.step_count,
                    (struct step_result){.end = STEP_NOT_RUN, .code = errno});
    else
        run_all(&run);
}

static void run_copying(const struct throwaway_job *jobs, size_t count)
{
    struct progress *progress = throwaway_share(sizeof *progress);

    run_jobs(jobs, count, progress, NULL);
    throwaway_unshare(progress, sizeof *progress);
}

void throwaway_run(size_t count, step_function *step, void *shared, const void *context,
                   struct step_result *results)
{
    struct throwaway_job job = {
        .count = count, .step = step, .shared = shared, .context = context, .results = results};

    run_copying(&job, 1);
}

void throwaway_run_light(const struct throwaway_job *jobs, size_t count)
{
    /* One child at a time: its parent waits for it. */
    static char stack[STACK_SIZE] __attribute__((aligned(16)));
    struct progress progress = {0};

    if (throwaway_shares_memory())
        run_jobs(jobs, count, &progress, stack);
    else
        run_copying(jobs, count);
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
