/*
 * The parameters of a policy, from JSON. See policy_param_json.h.
 */
#include "agent/policy_param_json.h"

#include <string.h>

#include "agent/core/mem.h"
#include "agent/file_read.h"
#include "agent/policy_value_json.h"
#include "agent/policy_when_json.h"
#include "agent/suggest.h"

/* The file lies beside the policy's. Its name may be empty: a policy may take back what it extends.
 */
static bool read_profile_param(const struct policy_reading *reading, const cJSON *node,
                               struct error *err)
{
    const char *name = cJSON_IsString(node) ? node->valuestring : NULL;
    bool is_empty = name != NULL && name[0] == '\0';

    if (!is_empty && !json_text(reading->document, node, node->string, &name, err))
        return false;
    CLEANUP(mem_free_text)
    char *path = is_empty ? mem_copy("") : file_beside(reading->document->source, name);
    policy_set_param(reading->policy, node->string, value_text(path));
    return true;
}

static bool read_param(const struct policy_reading *reading, const cJSON *node, struct error *err)
{
    const struct param *param = policy_param(reading->policy, node->string);
    enum value_type wanted = param == NULL ? VALUE_NONE : param->value.type;
    struct value value = {0};

    if (strcmp(node->string, POLICY_PROFILE_PARAM) == 0)
        return read_profile_param(reading, node, err);
    bool is_read = policy_value_read(reading, node, node->string, &value, err);
    if (is_read && (param == NULL || wanted == value.type)) {
        policy_set_param(reading->policy, node->string, value);
        return true;
    }
    value_free(&value);
    return is_read && json_error(reading->document, node, err, "%s must be of type %s",
                                 node->string, value_type_name(wanted));
}

/* Checks a parameter, which this document sets, against one operand that uses it. */
static bool check_param_use(const struct policy_reading *reading, const cJSON *node,
                            const struct operand *operand, const struct vocabulary *vocabulary,
                            bool *is_used, struct error *err)
{
    if (operand->param == NULL || strcmp(operand->param, node->string) != 0)
        return true;
    *is_used = true;
    return policy_param_normalize(reading, node, vocabulary,
                                  policy_param(reading->policy, node->string), err);
}

static bool check_param_in_rule(const struct policy_reading *reading, const cJSON *node,
                                const struct rule *rule, bool *is_used, struct error *err)
{
    if (!check_param_use(reading, node, &rule->operand, policy_vocabulary(rule->facts[0]), is_used,
                         err))
        return false;
    for (size_t i = 0; i < rule->when_count; i++) {
        const struct condition *condition = &rule->when[i];
        const struct operand asked = {.param = condition->param};
        if (condition->fact == NULL) {
            if (!check_param_use(reading, node, &asked, &policy_switch, is_used, err))
                return false;
            continue;
        }
        if (!check_param_use(reading, node, &condition->operand, policy_vocabulary(condition->fact),
                             is_used, err))
            return false;
    }
    if (rule->subjects.param == NULL || strcmp(rule->subjects.param, node->string) != 0)
        return true;
    *is_used = true;
    return policy_subjects_check(reading, node, rule->facts[0],
                                 policy_operand(reading->policy, &rule->subjects), err);
}

/* The one parameter that no operand names: a fact is made with it. */
static bool is_profile_used(const struct policy *policy, const char *name)
{
    bool is_used = false;

    for (size_t i = 0; i < policy->rule_count; i++) {
        for (size_t k = 0; k < policy->rules[i].fact_count; k++)
            is_used |= strcmp(policy->rules[i].facts[k]->name, POLICY_PROFILE_FACT) == 0;
    }
    return is_used && strcmp(name, POLICY_PROFILE_PARAM) == 0;
}

static const char *nth_param(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->param_count ? policy->params[index].name : NULL;
}

/*
 * A parameter that no rule uses is most likely misspelt. The last parameter is the newest: a near
 * match among the others is offered.
 */
bool policy_params_check(const struct policy_reading *reading, const cJSON *params,
                         size_t inherited, struct error *err)
{
    const struct policy *policy = reading->policy;
    const cJSON *node = NULL;

    cJSON_ArrayForEach(node, params)
    {
        bool is_used = is_profile_used(reading->policy, node->string);
        for (size_t i = 0; i < policy->rule_count; i++) {
            if (!check_param_in_rule(reading, node, &policy->rules[i], &is_used, err))
                return false;
        }
        if (is_used)
            continue;
        struct policy known = {.params = policy->params, .param_count = inherited};
        return policy_unknown(reading, node, true, "parameter", node->string,
                              suggest_nearest(node->string, nth_param, &known), err);
    }
    return true;
}

bool policy_params_read(const struct policy_reading *reading, const cJSON *params,
                        struct error *err)
{
    const cJSON *node = NULL;

    if (params == NULL)
        return true;
    if (!json_object(reading->document, params, "params", err))
        return false;
    cJSON_ArrayForEach(node, params)
    {
        if (!read_param(reading, node, err))
            return false;
    }
    return true;
}
