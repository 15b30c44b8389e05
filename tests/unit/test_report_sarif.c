/*
 * The format sarif: kinds, levels, suppressions and locations, as SARIF 2.1.0 and GitHub code
 * scanning ask for them.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

static cJSON *parse(char *text)
{
    cJSON *root = cJSON_Parse(text);

    cr_assert_not_null(root, "%s", text);
    free(text);
    return root;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    cr_assert_not_null(found, "%s", name);
    return found;
}

static const cJSON *run_of(const cJSON *root)
{
    return cJSON_GetArrayItem(member(root, "runs"), 0);
}

static const cJSON *rules_of(const cJSON *root)
{
    return member(member(member(run_of(root), "tool"), "driver"), "rules");
}

static const char *word(const cJSON *object, const char *name)
{
    const cJSON *found = member(object, name);

    cr_assert(cJSON_IsString(found), "%s", name);
    return found->valuestring;
}

static const cJSON *result_of(const cJSON *root, const char *rule)
{
    const cJSON *result = NULL;

    cJSON_ArrayForEach(result, member(run_of(root), "results"))
    {
        if (strcmp(word(result, "ruleId"), rule) == 0)
            return result;
    }
    return NULL;
}

Test(sarif, each_status_has_its_kind)
{
    static const struct {
        const char *rule;
        const char *kind; /* NULL: no result */
        const char *level;
        int suppressions;
    } cases[] = {
        {"t.pass", NULL, NULL, 0},        {"t.fail", "fail", "error", 0},
        {"t.low", "fail", "note", 0},     {"t.unknown", "open", "none", 0},
        {"t.waived", "fail", "error", 1}, {"t.skip", NULL, NULL, 0},
    };
    cJSON *root = parse(report_fixture_write_all("sarif", SEVERITY_LOW));

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const cJSON *result = result_of(root, cases[i].rule);
        cr_assert_eq(result == NULL, cases[i].kind == NULL, "%s", cases[i].rule);
        if (result == NULL)
            continue;
        cr_expect_str_eq(word(result, "kind"), cases[i].kind);
        cr_expect_str_eq(word(result, "level"), cases[i].level);
        cr_expect_eq(cJSON_GetArraySize(member(result, "suppressions")), cases[i].suppressions);
    }
    cJSON_Delete(root);
}

Test(sarif, a_waiver_is_an_external_suppression_with_its_reason)
{
    cJSON *root = parse(report_fixture_write_all("sarif", SEVERITY_LOW));
    const cJSON *suppression =
        cJSON_GetArrayItem(member(result_of(root, "t.waived"), "suppressions"), 0);

    cr_expect_str_eq(word(suppression, "kind"), "external");
    cr_expect_str_eq(word(suppression, "status"), "accepted");
    report_expect_in(word(suppression, "justification"), "waived: SHOP-1");
    cJSON_Delete(root);
}

Test(sarif, every_rule_stands_once_and_results_point_to_it)
{
    cJSON *root = parse(report_fixture_write_all("sarif", SEVERITY_LOW));
    const cJSON *rules = rules_of(root);
    const cJSON *result = NULL;

    cr_expect_eq(cJSON_GetArraySize(rules), 7);
    cJSON_ArrayForEach(result, member(run_of(root), "results"))
    {
        const cJSON *rule = cJSON_GetArrayItem(rules, member(result, "ruleIndex")->valueint);
        cr_assert_not_null(rule);
        cr_expect_str_eq(word(rule, "id"), word(result, "ruleId"));
    }
    const cJSON *rule = cJSON_GetArrayItem(rules, 1);
    cr_expect_str_eq(word(member(rule, "defaultConfiguration"), "level"), "error");
    cr_expect_str_eq(word(member(rule, "properties"), "security-severity"), "8.0");
    report_expect_in(word(member(rule, "help"), "text"), "\ndocker: --tmpfs\ncompose: ");
    cJSON_Delete(root);
}

Test(sarif, every_result_has_a_physical_location_and_a_fingerprint_of_its_own)
{
    cJSON *root = parse(report_fixture_write_all("sarif", SEVERITY_LOW));
    const cJSON *results = member(run_of(root), "results");

    for (int i = 0; i < cJSON_GetArraySize(results); i++) {
        const cJSON *result = cJSON_GetArrayItem(results, i);
        const cJSON *location = cJSON_GetArrayItem(member(result, "locations"), 0);
        const cJSON *physical = member(location, "physicalLocation");
        const char *print = word(member(result, "partialFingerprints"), "primaryLocationLineHash");
        cr_expect_str_eq(word(member(physical, "artifactLocation"), "uri"), "container");
        cr_expect_eq(member(member(physical, "region"), "startLine")->valueint, 1);
        for (int k = 0; k < i; k++) {
            const cJSON *other = cJSON_GetArrayItem(results, k);
            cr_expect_str_neq(
                print, word(member(other, "partialFingerprints"), "primaryLocationLineHash"));
        }
    }
    cJSON_Delete(root);
}

Test(sarif, no_name_becomes_a_link_or_a_placeholder)
{
    cJSON *root = parse(
        report_fixture_write_one("{0}", "[a](http://h.invalid)", "{1}", STATUS_FAIL, "sarif"));
    const cJSON *result = result_of(root, "t.rule");

    cr_expect_str_eq(word(member(result, "message"), "text"),
                     "t.rule [a] (http://h.invalid): {{1}}");
    cr_expect_str_eq(
        word(member(cJSON_GetArrayItem(rules_of(root), 0), "shortDescription"), "text"), "{{0}}");
    cr_expect_str_eq(word(member(result, "properties"), "subject"), "[a](http://h.invalid)");
    cJSON_Delete(root);
}
