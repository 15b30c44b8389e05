/*
 * The facts of the system-call policy, as the comparison and the prints of it need them.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_FACTS_H
#define WATERTIGHT_AGENT_SECCOMP_FACTS_H

#include "agent/core/fact.h"
#include "probes/syscall_calls.h"

/* Whether row is a known one of the key, with a subject. */
bool seccomp_facts_is(const struct fact *row, const char *key);

/* The answer to a call without arguments, lent; "" when the facts do not name the call. */
const char *seccomp_facts_answer(const struct facts *facts, const char *name);

/* The call with arguments of that name, a constant, or NULL. */
const struct syscall_call *seccomp_facts_call(const char *name);

/* The name of the call in "clone(CLONE_NEWUSER)"; the caller frees it. */
char *seccomp_facts_bare(const char *call);

#endif
