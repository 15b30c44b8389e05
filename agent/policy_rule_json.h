/*
 * Reads one rule of a policy from JSON: a new one, or an override of an inherited one.
 */
#ifndef WATERTIGHT_AGENT_POLICY_RULE_JSON_H
#define WATERTIGHT_AGENT_POLICY_RULE_JSON_H

#include "agent/core/policy.h"
#include "agent/json_read.h"

/* What reading needs to know: where the text is, which facts there are, and the policy so far. */
struct policy_reading {
    const struct json_document *document;
    const struct fact_catalog *catalog;
    struct policy *policy;
};

/*
 * Reads a member of "rules": its key is the rule's id. A known id is overridden, field by field; a
 * new one is added to the policy.
 */
bool policy_rule_read(const struct policy_reading *reading, const cJSON *node,
                      struct error *err) MUST_USE;

#endif
