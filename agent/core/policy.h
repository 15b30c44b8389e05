/*
 * A policy: rules (data, not code), the parameters they refer to, waivers, and the severity at
 * which a failure counts. Built by agent/policy_json.c from JSON; read by the judge.
 */
#ifndef WATERTIGHT_AGENT_CORE_POLICY_H
#define WATERTIGHT_AGENT_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/date.h"
#include "agent/core/error.h"
#include "agent/core/fact.h"
#include "agent/core/rule_fix.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

enum rule_op {
    OPERATOR_IS,            /* the same value */
    OPERATOR_IS_NOT,        /* another value */
    OPERATOR_AT_LEAST,      /* integer >= operand */
    OPERATOR_AT_MOST,       /* integer <= operand */
    OPERATOR_EMPTY,         /* a set without elements; no operand */
    OPERATOR_SUBSET_OF,     /* nothing outside the operand */
    OPERATOR_CONTAINS_ALL,  /* every element of the operand */
    OPERATOR_CONTAINS_NONE, /* no element of the operand; a scalar counts as one element */
    OPERATOR_ONE_OF         /* a scalar that is an element of the operand */
};

/* What a finding becomes when the fact is absent. */
enum absent_means { ABSENT_UNKNOWN, ABSENT_PASS, ABSENT_FAIL, ABSENT_SKIP };

/* A literal, or the name of a parameter, looked up in the policy when it is used. */
struct operand {
    char *param; /* owned, or NULL for the literal */
    struct value literal;
};

/* A rule applies only while all of its conditions hold; otherwise it is skipped. */
struct condition {
    const struct fact_key *fact; /* NULL: the parameter is asked instead */
    char *param;                 /* owned; a parameter of the words "accept" and "fail", or NULL */
    char *subject;               /* owned; NULL: the subject that the rule is looking at */
    enum rule_op op;
    struct operand operand;
    bool holds_if_absent;
    bool is_alternative; /* it is enough that it holds, or one of those before it that it joins */
    char *reason;        /* owned; why the rule means nothing otherwise, or NULL */
};

/* How to answer a rule, in words; what the policy does not say is made of the rule's fix. */
struct remedy {
    char *docker; /* owned, or NULL: nothing to set there */
    char *compose;
    char *kubernetes;
};

struct rule {
    char *id; /* "capabilities.effective" */
    char *title;
    enum severity severity;
    const struct fact_key **facts; /* owned array of constants; the worst of them decides */
    size_t fact_count;
    struct operand subjects; /* VALUE_NONE literal: every subject that the facts hold */
    enum rule_op op;
    struct operand operand;
    struct condition *when;
    size_t when_count;
    enum absent_means absent;
    char *message; /* what a failure says; {subject} {observed} {expected} {excess}; or NULL */
    struct remedy remedy;
    struct rule_fix fix;
    char **refs; /* owned strings */
    size_t ref_count;
    char *explain; /* prose: what it means, why it matters */
    bool enabled;
    char *skip_reason; /* owned; set by a selection ("skipped by --skip"), else NULL */
};

struct param {
    char *name;
    struct value value;
    bool has_use;                        /* some operand uses it */
    const struct vocabulary *vocabulary; /* what its words are, then; NULL: any text */
    bool is_spelt;                       /* the value's words are, as that has them */
};

struct waiver {
    char *rule;
    char *subject; /* owned; NULL: every subject */
    char *reason;
    bool has_until;
    struct date until; /* the last day on which it waives, UTC */
};

struct policy {
    char *name;
    char *summary; /* one line for `list policies`; may be "" */
    char *source;  /* "builtin" or the file's name */
    struct rule *rules;
    size_t rule_count, rule_capacity;
    struct param *params;
    size_t param_count, param_capacity;
    struct waiver *waivers;
    size_t waiver_count, waiver_capacity;
    enum severity fail_on;
};

/*
 * The parameter that names a file, a seccomp profile. Every policy may set it that has a rule over
 * the fact of POLICY_PROFILE_FACT; the built-in ones do not, and "" is the same.
 */
#define POLICY_PROFILE_PARAM "seccomp_profile"
#define POLICY_PROFILE_FACT "seccomp.profile"

/* The profile's file name, lent, or NULL: none. */
const char *policy_seccomp_profile(const struct policy *policy);

/* Sets a parameter, which is added when there is none of that name. Takes over value. */
void policy_set_param(struct policy *policy, const char *name, struct value value);

/* Lent, or NULL when there is none of that name. */
struct rule *policy_rule(const struct policy *policy, const char *id);
struct param *policy_param(const struct policy *policy, const char *name);

/* The value of an operand under this policy: its literal or the parameter's value. Never NULL. */
const struct value *policy_operand(const struct policy *policy, const struct operand *operand);

/*
 * Every subject that the enabled rules, or their conditions, name for the fact of that key: what
 * observing must ask for. The caller frees the set.
 */
struct strset policy_subjects(const struct policy *policy, const char *key);

/* The keys of the facts that the enabled rules, or their conditions, use. The caller frees it. */
struct strset policy_keys(const struct policy *policy);

/* id equals the selector, or the selector is a prefix that ends in '.' ("seccomp."). */
bool rule_matches(const char *id, const char *selector);

const char *severity_name(enum severity severity);
bool severity_parse(const char *name, enum severity *out) MUST_USE;
const char *operator_name(enum rule_op op);
bool operator_parse(const char *name, enum rule_op *out) MUST_USE;
const char *absent_name(enum absent_means absent);
bool absent_parse(const char *name, enum absent_means *out) MUST_USE;

/* Makes the remedies that no policy gave out of the rules' fixes. */
void policy_complete(struct policy *policy);

void rule_free(struct rule *rule);
void condition_free(struct condition *condition);
void operand_free(struct operand *operand);
void policy_free(struct policy *policy);

#endif
