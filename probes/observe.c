/*
 * Runs the probes. See observe.h.
 */
#include "probes/observe.h"

#include <string.h>

#include "agent/core/mem.h"
#include "probes/looks.h"
#include "probes/target.h"
#include "probes/target_find.h"

#define PROBE(name) extern const struct probe probe_##name;
#include "probes/probes.def"
#undef PROBE

static const struct probe *const probes[] = {
#define PROBE(name) &probe_##name,
#include "probes/probes.def"
#undef PROBE
};

enum { PROBE_COUNT = sizeof probes / sizeof probes[0] };

const struct probe *observe_probe_at(size_t index)
{
    return index < PROBE_COUNT ? probes[index] : NULL;
}

struct fact_catalog observe_catalog(void)
{
    struct fact_catalog catalog = {0};
    size_t count = 0;

    for (size_t i = 0; i < PROBE_COUNT; i++)
        count += probes[i]->key_count;
    catalog.keys = mem_new(count, sizeof *catalog.keys);
    for (size_t i = 0; i < PROBE_COUNT; i++) {
        for (size_t k = 0; k < probes[i]->key_count; k++)
            catalog.keys[catalog.count++] = &probes[i]->keys[k];
    }
    return catalog;
}

bool observe_request_wants(const struct observe_request *request, const struct fact_key *key)
{
    return request->wants_all || strset_has(&request->keys, key->name);
}

static bool is_wanted(const struct probe *probe, const struct observe_request *request)
{
    bool is_asked = !probe->is_for_rules;

    for (size_t i = 0; i < probe->key_count && !is_asked; i++)
        is_asked = observe_request_wants(request, &probe->keys[i]);
    return is_asked;
}

static void run_probes(const struct target *target, const struct observe_request *request,
                       struct facts *out)
{
    CLEANUP(looks_free) struct looks looks;
    struct target looked_at = *target;

    looks_take(target, request, &looks);
    looked_at.looks = &looks;
    for (size_t i = 0; i < PROBE_COUNT; i++) {
        if (is_wanted(probes[i], request))
            probes[i]->observe(&looked_at, request, out);
    }
}

void observe_self(const struct observe_request *request, struct facts *out)
{
    CLEANUP(target_close) struct target self;

    target_open_self(&self);
    run_probes(&self, request, out);
}

bool observe_opened(const struct target *self, pid_t pid, const struct observe_request *request,
                    struct facts *out, struct observed *who, void *context, struct error *err)
{
    CLEANUP(target_close) struct target target;

    (void)context;
    if (!target_open_pid(self, pid, &target, err))
        return false;
    *who = (struct observed){.pid = pid};
    memcpy(who->name, target.name, sizeof who->name);
    run_probes(&target, request, out);
    return true;
}

bool observe_process(const char *word, const struct observe_request *request, observe_one *one,
                     void *context, struct facts *out, struct observed *who, struct error *err)
{
    CLEANUP(target_close) struct target self;
    pid_t pid = 0;

    target_open_self(&self);
    if (!target_find(&self, word, &pid, err))
        return false;
    if (pid != target_own_number(&self))
        return one(&self, pid, request, out, who, context, err);
    *who = (struct observed){.pid = pid, .is_self = true};
    run_probes(&self, request, out);
    return true;
}

/* What the engine calls it shows in the path of its control group, which is hidden inside. */
static void observe_identity(const struct target *target, const struct observe_request *request,
                             struct facts *out)
{
    static const char *const names[] = {"runtime.name", "runtime.container_id"};
    CLEANUP(facts_free) struct facts seen = {0};

    probe_runtime.observe(target, request, &seen);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct fact *fact = facts_find(&seen, names[i], NULL);
        if (fact == NULL || fact->state != FACT_KNOWN)
            continue;
        struct fact *row = facts_put_text(out, fact->key, NULL, fact->value.text);
        if (fact->detail != NULL)
            fact_set_detail(row, fact->detail);
    }
}

void observe_own(const struct target *target, const struct observe_request *request,
                 struct facts *out)
{
    observe_identity(target, request, out);
    if (target->filters != NULL)
        probe_seccomp.observe(target, request, out);
    probe_lsm.observe(target, request, out);
    probe_rlimits.observe(target, request, out);
    probe_process.observe(target, request, out);
    probe_descriptors.observe(target, request, out);
}

void observe_sum_up(struct facts *facts)
{
    facts_remove(facts, &probe_privileged.keys[0]);
    probe_privileged.observe(NULL, NULL, facts);
}

void observe_request_free(struct observe_request *request)
{
    strset_free(&request->keys);
    strset_free(&request->write_paths);
}
