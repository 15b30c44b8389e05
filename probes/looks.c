/*
 * The one throw-away child of several probes. See looks.h.
 */
#include "probes/looks.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "agent/core/mem.h"
#include "probes/device_walk.h"
#include "probes/kernel_look.h"
#include "probes/kernel_paths.h"
#include "probes/probe.h"
#include "probes/secret_search.h"
#include "probes/target.h"
#include "probes/write_attempt.h"

enum { KINDS = 4 };

extern const struct probe probe_secret_files;

/* Where what follows size bytes may begin. */
static size_t aligned(size_t size)
{
    return (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

/* count steps, which write from seen on (NULL: no memory); context becomes the look's own. */
static struct look plan(step_function *step, size_t count, char *seen, void *context)
{
    return (struct look){
        .job = {.count = seen == NULL ? 0 : count,
                .step = step,
                .shared = seen,
                .context = context,
                .results = mem_new(count, sizeof(struct step_result))},
        .seen = seen,
        .context = context,
    };
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

    bool wants_secrets =
        has_root && target->is_self && observe_request_wants(request, &probe_secret_files.keys[0]);

    size_t nodes_at = aligned(kernel * sizeof(struct kernel_look));
    size_t secrets_at = nodes_at + aligned(sizeof(struct device_nodes));
    size_t writes_at = secrets_at + aligned(sizeof(struct secret_finds));

    out->size = writes_at + writes * sizeof(struct write_attempt);
    out->shared = throwaway_share_light(out->size);
    char *memory = out->shared;
    out->kernel = plan(kernel_look_step, kernel, memory, kernel_look_context(target));
    out->devices = plan(device_walk_step, has_root, memory == NULL ? NULL : memory + nodes_at,
                        device_walk_context(target));
    out->secrets = plan(secret_search_step, wants_secrets,
                        memory == NULL ? NULL : memory + secrets_at, secret_search_context(target));
    out->writes = plan(write_attempt_step, writes, memory == NULL ? NULL : memory + writes_at,
                       write_attempt_context(target, &request->write_paths));
    /* The writes come last: the child takes the credentials of another process for them. */
    const struct throwaway_job jobs[KINDS] = {out->kernel.job, out->devices.job, out->secrets.job,
                                              out->writes.job};
    /* That makes the memory, which is this process's too, one that must not be dumped. */
    bool restores = !target->is_self && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    throwaway_run_light(jobs, KINDS);
    if (restores)
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

void looks_free(struct looks *looks)
{
    struct look *const all[KINDS] = {&looks->kernel, &looks->devices, &looks->secrets,
                                     &looks->writes};

    for (size_t i = 0; i < KINDS; i++) {
        free(all[i]->job.results);
        free(all[i]->context);
    }
    throwaway_unshare(looks->shared, looks->size);
}
