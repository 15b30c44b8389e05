/*
 * Reads policies from JSON: the built-in ones and a user's file, by the same code. Everything that
 * is not understood is an error that names FILE:LINE:COLUMN; nothing is ignored.
 */
#ifndef WATERTIGHT_AGENT_POLICY_JSON_H
#define WATERTIGHT_AGENT_POLICY_JSON_H

#include "agent/core/error.h"
#include "agent/core/fact.h"
#include "agent/core/policy.h"

/*
 * Loads a policy: the name of a built-in one, or else a file ("-": stdin). What it extends is
 * loaded first. Keys of facts are resolved in catalog, which must outlive the policy. On failure
 * err holds "FILE:LINE:COL: what is wrong" and out is empty.
 */
bool policy_load(const char *name_or_file, const struct fact_catalog *catalog, struct policy *out,
                 struct error *err) MUST_USE;

/* The same, but what built-in rules have to `explain` is NULL. */
bool policy_load_brief(const char *name_or_file, const struct fact_catalog *catalog,
                       struct policy *out, struct error *err) MUST_USE;

/* The same as policy_load from length bytes of text; source is what messages call it. */
bool policy_parse(const char *text, size_t length, const char *source,
                  const struct fact_catalog *catalog, struct policy *out,
                  struct error *err) MUST_USE;

/* The built-in policies' names in order, loosest first: index 0, 1, … and NULL past the end. */
const char *policy_builtin_at(size_t index);

#endif
