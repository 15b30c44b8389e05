/*
 * The conditions of a rule, from JSON.
 */
#ifndef WATERTIGHT_AGENT_POLICY_WHEN_JSON_H
#define WATERTIGHT_AGENT_POLICY_WHEN_JSON_H

#include "agent/core/vocabulary.h"
#include "agent/policy_value_json.h"

/* What a parameter that a condition asks for may be: "accept" or "fail". */
extern const struct vocabulary policy_switch;

/*
 * Reads "when" into the rule, in place of the conditions that it has: an array of conditions, all
 * of which must hold; an array in it holds alternatives, of which one is enough.
 */
bool policy_when_read(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                      struct error *err) MUST_USE;

/*
 * Whether each condition says of which subject its fact is meant, or the rule's own can be that.
 * node is what the error is about: the rule's "when", or the rule.
 */
bool policy_when_check(const struct policy_reading *reading, const cJSON *node,
                       const struct rule *rule, struct error *err) MUST_USE;

#endif
