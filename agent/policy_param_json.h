/*
 * Reads the parameters of a policy from JSON.
 */
#ifndef WATERTIGHT_AGENT_POLICY_PARAM_JSON_H
#define WATERTIGHT_AGENT_POLICY_PARAM_JSON_H

#include "agent/policy_rule_json.h"

/*
 * Reads the member "params" (NULL: there is none) into the policy. An inherited parameter keeps
 * its type. Comes before the rules, which refer to parameters.
 */
bool policy_params_read(const struct policy_reading *reading, const cJSON *params,
                        struct error *err) MUST_USE;

/*
 * Checks the same member when the rules are there: each parameter must be used by one, and its
 * words are spelt as that rule's fact spells them. inherited is how many parameters the policy had
 * before this document.
 */
bool policy_params_check(const struct policy_reading *reading, const cJSON *params,
                         size_t inherited, struct error *err) MUST_USE;

#endif
