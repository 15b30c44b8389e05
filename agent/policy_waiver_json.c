/*
 * The waivers of a policy, from JSON. See policy_waiver_json.h.
 */
#include "agent/policy_waiver_json.h"

#include <string.h>

#include "agent/core/mem.h"
#include "agent/policy_value_json.h"
#include "agent/suggest.h"

static bool read_digits(const char *text, size_t count, int *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

static bool read_date(const struct policy_reading *reading, const cJSON *node, struct date *out,
                      struct error *err)
{
    const char *text = NULL;

    if (!json_text(reading->document, node, "until", &text, err))
        return false;
    bool is_date = strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
                   read_digits(text, 4, &out->year) && read_digits(text + 5, 2, &out->month) &&
                   read_digits(text + 8, 2, &out->day) && date_is_valid(*out);
    return is_date || json_error(reading->document, node, err,
                                 "until must be a date as YYYY-MM-DD, not \"%s\"", text);
}

static const char *nth_rule(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->rule_count ? policy->rules[index].id : NULL;
}

static bool check_waiver_rule(const struct policy_reading *reading, const cJSON *node,
                              const char *selector, struct error *err)
{
    for (size_t i = 0; i < reading->policy->rule_count; i++) {
        if (rule_matches(reading->policy->rules[i].id, selector))
            return true;
    }
    return policy_unknown(reading, node, false, "rule", selector,
                          suggest_nearest(selector, nth_rule, reading->policy), err);
}

static bool read_waiver(const struct policy_reading *reading, const cJSON *node, struct error *err)
{
    static const char *const names[] = {"rule", "subject", "reason", "until", NULL};
    const struct json_document *document = reading->document;
    struct policy *policy = reading->policy;
    const char *rule = NULL;
    const char *reason = NULL;
    const char *subject = NULL;
    struct waiver waiver = {0};

    if (!json_object(document, node, "a waiver", err) ||
        !json_only_keys(document, node, names, err))
        return false;
    const cJSON *rule_node = json_member(node, "rule");
    const cJSON *reason_node = json_member(node, "reason");
    const cJSON *subject_node = json_member(node, "subject");
    const cJSON *until = json_member(node, "until");
    if (rule_node == NULL || reason_node == NULL)
        return json_error(document, node, err, "a waiver needs \"rule\" and \"reason\"");
    if (!json_text(document, rule_node, "rule", &rule, err) ||
        !check_waiver_rule(reading, rule_node, rule, err) ||
        !json_text(document, reason_node, "reason", &reason, err))
        return false;
    if (subject_node != NULL && !json_text(document, subject_node, "subject", &subject, err))
        return false;
    waiver.has_until = until != NULL;
    if (until != NULL && !read_date(reading, until, &waiver.until, err))
        return false;
    waiver.rule = mem_copy(rule);
    waiver.reason = mem_copy(reason);
    waiver.subject = mem_copy(subject);
    policy->waivers = mem_grow(policy->waivers, policy->waiver_count, &policy->waiver_capacity,
                               sizeof *policy->waivers);
    policy->waivers[policy->waiver_count++] = waiver;
    return true;
}

bool policy_waivers_read(const struct policy_reading *reading, const cJSON *waivers,
                         struct error *err)
{
    const cJSON *node = NULL;

    if (waivers == NULL)
        return true;
    if (!json_array(reading->document, waivers, "waivers", err))
        return false;
    cJSON_ArrayForEach(node, waivers)
    {
        if (!read_waiver(reading, node, err))
            return false;
    }
    return true;
}
