/*
 * Whether the /proc that other facts come from is the kernel's own. target.c finds it out; this
 * probe only puts the fact.
 */
#include "agent/core/vocabulary.h"
#include "probes/probe.h"
#include "probes/target.h"

static const char *const state_names[] = {
    [PROCFS_GENUINE] = "genuine", [PROCFS_OVERMOUNTED] = "overmounted",
    [PROCFS_FAKE] = "fake",       [PROCFS_MISSING] = "missing",
    [PROCFS_UNSETTLED] = NULL,
};

static const struct vocabulary states = {.name = "state of procfs", .words = state_names};

static const struct fact_key keys[] = {{
    .name = "integrity.procfs",
    .type = VALUE_TEXT,
    .vocabulary = &states,
    .summary = "genuine, overmounted, fake or missing",
}};

static void integrity_observe(const struct target *target, const struct observe_request *request,
                              struct facts *out)
{
    const char *detail = target->procfs_detail.text;

    (void)request;
    if (target->procfs == PROCFS_UNSETTLED) {
        (void)facts_put_unknown(out, &keys[0], NULL, detail);
        return;
    }
    struct fact *fact = facts_put_text(out, &keys[0], NULL, state_names[target->procfs]);
    if (detail[0] != '\0')
        fact_set_detail(fact, detail);
}

const struct probe probe_integrity = {
    .name = "integrity",
    .summary = "whether the procfs is the kernel's own",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .observe = integrity_observe,
};
