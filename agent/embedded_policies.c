/*
 * The built-in policies, loosest first. Their text stands in embedded_policies.S.
 */
#include "agent/embedded_policies.h"

/* The first byte of each and the one behind its last. */
extern const char policy_baseline_text[], policy_baseline_end[], policy_baseline_prose[],
    policy_baseline_prose_end[];
extern const char policy_restricted_text[], policy_restricted_end[], policy_restricted_prose[],
    policy_restricted_prose_end[];
extern const char policy_hardened_text[], policy_hardened_end[], policy_hardened_prose[],
    policy_hardened_prose_end[];
extern const char policy_strict_text[], policy_strict_end[], policy_strict_prose[],
    policy_strict_prose_end[];

static const struct embedded_policy policies[] = {
    {"baseline", policy_baseline_text, policy_baseline_end, policy_baseline_prose,
     policy_baseline_prose_end},
    {"restricted", policy_restricted_text, policy_restricted_end, policy_restricted_prose,
     policy_restricted_prose_end},
    {"hardened", policy_hardened_text, policy_hardened_end, policy_hardened_prose,
     policy_hardened_prose_end},
    {"strict", policy_strict_text, policy_strict_end, policy_strict_prose, policy_strict_prose_end},
};

const struct embedded_policy *embedded_policy_at(size_t index)
{
    return index < sizeof policies / sizeof policies[0] ? &policies[index] : NULL;
}
