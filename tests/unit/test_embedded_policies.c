/*
 * The two parts of each built-in policy together are its file.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>

#include "agent/embedded_policies.h"
#include "agent/file_read.h"
#include "agent/core/mem.h"

static cJSON *parse(const char *text, size_t length)
{
    cJSON *root = cJSON_ParseWithLength(text, length);

    cr_assert_not_null(root);
    return root;
}

static cJSON *parse_file(const char *name)
{
    CLEANUP(mem_free_text) char *path = mem_format("agent/policies/%s.json", name);
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct error err = {0};

    cr_assert(file_read(path, (size_t)1024 * 1024, &text, &length, &err), "%s", err.text);
    return parse(text, length);
}

Test(embedded_policies, both_parts_together_are_the_file)
{
    const struct embedded_policy *policy = NULL;

    for (size_t i = 0; (policy = embedded_policy_at(i)) != NULL; i++) {
        cJSON *whole = parse_file(policy->name);
        cJSON *text = parse(policy->text, (size_t)(policy->end - policy->text));
        cJSON *prose = parse(policy->prose, (size_t)(policy->prose_end - policy->prose));
        cJSON *rule = NULL;
        cr_expect_gt(cJSON_GetArraySize(prose), 2);
        cJSON_ArrayForEach(rule, cJSON_GetObjectItem(text, "rules"))
        {
            const cJSON *words = cJSON_GetObjectItem(prose, rule->string);
            cr_expect_not(cJSON_HasObjectItem(rule, "explain"));
            if (words != NULL)
                cJSON_AddStringToObject(rule, "explain", words->valuestring);
        }
        cr_expect(cJSON_Compare(whole, text, true), "%s", policy->name);
        cJSON_Delete(whole);
        cJSON_Delete(text);
        cJSON_Delete(prose);
    }
}
