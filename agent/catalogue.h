/*
 * The built-in policies side by side: which is the first to ask for a rule.
 */
#ifndef WATERTIGHT_AGENT_CATALOGUE_H
#define WATERTIGHT_AGENT_CATALOGUE_H

#include "agent/core/error.h"
#include "agent/core/policy.h"

/* The built-in policy that has every rule. */
#define CATALOGUE_WHOLE "strict"

struct catalogue {
    struct policy *policies; /* owned; loosest first */
    size_t count, capacity;
};

/* Loads them. They lend from catalog. The caller frees out, also on failure. */
bool catalogue_load(const struct fact_catalog *catalog, struct catalogue *out,
                    struct error *err) MUST_USE;

/* The name of the first policy that checks the rule, lent, or NULL. */
const char *catalogue_first_with(const struct catalogue *catalogue, const char *rule);

void catalogue_free(struct catalogue *catalogue);

#endif
