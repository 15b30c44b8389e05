/*
 * Reads what rules and parameters are made of: severities, facts' names, operators, operands.
 */
#ifndef WATERTIGHT_AGENT_POLICY_VALUE_JSON_H
#define WATERTIGHT_AGENT_POLICY_VALUE_JSON_H

#include "agent/core/policy.h"
#include "agent/policy_rule_json.h"

bool policy_severity_read(const struct policy_reading *reading, const cJSON *node,
                          enum severity *out, struct error *err) MUST_USE;
bool policy_fact_read(const struct policy_reading *reading, const cJSON *node,
                      const struct fact_key **out, struct error *err) MUST_USE;
bool policy_operator_read(const struct policy_reading *reading, const cJSON *node,
                          enum rule_op *out, struct error *err) MUST_USE;

/* Reads a member that is a text of one line into *out, which owns what it holds. */
bool policy_text_read(const struct policy_reading *reading, const cJSON *node, char **out,
                      struct error *err) MUST_USE;

/*
 * Reads a literal or {"param": NAME} into out, which the caller zeroed and frees (also on
 * failure). The parameter must exist.
 */
bool policy_operand_read(const struct policy_reading *reading, const cJSON *node, const char *what,
                         struct operand *out, struct error *err) MUST_USE;

/*
 * Checks that operator and operand fit the fact, and spells the operand's words as the fact's
 * vocabulary does; those of a parameter only where the document does not set it itself. node is the
 * rule or condition that they stand in.
 */
bool policy_operand_check(const struct policy_reading *reading, const cJSON *node,
                          const struct fact_key *fact, enum rule_op op, struct operand *operand,
                          struct error *err) MUST_USE;

/* Reads a value of the type that the JSON has: bool, integer, text or set of texts. */
bool policy_value_read(const struct policy_reading *reading, const cJSON *node, const char *what,
                       struct value *out, struct error *err) MUST_USE;

/*
 * Spells the words of a text or set as the vocabulary (or NULL: nothing to do) does, "chown" as
 * "CAP_CHOWN". node is their place: the value, or something around it.
 */
bool policy_words_normalize(const struct policy_reading *reading, const cJSON *node,
                            const struct vocabulary *vocabulary, struct value *value,
                            struct error *err) MUST_USE;

/*
 * The same for a parameter that an operand on words of that vocabulary uses: all that use it must
 * agree about what its words are.
 */
bool policy_param_normalize(const struct policy_reading *reading, const cJSON *node,
                            const struct vocabulary *vocabulary, struct param *param,
                            struct error *err) MUST_USE;

/* What the words of an operand on this fact are: its values. NULL: any text. */
const struct vocabulary *policy_vocabulary(const struct fact_key *fact);

/*
 * Checks subjects, a set, against what the fact's subjects are: a path must be absolute, and in the
 * one spelling that facts have. node is their place: the set, or something around it.
 */
bool policy_subjects_check(const struct policy_reading *reading, const cJSON *node,
                           const struct fact_key *fact, const struct value *subjects,
                           struct error *err) MUST_USE;

/* The same for one subject. */
bool policy_subject_check(const struct policy_reading *reading, const cJSON *node,
                          const struct fact_key *fact, const char *subject,
                          struct error *err) MUST_USE;

/* What the fact's subjects are: "none", or their name; a mount point is a path, too. */
const char *policy_subject_kind(const struct fact_key *fact);

/* An error about a word that is not known, with a near match where there is one. Always false. */
bool policy_unknown(const struct policy_reading *reading, const cJSON *node, bool at_key,
                    const char *what, const char *word, const char *near, struct error *err);

#endif
