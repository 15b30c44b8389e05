/*
 * The system-call policy in force, from facts, in the forms that `watertight seccomp` prints. Each
 * needs the facts seccomp.syscalls and seccomp.calls to be known.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_PRINT_H
#define WATERTIGHT_AGENT_SECCOMP_PRINT_H

#include <stddef.h>
#include <stdio.h>

#include "agent/core/fact.h"

/* For a person: counts, the groups of seccomp_groups.h, and what arguments change. */
void seccomp_print_text(const struct facts *facts, size_t width, FILE *out);

/* The document of schema watertight.seccomp/1. */
void seccomp_print_json(const struct facts *facts, FILE *out);

/*
 * An OCI profile that gives the same answers: to every call that the facts name, and to those with
 * arguments as far as a profile can say it; the others stand in comments. Its default is the most
 * frequent refusal, so that calls which are not known yet are refused.
 */
void seccomp_print_profile(const struct facts *facts, FILE *out);

#endif
