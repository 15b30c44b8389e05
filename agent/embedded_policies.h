/*
 * The built-in policies, in agent/policies/, included at build time by embedded_policies.S. They
 * are read by the same loader as a user's file.
 */
#ifndef WATERTIGHT_AGENT_EMBEDDED_POLICIES_H
#define WATERTIGHT_AGENT_EMBEDDED_POLICIES_H

#include <stddef.h>

struct embedded_policy {
    const char *name;
    const char *text; /* without "explain" */
    const char *end;  /* the byte behind the last one of text */
    /* What its rules explain, as an object of texts by rule id: a third of all there is to read. */
    const char *prose;
    const char *prose_end;
};

/* Policy number index, loosest first; NULL past the end. */
const struct embedded_policy *embedded_policy_at(size_t index);

#endif
