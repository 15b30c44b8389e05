/*
 * One rule of a policy, from JSON. See policy_rule_json.h.
 */
#include "agent/policy_rule_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "agent/core/message.h"
#include "agent/policy_fix_json.h"
#include "agent/policy_value_json.h"
#include "agent/policy_when_json.h"
#include "agent/suggest.h"

static bool read_enabled(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                         struct error *err)
{
    return json_bool(reading->document, node, "enabled", &rule->enabled, err);
}

static bool read_title(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                       struct error *err)
{
    return policy_text_read(reading, node, &rule->title, err);
}

static bool read_severity(const struct policy_reading *reading, const cJSON *node,
                          struct rule *rule, struct error *err)
{
    return policy_severity_read(reading, node, &rule->severity, err);
}

static bool read_fact(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                      struct error *err)
{
    bool is_list = cJSON_IsArray(node);
    const cJSON *element = is_list ? node->child : node;
    size_t count = is_list ? (size_t)cJSON_GetArraySize(node) : 1;

    if (count == 0)
        return json_error(reading->document, node, err, "fact names no fact");
    free(rule->facts);
    rule->fact_count = 0;
    rule->facts = mem_new(count, sizeof(struct fact_key *));
    for (size_t i = 0; i < count; i++, element = element->next) {
        if (!policy_fact_read(reading, element, &rule->facts[i], err))
            return false;
        rule->fact_count++;
    }
    return true;
}

static bool read_subjects(const struct policy_reading *reading, const cJSON *node,
                          struct rule *rule, struct error *err)
{
    operand_free(&rule->subjects);
    return policy_operand_read(reading, node, "subjects", &rule->subjects, err);
}

static bool read_operator(const struct policy_reading *reading, const cJSON *node,
                          struct rule *rule, struct error *err)
{
    enum value_type wanted = VALUE_NONE;

    if (!policy_operator_read(reading, node, &rule->op, err))
        return false;
    /* Another operator may take none: an inherited operand is then no part of the rule. */
    if (compare_fits(rule->op, rule->facts[0]->type, &wanted) && wanted == VALUE_NONE)
        operand_free(&rule->operand);
    return true;
}

static bool read_operand(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                         struct error *err)
{
    operand_free(&rule->operand);
    return policy_operand_read(reading, node, "operand", &rule->operand, err);
}

static bool read_absent(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                        struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "absent", &name, err))
        return false;
    return absent_parse(name, &rule->absent) ||
           json_error(reading->document, node, err,
                      "absent must be unknown, pass, fail or skip, not \"%s\"", name);
}

static bool read_message(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                         struct error *err)
{
    const char *unknown = NULL;

    if (!policy_text_read(reading, node, &rule->message, err))
        return false;
    return message_is_valid(rule->message, &unknown) ||
           json_error(reading->document, node, err,
                      "message may hold {subject}, {observed}, {expected} and {excess} only; "
                      "here stands \"%.20s\"",
                      unknown);
}

static bool read_remedy(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                        struct error *err)
{
    static const char *const names[] = {"docker", "compose", "kubernetes", NULL};
    char **const fields[] = {&rule->remedy.docker, &rule->remedy.compose, &rule->remedy.kubernetes};

    if (!json_object(reading->document, node, "remedy", err) ||
        !json_only_keys(reading->document, node, names, err))
        return false;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const cJSON *member = json_member(node, names[i]);
        if (member != NULL && !policy_text_read(reading, member, fields[i], err))
            return false;
    }
    return true;
}

static bool read_refs(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                      struct error *err)
{
    const cJSON *element = NULL;

    if (!json_array(reading->document, node, "refs", err))
        return false;
    for (size_t i = 0; i < rule->ref_count; i++)
        free(rule->refs[i]);
    free(rule->refs);
    rule->ref_count = 0;
    rule->refs = mem_new((size_t)cJSON_GetArraySize(node), sizeof(char *));
    cJSON_ArrayForEach(element, node)
    {
        const char *text = NULL;
        if (!json_text(reading->document, element, "a reference", &text, err))
            return false;
        rule->refs[rule->ref_count++] = mem_copy(text);
    }
    return true;
}

static bool read_explain(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                         struct error *err)
{
    const char *text = NULL;

    if (!json_prose(reading->document, node, "explain", &text, err))
        return false;
    free(rule->explain);
    rule->explain = mem_copy(text);
    return true;
}

enum { RULE_FIELDS = 14 };

/* The names are apart from the readers, so that they can be matched against. */
static const char *const field_names[RULE_FIELDS + 1] = {
    "enabled", "title",   "severity", "fact", "subjects", "operator", "operand", "when",
    "absent",  "message", "remedy",   "fix",  "refs",     "explain",  NULL,
};

static bool (*const field_readers[RULE_FIELDS])(const struct policy_reading *, const cJSON *,
                                                struct rule *, struct error *) = {
    read_enabled,  read_title,      read_severity,    read_fact,    read_subjects,
    read_operator, read_operand,    policy_when_read, read_absent,  read_message,
    read_remedy,   policy_fix_read, read_refs,        read_explain,
};

static const char *nth_rule(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->rule_count ? policy->rules[index].id : NULL;
}

/* A "." at the end would make it a selector of all rules with that prefix. */
static bool is_id(const char *id)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strspn(id, letters);

    while (length > 0 && id[length] != '\0') {
        id += length;
        length = *id == '.' || *id == '-' ? strspn(id + 1, letters) : 0;
        id++;
    }
    return length > 0;
}

/* An id that no rule has and that does not define one is most likely misspelt. */
static bool check_new(const struct policy_reading *reading, const cJSON *node, struct error *err)
{
    static const char *const needed[] = {"fact", "title", "severity", "operator"};

    if (json_member(node, "fact") == NULL)
        return policy_unknown(reading, node, true, "rule", node->string,
                              suggest_nearest(node->string, nth_rule, reading->policy), err);
    if (!is_id(node->string))
        return json_error_key(reading->document, node, err,
                              "a rule's id is words of a-z and 0-9, with \".\" or \"-\" between");
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (json_member(node, needed[i]) == NULL)
            return json_error(reading->document, node, err, "the new rule \"%s\" needs \"%s\"",
                              node->string, needed[i]);
    }
    return true;
}

/* What holds between the fields of a rule, whichever policy each came from. */
static bool check_whole(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                        struct error *err)
{
    const struct value *subjects = policy_operand(reading->policy, &rule->subjects);
    const cJSON *when = json_member(node, "when");

    for (size_t i = 0; i < rule->fact_count; i++) {
        if (rule->facts[i]->subjects != rule->facts[0]->subjects)
            return json_error(reading->document, node, err,
                              "%s and %s cannot stand in one rule: only one has subjects",
                              rule->facts[0]->name, rule->facts[i]->name);
        if (!policy_operand_check(reading, node, rule->facts[i], rule->op, &rule->operand, err))
            return false;
    }
    if (!policy_when_check(reading, when == NULL ? node : when, rule, err))
        return false;
    if (subjects->type == VALUE_NONE && rule->subjects.param == NULL)
        return true;
    const cJSON *own = json_member(node, "subjects");
    return policy_subjects_check(reading, own == NULL ? node : own, rule->facts[0], subjects, err);
}

bool policy_rule_read(const struct policy_reading *reading, const cJSON *node, struct error *err)
{
    struct policy *policy = reading->policy;
    struct rule *rule = policy_rule(policy, node->string);

    if (!json_object(reading->document, node, "a rule", err) ||
        !json_only_keys(reading->document, node, field_names, err))
        return false;
    if (rule == NULL) {
        if (!check_new(reading, node, err))
            return false;
        policy->rules = mem_grow(policy->rules, policy->rule_count, &policy->rule_capacity,
                                 sizeof *policy->rules);
        rule = &policy->rules[policy->rule_count++];
        *rule = (struct rule){.id = mem_copy(node->string), .enabled = true};
    }
    for (size_t i = 0; i < RULE_FIELDS; i++) {
        const cJSON *member = json_member(node, field_names[i]);
        if (member != NULL && !field_readers[i](reading, member, rule, err))
            return false;
    }
    return check_whole(reading, node, rule, err);
}
