/*
 * The change of the configuration that answers findings: the fixes of all failing rules made one.
 * Pure: facts, policy and findings in, a change out.
 */
#ifndef WATERTIGHT_AGENT_CORE_FIX_H
#define WATERTIGHT_AGENT_CORE_FIX_H

#include "agent/core/fact.h"
#include "agent/core/finding.h"
#include "agent/core/policy.h"

/* A finding that this kind of configuration cannot mend. */
struct fix_rest {
    const struct finding *finding; /* lent */
    char *reason;                  /* owned */
};

/* For one kind of configuration. The sources of what is added and removed are rules' ids. */
struct fix_change {
    /*
     * docker: options and values, as in struct fix_side. compose and kubernetes: the fragment from
     * its root on, with a service or a container that is called "app". Empty: nothing to add.
     */
    struct tree add;
    struct tree remove; /* a list of texts */
    struct fix_rest *rest;
    size_t rest_count, rest_capacity;
};

struct fix {
    struct fix_change changes[FIX_TARGETS];
    size_t failed;  /* findings at or above the policy's fail_on */
    size_t unknown; /* findings */
};

/*
 * Makes the smallest change that answers every failure at or above the policy's fail_on, and what
 * the change itself would break. findings are those of facts under policy. Fills out, which lends
 * from findings; the caller frees it.
 */
void fix_plan(const struct facts *facts, const struct policy *policy,
              const struct findings *findings, struct fix *out);

void fix_free(struct fix *fix);

#endif
