/*
 * Policies written in a test, over the catalogue of catalog.h.
 */
#ifndef WATERTIGHT_TESTS_UNIT_POLICY_TEXT_H
#define WATERTIGHT_TESTS_UNIT_POLICY_TEXT_H

#include "agent/core/policy.h"

/* A policy of these members, behind schema and name; a failed assertion when it is not valid. */
struct policy policy_of(const char *members);

/* The same with one rule "t.rule" of these members, behind title and severity. */
struct policy policy_of_rule(const char *members);

#endif
