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

/* Those of file systems with files, that are seen and have neither option. The caller frees it. */
static const struct mount_entry **mounts_without(const struct mount_table *table,
                                                 const char *option, const char *other,
                                                 size_t *count)
{
    const struct mount_entry **mounts = mem_new(table->visible_count, sizeof *mounts);

    *count = 0;
    for (size_t i = 0; i < table->visible_count; i++) {
        const struct mount_entry *mount = table->visible[i];
        if (mount_kind(mount) != MOUNT_PSEUDO && !mount_has_option(mount, option) &&
            !mount_has_option(mount, other))
            mounts[(*count)++] = mount;
    }
    return mounts;
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
                                  .mounts = mounts_without(&target->mounts, option, other, &count),
                                  .calls = permission_calls_of(target),
                                  .deadline = walk_deadline()};
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
