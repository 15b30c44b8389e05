/*
 * The built-in policies. See catalogue.h.
 */
#include "agent/catalogue.h"

#include <stdlib.h>

#include "agent/core/mem.h"
#include "agent/policy_json.h"

bool catalogue_load(const struct fact_catalog *catalog, struct catalogue *out, struct error *err)
{
    const char *name = NULL;

    for (size_t i = 0; (name = policy_builtin_at(i)) != NULL; i++) {
        struct policy policy;
        if (!policy_load(name, catalog, &policy, err))
            return false;
        out->policies = mem_grow(out->policies, out->count, &out->capacity, sizeof *out->policies);
        out->policies[out->count++] = policy;
    }
    return true;
}

const char *catalogue_first_with(const struct catalogue *catalogue, const char *rule)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct rule *found = policy_rule(&catalogue->policies[i], rule);
        if (found != NULL && found->enabled)
            return catalogue->policies[i].name;
    }
    return NULL;
}

void catalogue_free(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++)
        policy_free(&catalogue->policies[i]);
    free(catalogue->policies);
    *catalogue = (struct catalogue){0};
}
