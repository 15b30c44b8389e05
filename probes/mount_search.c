/*
 * Searching mounts. See mount_search.h.
 */
#include "probes/mount_search.h"

#include <stdlib.h>

#include "agent/core/mem.h"
#include "probes/mount_kind.h"
#include "probes/target.h"

static struct fact *put_found(const struct mount_finds *finds, const struct step_result *results,
                              size_t count, const struct fact_key *key, struct facts *out)
{
    struct strset found = {0};
    char words[96];

    shared_list_read(&finds->found, &found);
    /* What was found stands, whatever else could not be seen. */
    for (size_t i = 0; i < count && found.count == 0; i++) {
        if (results[i].end == STEP_DONE)
            continue;
        (void)facts_put_unknown(out, key, NULL, step_words(results[i], words));
        return NULL;
    }
    if (found.count == 0 && finds->problem.text[0] != '\0') {
        (void)facts_put_unknown(out, key, NULL, finds->problem.text);
        return NULL;
    }
    return facts_put_set(out, key, NULL, &found);
}

struct fact *mount_search(const struct target *target, const char *option, const char *other,
                          bool is_light, step_function *step, struct mount_finds *finds,
                          const struct fact_key *key, struct facts *out)
{
    size_t count = 0;

    if (finds == NULL) {
        (void)facts_put_unknown(out, key, NULL, "no memory can be shared");
        return NULL;
    }
    struct mount_search search = {.target = target,
                                  .mounts = mount_table_visible(&target->mounts, &count),
                                  .calls = permission_calls_of(target),
                                  .deadline = walk_deadline()};
    count = mounts_without(search.mounts, count, option, other);
    struct step_result *results = mem_new(count, sizeof *results);
    struct throwaway_job job = {
        .count = count, .step = step, .shared = finds, .context = &search, .results = results};
    if (is_light)
        throwaway_run_light(&job, 1);
    else
        throwaway_run(count, step, finds, &search, results);
    struct fact *fact = put_found(finds, results, count, key, out);
    free(results);
    free(search.mounts);
    return fact;
}

void mount_search_walk(const struct mount_search *search, size_t index, struct mount_finds *finds,
                       walk_visit *visit, void *context)
{
    const struct target *target = search->target;
    struct walk_place place = {.root_fd = target->root_fd,
                               .mount = search->mounts[index],
                               .mounts = &target->mounts,
                               .has_statx = target->witness.answered[WITNESS_STATX]};
    const char *words = walk_words(walk(&place, &search->deadline, visit, context));

    if (words != NULL)
        (void)error_set(&finds->problem, "%s: %s", place.mount->mount_point, words);
}
