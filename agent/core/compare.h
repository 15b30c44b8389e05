/*
 * The operators of rules and conditions, over values.
 */
#ifndef WATERTIGHT_AGENT_CORE_COMPARE_H
#define WATERTIGHT_AGENT_CORE_COMPARE_H

#include "agent/core/policy.h"

/*
 * Whether `observed operator operand` holds. Values of types that do not fit the operator never
 * hold. When it does not hold and excess is not NULL, excess (zeroed; the caller frees it) gets the
 * elements that are to blame: those too many (subset_of, contains_none) or missing (contains_all).
 */
bool compare_holds(enum rule_op op, const struct value *observed, const struct value *operand,
                   struct strset *excess);

/*
 * Whether the operator can be asked of a fact of this type, and with an operand of which type
 * (VALUE_NONE: it takes none).
 */
bool compare_fits(enum rule_op op, enum value_type fact, enum value_type *operand);

/* What the operator asks for, in words: "at least 100", "no other than A, B". Caller frees. */
char *compare_words(enum rule_op op, const struct value *operand);

#endif
