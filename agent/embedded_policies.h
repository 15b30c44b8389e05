/*
 * The built-in policies, in agent/policies/, included at build time by embedded_policies.S. They
 * are read by the same loader as a user's file.
 */
#ifndef WATERTIGHT_AGENT_EMBEDDED_POLICIES_H
#define WATERTIGHT_AGENT_EMBEDDED_POLICIES_H

#include <stddef.h>

struct embedded_policy {
    const char *name;
    const char *text;
    const char *end; /* the byte behind the last one of text */
};

/* Policy number index, loosest first; NULL past the end. */
const struct embedded_policy *embedded_policy_at(size_t index);

#endif
