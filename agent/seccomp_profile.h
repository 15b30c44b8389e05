/*
 * A seccomp profile as OCI runtimes, Docker and Podman take it, and what an engine makes of it for
 * one container. Reads no files: seccomp_profile_json.h does. Nothing here asks the kernel.
 *
 * Sources: the OCI runtime specification (config-linux.md, "Seccomp"); Docker's and
 * containers-common's setupSeccomp; runc's libcontainer/seccomp; seccomp_rule_add(3).
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_PROFILE_H
#define WATERTIGHT_AGENT_SECCOMP_PROFILE_H

#include <stdint.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

enum { SECCOMP_ARGUMENTS = 6 };

enum seccomp_operator {
    SECCOMP_NE,
    SECCOMP_LT,
    SECCOMP_LE,
    SECCOMP_EQ,
    SECCOMP_GE,
    SECCOMP_GT,
    SECCOMP_MASKED_EQ /* (argument & value) == value_two */
};

/* One condition on an argument; numbers are unsigned. */
struct seccomp_condition {
    unsigned index;
    enum seccomp_operator op;
    uint64_t value, value_two;
};

/* For which containers a rule is meant, or not meant. Empty: nothing is said. */
struct seccomp_scope {
    struct strset capabilities; /* of the container's bounding set */
    struct strset machines;     /* as Docker names them: "amd64", "arm64" */
    bool has_kernel;
    int kernel[2]; /* the lowest version, "5.4" */
};

struct seccomp_rule {
    struct strset names;
    char *action; /* owned; as the fact seccomp.syscalls names it: "allow", "errno(EPERM)" */
    struct seccomp_condition *conditions;
    size_t condition_count, condition_capacity;
    struct seccomp_scope includes, excludes;
};

/* Which other architectures a native one brings with it. */
struct seccomp_architecture {
    char *native; /* owned; "SCMP_ARCH_X86_64" */
    struct strset others;
};

struct seccomp_profile {
    char *default_action;        /* owned */
    struct strset architectures; /* "SCMP_ARCH_X86_64"; empty: the native one */
    struct seccomp_architecture *map;
    size_t map_count, map_capacity;
    struct seccomp_rule *rules;
    size_t rule_count, rule_capacity;
};

/* What an engine knows when it resolves a profile. Everything is lent. */
struct seccomp_host {
    const char *machine;           /* "x86_64", "aarch64" */
    const struct strset *bounding; /* "CAP_CHOWN"; NULL: not known */
    const char *kernel;            /* "5.10.0-30-amd64"; NULL: not known */
};

/* The rules that apply to one container. Lends from profile and host. */
struct seccomp_policy {
    const struct seccomp_profile *profile;
    const struct seccomp_rule **rules; /* owned array */
    size_t rule_count, rule_capacity;
    const char *machine;
    int newest; /* above this number runc answers ENOSYS; -1: it does not */
};

/*
 * Picks the rules for a container, as Docker and Podman do: by its bounding set, machine and
 * kernel. False when the profile asks for something that host does not know. The caller frees out,
 * also on failure.
 */
bool seccomp_profile_resolve(const struct seccomp_profile *profile, const struct seccomp_host *host,
                             struct seccomp_policy *out, struct error *err) MUST_USE;

/*
 * What the profile says of a call with these arguments: one action, lent. accepted (zeroed; the
 * caller frees it) gets every action that an engine may make of it:
 *
 * - a rule without conditions outranks those with, and the first of them counts;
 * - rules with the default action are dropped, as engines do: libseccomp takes none;
 * - where several conditions match, with different actions, it is libseccomp's affair which wins;
 * - two conditions on one argument are alternatives (runc, crun);
 * - to calls newer than all that the profile names, runc answers ENOSYS, and crun does not.
 */
const char *seccomp_policy_answer(const struct seccomp_policy *policy, const char *name,
                                  const long arguments[static SECCOMP_ARGUMENTS],
                                  struct strset *accepted);

/* The names in the profile that no Linux has; the caller frees the set. */
struct strset seccomp_profile_unknown(const struct seccomp_profile *profile);

void seccomp_policy_free(struct seccomp_policy *policy);
void seccomp_profile_free(struct seccomp_profile *profile);

#endif
