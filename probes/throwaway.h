/*
 * Runs steps in a throw-away child, so that a system call which a seccomp filter answers by
 * killing, or which never returns, costs that one step and not the program.
 *
 * One child runs the steps in order; when it dies in one, that step is marked and a new child goes
 * on with the next. Results travel through memory shared with the child.
 */
#ifndef WATERTIGHT_PROBES_THROWAWAY_H
#define WATERTIGHT_PROBES_THROWAWAY_H

#include <stdbool.h>
#include <stddef.h>

enum { THROWAWAY_SECONDS = 5 }; /* how long one child may take */

enum step_end {
    STEP_NOT_RUN, /* no child could be made; code holds the errno of fork(2) or mmap(2) */
    STEP_DONE,    /* the step returned: its results stand in shared */
    STEP_KILLED   /* the child died in it; code holds the signal: SIGSYS is a seccomp filter's,
                     SIGALRM that of the time limit; 0: it exited */
};

struct step_result {
    enum step_end end;
    int code;
};

/* One step: index says which. Runs in the child: no stdio; writes into shared. */
typedef void step_function(size_t index, void *shared, const void *context);

/*
 * Shared memory of size bytes, zeroed, that children write and the caller reads; NULL (errno set)
 * when the kernel gives none. Freed by throwaway_unshare.
 */
void *throwaway_share(size_t size);
/* The same for the children of throwaway_run_light alone, which costs less. */
void *throwaway_share_light(size_t size);
void throwaway_unshare(void *shared, size_t size);

/* Steps 0..count-1; results holds as many. */
struct throwaway_job {
    size_t count;
    step_function *step;
    void *shared;
    const void *context;
    struct step_result *results;
    bool keeps_core_limit; /* the steps ask for it; the first job's word is that of all */
};

/*
 * Runs steps 0..count-1 and fills count results. Every child is reaped. One that outlives a caller
 * killed in the meantime ends by itself: after its steps, or by its time limit.
 */
void throwaway_run(size_t count, step_function *step, void *shared, const void *context,
                   struct step_result *results);

/*
 * The same for all steps of count jobs in turn, in one child that shares the caller's memory, which
 * waits for it (vfork(2)): a fraction of the price. It has a copy where the kernel would let the
 * death of one be that of both. What the steps change that belongs to the memory, as
 * PR_SET_DUMPABLE does, is the caller's to restore. What a child had allocated when it was killed
 * is lost; it is killed in system calls of its own choice, where the allocator is in order: a
 * filter that kills for brk(2) spares nobody.
 */
void throwaway_run_light(const struct throwaway_job *jobs, size_t count);

/* Whether the children of throwaway_run_light do share the caller's memory here. */
bool throwaway_shares_memory(void);

/* Words for a step that did not end with STEP_DONE: "a seccomp filter killed the attempt". */
const char *step_words(struct step_result result, char buffer[static 96]);

#endif
