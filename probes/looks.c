/*
 * The one throw-away child of several probes. See looks.h.
 */
#include "probes/looks.h"

#include <stdlib.h>
#include <sys/prctl.h>

#include "agent/core/mem.h"
#include "probes/device_walk.h"
#include "probes/kernel_look.h"
#include "probes/kernel_paths.h"
#include "probes/probe.h"
#include "probes/target.h"
#include "probes/write_attempt.h"

enum { KINDS = 3 };

/* count steps, which share size bytes; context becomes the look's own. */
static struct look plan(step_function *step, size_t count, size_t size, void *context)
{
    struct look look = {
        .shared = throwaway_share(size == 0 ? 1 : size),
        .size = size == 0 ? 1 : size,
        .context = context,
    };

    look.job = (struct throwaway_job){
        .count = look.shared == NULL ? 0 : count,
        .step = step,
        .shared = look.shared,
        .context = context,
        .results = mem_new(count, sizeof(struct step_result)),
    };
    return look;
}

static size_t kernel_path_count(void)
{
    size_t count = 0;

    while (kernel_path_at(count) != NULL)
        count++;
    return count;
}

void looks_take(const struct target *target, const struct observe_request *request,
                struct looks *out)
{
    bool has_root = target->root_fd >= 0;
    size_t kernel = has_root && target->is_self ? kernel_path_count() : 0;
    size_t writes = has_root ? request->write_paths.count : 0;

    out->kernel = plan(kernel_look_step, kernel, kernel * sizeof(struct kernel_look),
                       kernel_look_context(target));
    out->devices = plan(device_walk_step, has_root, sizeof(struct device_nodes),
                        device_walk_context(target->root_fd));
    out->writes = plan(write_attempt_step, writes, writes * sizeof(struct write_attempt),
                       write_attempt_context(target, &request->write_paths));
    /* The writes come last: the child takes the credentials of another process for them. */
    const struct throwaway_job jobs[KINDS] = {out->kernel.job, out->devices.job, out->writes.job};
    /* That makes the memory, which is this process's too, one that must not be dumped. */
    bool restores = !target->is_self && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    throwaway_run_light(jobs, KINDS);
    if (restores)
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

void looks_free(struct looks *looks)
{
    struct look *const all[KINDS] = {&looks->kernel, &looks->devices, &looks->writes};

    for (size_t i = 0; i < KINDS; i++) {
        throwaway_unshare(all[i]->shared, all[i]->size);
        free(all[i]->job.results);
        free(all[i]->context);
    }
}
