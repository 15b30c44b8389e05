/*
 * Reads seccomp profiles from JSON: what the OCI runtime specification defines, and what Docker's
 * and Podman's own files have beyond it. What engines would refuse or silently ignore is an error.
 */
#ifndef WATERTIGHT_AGENT_SECCOMP_PROFILE_JSON_H
#define WATERTIGHT_AGENT_SECCOMP_PROFILE_JSON_H

#include <stddef.h>

#include "agent/seccomp_profile.h"

/*
 * Reads length bytes of text; source is what messages call it. On failure err holds
 * "FILE:LINE:COL: what is wrong" and out is empty. The caller frees out.
 */
bool seccomp_profile_parse(const char *text, size_t length, const char *source,
                           struct seccomp_profile *out, struct error *err) MUST_USE;

/* The same from a file ("-": stdin). */
bool seccomp_profile_load(const char *file, struct seccomp_profile *out,
                          struct error *err) MUST_USE;

#endif
