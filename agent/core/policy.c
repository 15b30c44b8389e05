/*
 * Policies: look-ups, the names of enumerations, and freeing. See policy.h.
 */
#include "agent/core/policy.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

static const char *const severity_names[] = {
    [SEVERITY_LOW] = "low",
    [SEVERITY_MEDIUM] = "medium",
    [SEVERITY_HIGH] = "high",
    [SEVERITY_CRITICAL] = "critical",
};

static const char *const operator_names[] = {
    [OPERATOR_IS] = "is",
    [OPERATOR_IS_NOT] = "is_not",
    [OPERATOR_AT_LEAST] = "at_least",
    [OPERATOR_AT_MOST] = "at_most",
    [OPERATOR_EMPTY] = "empty",
    [OPERATOR_SUBSET_OF] = "subset_of",
    [OPERATOR_CONTAINS_ALL] = "contains_all",
    [OPERATOR_CONTAINS_NONE] = "contains_none",
    [OPERATOR_ONE_OF] = "one_of",
};

static const char *const absent_names[] = {
    [ABSENT_UNKNOWN] = "unknown",
    [ABSENT_PASS] = "pass",
    [ABSENT_FAIL] = "fail",
    [ABSENT_SKIP] = "skip",
};

/* The index of name among names, or count. */
static size_t name_index(const char *name, const char *const *names, size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *severity_name(enum severity severity)
{
    return severity_names[severity];
}

bool severity_parse(const char *name, enum severity *out)
{
    *out = (enum severity)name_index(name, severity_names, COUNT(severity_names));
    return (size_t)*out < COUNT(severity_names);
}

const char *operator_name(enum rule_op op)
{
    return operator_names[op];
}

bool operator_parse(const char *name, enum rule_op *out)
{
    *out = (enum rule_op)name_index(name, operator_names, COUNT(operator_names));
    return (size_t)*out < COUNT(operator_names);
}

const char *absent_name(enum absent_means absent)
{
    return absent_names[absent];
}

bool absent_parse(const char *name, enum absent_means *out)
{
    *out = (enum absent_means)name_index(name, absent_names, COUNT(absent_names));
    return (size_t)*out < COUNT(absent_names);
}

struct rule *policy_rule(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (strcmp(policy->rules[i].id, id) == 0)
            return &policy->rules[i];
    }
    return NULL;
}

struct param *policy_param(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->param_count; i++) {
        if (strcmp(policy->params[i].name, name) == 0)
            return &policy->params[i];
    }
    return NULL;
}

void policy_set_param(struct policy *policy, const char *name, struct value value)
{
    struct param *param = policy_param(policy, name);

    if (param == NULL) {
        policy->params = mem_grow(policy->params, policy->param_count, &policy->param_capacity,
                                  sizeof *policy->params);
        param = &policy->params[policy->param_count++];
        *param = (struct param){.name = mem_copy(name)};
    }
    value_free(&param->value);
    param->value = value;
    param->is_spelt = false;
}

const char *policy_seccomp_profile(const struct policy *policy)
{
    const struct param *param = policy_param(policy, POLICY_PROFILE_PARAM);
    bool is_named = param != NULL && param->value.type == VALUE_TEXT;

    return is_named && param->value.text[0] != '\0' ? param->value.text : NULL;
}

const struct value *policy_operand(const struct policy *policy, const struct operand *operand)
{
    if (operand->param == NULL)
        return &operand->literal;
    const struct param *param = policy_param(policy, operand->param);
    /* The loader refuses an operand that names no parameter; its literal is then "nothing". */
    return param != NULL ? &param->value : &operand->literal;
}

static void add_rule_subjects(const struct policy *policy, const struct rule *rule, const char *key,
                              struct strset *subjects)
{
    const struct value *named = policy_operand(policy, &rule->subjects);
    bool is_asked = false;

    for (size_t i = 0; i < rule->fact_count; i++)
        is_asked |= strcmp(rule->facts[i]->name, key) == 0;
    for (size_t i = 0; i < rule->when_count; i++) {
        const struct condition *condition = &rule->when[i];
        if (condition->fact == NULL || strcmp(condition->fact->name, key) != 0)
            continue;
        if (condition->subject != NULL)
            strset_add(subjects, condition->subject);
        else
            is_asked = true;
    }
    if (is_asked && named->type == VALUE_SET)
        strset_add_all(subjects, &named->set);
}

struct strset policy_subjects(const struct policy *policy, const char *key)
{
    struct strset subjects = {0};

    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].enabled)
            add_rule_subjects(policy, &policy->rules[i], key, &subjects);
    }
    return subjects;
}

static void add_rule_keys(const struct rule *rule, struct strset *keys)
{
    for (size_t i = 0; i < rule->fact_count; i++)
        strset_add(keys, rule->facts[i]->name);
    for (size_t i = 0; i < rule->when_count; i++) {
        if (rule->when[i].fact != NULL) /* else it is about a parameter */
            strset_add(keys, rule->when[i].fact->name);
    }
}

struct strset policy_keys(const struct policy *policy)
{
    struct strset keys = {0};

    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].enabled && policy->rules[i].skip_reason == NULL)
            add_rule_keys(&policy->rules[i], &keys);
    }
    return keys;
}

bool rule_matches(const char *id, const char *selector)
{
    size_t length = strlen(selector);

    if (strcmp(id, selector) == 0)
        return true;
    return length > 0 && selector[length - 1] == '.' && strncmp(id, selector, length) == 0;
}

void policy_complete(struct policy *policy)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        struct rule *rule = &policy->rules[i];
        char **const remedies[FIX_TARGETS] = {
            [FIX_DOCKER] = &rule->remedy.docker,
            [FIX_COMPOSE] = &rule->remedy.compose,
            [FIX_KUBERNETES] = &rule->remedy.kubernetes,
        };
        for (size_t k = 0; k < FIX_TARGETS; k++) {
            if (*remedies[k] == NULL)
                *remedies[k] =
                    rule_fix_words(&rule->fix, (enum fix_target)k, rule->facts[0]->subject_name);
        }
    }
}

void operand_free(struct operand *operand)
{
    free(operand->param);
    value_free(&operand->literal);
    *operand = (struct operand){0};
}

void condition_free(struct condition *condition)
{
    free(condition->param);
    free(condition->subject);
    free(condition->reason);
    operand_free(&condition->operand);
    *condition = (struct condition){0};
}

void rule_free(struct rule *rule)
{
    free(rule->id);
    free(rule->title);
    free(rule->facts);
    operand_free(&rule->subjects);
    operand_free(&rule->operand);
    for (size_t i = 0; i < rule->when_count; i++)
        condition_free(&rule->when[i]);
    free(rule->when);
    free(rule->message);
    free(rule->remedy.docker);
    free(rule->remedy.compose);
    free(rule->remedy.kubernetes);
    rule_fix_free(&rule->fix);
    for (size_t i = 0; i < rule->ref_count; i++)
        free(rule->refs[i]);
    free(rule->refs);
    free(rule->explain);
    free(rule->skip_reason);
    *rule = (struct rule){0};
}

void policy_free(struct policy *policy)
{
    for (size_t i = 0; i < policy->rule_count; i++)
        rule_free(&policy->rules[i]);
    for (size_t i = 0; i < policy->param_count; i++) {
        free(policy->params[i].name);
        value_free(&policy->params[i].value);
    }
    for (size_t i = 0; i < policy->waiver_count; i++) {
        free(policy->waivers[i].rule);
        free(policy->waivers[i].subject);
        free(policy->waivers[i].reason);
    }
    free(policy->rules);
    free(policy->params);
    free(policy->waivers);
    free(policy->name);
    free(policy->summary);
    free(policy->source);
    *policy = (struct policy){0};
}
