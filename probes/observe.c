/*
 * Runs the probes. See observe.h.
 */
#include "probes/observe.h"

#include "agent/core/mem.h"
#include "probes/target.h"

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

void observe_self(const struct observe_request *request, struct facts *out)
{
    struct target target;

    target_open_self(&target);
    for (size_t i = 0; i < PROBE_COUNT; i++)
        probes[i]->observe(&target, request, out);
    target_close(&target);
}
