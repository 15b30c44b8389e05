/*
 * Policies written in a test. See policy_text.h.
 */
#include "tests/unit/policy_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/policy_json.h"
#include "tests/unit/catalog.h"

struct policy policy_of(const char *members)
{
    struct fact_catalog catalog = test_catalog();
    struct policy policy;
    struct error err = {0};
    char *text = mem_format("{\"schema\":\"watertight.policy/1\",\"name\":\"test\",%s}", members);

    cr_assert(policy_parse(text, strlen(text), "test", &catalog, &policy, &err), "%s\n%s", text,
              err.text);
    free(text);
    fact_catalog_free(&catalog);
    return policy;
}

struct policy policy_of_rule(const char *members)
{
    char *text = mem_format(
        "\"rules\":{\"t.rule\":{\"title\":\"a rule\",\"severity\":\"high\",%s}}", members);
    struct policy policy = policy_of(text);

    free(text);
    return policy;
}
