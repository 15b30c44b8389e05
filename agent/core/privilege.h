/*
 * Whether facts, taken together, are those of a privileged container. Pure.
 */
#ifndef WATERTIGHT_AGENT_CORE_PRIVILEGE_H
#define WATERTIGHT_AGENT_CORE_PRIVILEGE_H

#include "agent/core/fact.h"

enum privilege {
    PRIVILEGE_UNKNOWN,  /* the capabilities or the seccomp mode are unknown */
    PRIVILEGE_ORDINARY, /* neither of the others, or root in it is another user outside */
    /*
     * Every capability, or CAP_SYS_ADMIN and no seccomp filter; but something of what engines take
     * from a container is still taken.
     */
    PRIVILEGE_NEARLY,
    /* Every capability, no seccomp filter, and the kernel's files are open to it. */
    PRIVILEGE_FULL
};

/*
 * Sums up the facts. *evidence, which the caller frees, gets in words what speaks for it; for
 * PRIVILEGE_UNKNOWN, what is unknown.
 */
enum privilege privilege_of(const struct facts *facts, char **evidence);

#endif
