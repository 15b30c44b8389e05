/*
 * The words of a finding. What a rule says in its own message comes first; the rest is general.
 */
#ifndef WATERTIGHT_AGENT_CORE_MESSAGE_H
#define WATERTIGHT_AGENT_CORE_MESSAGE_H

#include "agent/core/finding.h"

/*
 * A failure's sentence: the rule's message with {subject}, {observed}, {expected} and {excess}
 * filled in, or a general one, followed by the fact's evidence. The caller frees it.
 */
char *message_fail(const struct rule *rule, const struct fact *fact, const char *subject,
                   const struct value *operand, const struct strset *excess);

/* "user.uid.effective is 1000", with the fact's evidence. The caller frees it. */
char *message_observed(const struct fact *fact);

/*
 * Whether every {placeholder} of a rule's message is known; *unknown then lends the first that is
 * not, from its brace on.
 */
bool message_is_valid(const char *message, const char **unknown);

#endif
