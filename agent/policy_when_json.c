/*
 * Conditions from JSON. See policy_when_json.h.
 */
#include "agent/policy_when_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/suggest.h"

static const char *const switch_words[] = {"accept", "fail", NULL};

const struct vocabulary policy_switch = {.name = "choice", .words = switch_words};

static const char *nth_param(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->param_count ? policy->params[index].name : NULL;
}

static bool read_fact(const struct policy_reading *reading, const cJSON *fact, const cJSON *subject,
                      struct condition *out, struct error *err)
{
    if (!policy_fact_read(reading, fact, &out->fact, err))
        return false;
    if (subject != NULL && out->fact->subjects == SUBJECTS_NONE)
        return json_error(reading->document, subject, err, "%s has no subjects", out->fact->name);
    if (subject == NULL)
        return true;
    return policy_text_read(reading, subject, &out->subject, err) &&
           policy_subject_check(reading, subject, out->fact, out->subject, err);
}

/* A parameter that is asked instead of a fact. */
static bool read_param(const struct policy_reading *reading, const cJSON *node,
                       struct condition *out, struct error *err)
{
    if (!policy_text_read(reading, node, &out->param, err))
        return false;
    const struct param *param = policy_param(reading->policy, out->param);
    if (param == NULL)
        return policy_unknown(reading, node, false, "parameter", out->param,
                              suggest_nearest(out->param, nth_param, reading->policy), err);
    return param->value.type == VALUE_TEXT ||
           json_error(reading->document, node, err,
                      "a condition can ask for a parameter that is \"accept\" or \"fail\" only");
}

/* Operator and operand must fit what the condition asks for. */
static bool check_operand(const struct policy_reading *reading, const cJSON *node,
                          struct condition *condition, struct error *err)
{
    const struct fact_key stand_in = {
        .name = condition->param, .type = VALUE_TEXT, .vocabulary = &policy_switch};
    const struct fact_key *key = condition->fact == NULL ? &stand_in : condition->fact;

    return policy_operand_check(reading, node, key, condition->op, &condition->operand, err);
}

static bool read_condition(const struct policy_reading *reading, const cJSON *node,
                           struct condition *out, struct error *err)
{
    static const char *const names[] = {"fact",    "param",  "subject", "operator",
                                        "operand", "absent", "reason",  NULL};
    const struct json_document *document = reading->document;
    const cJSON *fact = json_member(node, "fact");
    const cJSON *param = json_member(node, "param");
    const cJSON *op = json_member(node, "operator");
    const cJSON *operand = json_member(node, "operand");
    const cJSON *absent = json_member(node, "absent");
    const cJSON *reason = json_member(node, "reason");

    if (!json_object(document, node, "a condition", err) ||
        !json_only_keys(document, node, names, err))
        return false;
    if ((fact == NULL) == (param == NULL) || op == NULL)
        return json_error(document, node, err,
                          "a condition needs \"fact\" or \"param\", and \"operator\"");
    bool ok = param != NULL ? read_param(reading, param, out, err)
                            : read_fact(reading, fact, json_member(node, "subject"), out, err);
    if (!ok || !policy_operator_read(reading, op, &out->op, err))
        return false;
    if (operand != NULL && !policy_operand_read(reading, operand, "operand", &out->operand, err))
        return false;
    if (absent != NULL && !json_bool(document, absent, "absent", &out->holds_if_absent, err))
        return false;
    if (reason != NULL && !policy_text_read(reading, reason, &out->reason, err))
        return false;
    return check_operand(reading, node, out, err);
}

/* An element of "when": a condition, or an array of alternatives. */
static bool read_element(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                         struct error *err)
{
    bool is_list = cJSON_IsArray(node);
    const cJSON *first = is_list ? node->child : node;

    if (first == NULL)
        return json_error(reading->document, node, err, "an array of alternatives holds none");
    for (const cJSON *one = first; one != NULL; one = is_list ? one->next : NULL) {
        struct condition *condition = &rule->when[rule->when_count++];
        condition->is_alternative = one != first;
        if (!read_condition(reading, one, condition, err))
            return false;
    }
    return true;
}

static size_t count_conditions(const cJSON *when)
{
    const cJSON *element = NULL;
    size_t count = 0;

    cJSON_ArrayForEach(element, when)
    {
        count += cJSON_IsArray(element) ? (size_t)cJSON_GetArraySize(element) : 1;
    }
    return count;
}

bool policy_when_check(const struct policy_reading *reading, const cJSON *node,
                       const struct rule *rule, struct error *err)
{
    const char *own = policy_subject_kind(rule->facts[0]);

    for (size_t i = 0; i < rule->when_count; i++) {
        const struct condition *condition = &rule->when[i];
        if (condition->fact == NULL || condition->fact->subjects == SUBJECTS_NONE ||
            condition->subject != NULL)
            continue;
        if (strcmp(policy_subject_kind(condition->fact), own) != 0)
            return json_error(reading->document, node, err,
                              "the condition on %s needs a \"subject\" (%s): this rule's is %s",
                              condition->fact->name, condition->fact->subject_name, own);
    }
    return true;
}

bool policy_when_read(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                      struct error *err)
{
    const cJSON *element = NULL;

    if (!json_array(reading->document, node, "when", err))
        return false;
    for (size_t i = 0; i < rule->when_count; i++)
        condition_free(&rule->when[i]);
    free(rule->when);
    rule->when_count = 0;
    rule->when = mem_new(count_conditions(node), sizeof(struct condition));
    cJSON_ArrayForEach(element, node)
    {
        if (!read_element(reading, element, rule, err))
            return false;
    }
    return true;
}
