/*
 * Compares the system-call policy in force, as the facts have it, with a seccomp profile, and puts
 * what differs as facts of the key seccomp.profile. Pure: facts and a profile give facts.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_COMPARE_H
#define WATERTIGHT_AGENT_SECCOMP_COMPARE_H

#include "agent/core/fact.h"
#include "agent/seccomp_profile.h"

/*
 * Replaces the rows of seccomp.profile. Subjects: `looser` and `stricter` than the profile says,
 * `other` (refused too, with another errno), each a set of texts like "mount: allow, not
 * errno(EPERM)"; and `unknown`, the names in the profile that no Linux has. profile NULL: absent,
 * there is nothing to compare with. Unknown where the facts do not tell what is in force.
 */
void seccomp_compare(const struct seccomp_profile *profile, const struct fact_catalog *catalog,
                     struct facts *facts);

#endif
