/*
 * The format json and the facts document, on reports made by hand: exactness, order, hostile bytes.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "report/facts.h"
#include "tests/unit/catalog.h"
#include "tests/unit/report_fixture.h"

static const struct rule rule = {
    .id = (char *)"t.rule",
    .title = (char *)"a \"title\"",
    .severity = SEVERITY_HIGH,
    .op = OPERATOR_EMPTY,
};

static struct finding finding_of(struct value observed)
{
    return (struct finding){
        .rule = &rule,
        .status = STATUS_FAIL,
        .message = (char *)"a message",
        .observed = observed,
    };
}

static char *write_json(struct finding row, const char *source, const struct facts *facts)
{
    struct policy policy = {.name = (char *)"hand", .source = (char *)source};
    struct findings findings = {.rows = &row, .count = 1, .totals = {[STATUS_FAIL] = 1}};

    return report_fixture_write_findings(&findings, &policy, facts, "json");
}

/* The names of an object's members, in their order, each followed by a blank. */
static void expect_members(const cJSON *object, const char *expected)
{
    CLEANUP(mem_free_text) char *names = mem_copy("");
    const cJSON *member = NULL;

    cr_assert(cJSON_IsObject(object));
    cJSON_ArrayForEach(member, object)
    {
        char *longer = mem_format("%s%s ", names, member->string);
        free(names);
        names = longer;
    }
    cr_expect_str_eq(names, expected);
}

static const cJSON *first_check(const cJSON *root)
{
    const cJSON *check = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "checks"), 0);

    cr_assert_not_null(check);
    return check;
}

Test(report_json, members_stand_in_their_documented_order)
{
    char *text = write_json(finding_of((struct value){0}), "f", NULL);
    cJSON *root = cJSON_Parse(text);

    expect_members(root,
                   "schema tool policy target started duration_ms verdict headline summary checks "
                   "facts ");
    expect_members(cJSON_GetObjectItem(root, "summary"), "pass fail unknown skip waived ");
    expect_members(cJSON_GetObjectItem(root, "target"), "pid self name runtime container_id ");
    expect_members(first_check(root), "id title status severity subject message operator expected "
                                      "observed remedy refs ");
    cJSON_Delete(root);
    free(text);
}

Test(report_json, an_integer_beyond_2_to_the_53_is_exact)
{
    char *largest = write_json(finding_of(value_integer(INT64_MAX)), "f", NULL);
    char *smallest = write_json(finding_of(value_integer(INT64_MIN)), "f", NULL);

    cr_expect_not_null(strstr(largest, "\"observed\":\t9223372036854775807,\n"));
    cr_expect_not_null(strstr(smallest, "\"observed\":\t-9223372036854775808,\n"));
    free(largest);
    free(smallest);
}

Test(report_json, what_does_not_exist_is_null)
{
    char *text = write_json(finding_of((struct value){0}), "f", NULL);
    cJSON *root = cJSON_Parse(text);
    const cJSON *target = cJSON_GetObjectItem(root, "target");

    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(first_check(root), "subject")));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(first_check(root), "expected")));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(first_check(root), "observed")));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(target, "runtime")));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(target, "container_id")));
    cJSON_Delete(root);
    free(text);
}

Test(report_json, the_target_names_the_runtime)
{
    static const struct fact_key name = {.name = "runtime.name", .type = VALUE_TEXT};
    static const struct fact_key id = {.name = "runtime.container_id", .type = VALUE_TEXT};
    struct facts facts = {0};

    (void)facts_put_text(&facts, &name, NULL, "docker");
    (void)facts_put_text(&facts, &id, NULL, "9f2c");
    char *text = write_json(finding_of((struct value){0}), "f", &facts);
    cJSON *root = cJSON_Parse(text);
    const cJSON *target = cJSON_GetObjectItem(root, "target");
    cr_expect_str_eq(cJSON_GetObjectItem(target, "runtime")->valuestring, "docker");
    cr_expect_str_eq(cJSON_GetObjectItem(target, "container_id")->valuestring, "9f2c");
    cJSON_Delete(root);
    facts_free(&facts);
    free(text);
}

Test(report_json, the_name_of_a_policys_file_cannot_make_it_invalid)
{
    char *text = write_json(finding_of((struct value){0}), "p\xff\x1b[31m\"\n.json", NULL);
    cJSON *root = cJSON_Parse(text);

    cr_assert_not_null(root);
    cr_expect_str_eq(
        cJSON_GetObjectItem(cJSON_GetObjectItem(root, "policy"), "source")->valuestring,
        "p\\xff\\x1b[31m\"\n.json");
    cr_expect_null(strchr(text, '\xff'));
    cJSON_Delete(root);
    free(text);
}

Test(report_json, the_facts_document_needs_neither_policy_nor_findings)
{
    struct facts facts = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    fact_set_detail(facts_put_bool(&facts, &key_bool, NULL, false), "the evidence");
    (void)facts_put_absent(&facts, &key_path, "/a");
    (void)facts_put_unknown(&facts, &key_integer, NULL, "a filter killed it");
    struct report report = {.tool_version = "1.2.3", .facts = &facts, .pid = 7, .started = "s"};
    report_facts_write(&report, out);
    (void)fclose(out);
    cJSON *root = cJSON_Parse(text);
    const cJSON *rows = cJSON_GetObjectItem(root, "facts");
    expect_members(root, "schema tool target started duration_ms facts ");
    expect_members(cJSON_GetArrayItem(rows, 0), "key state value detail ");
    expect_members(cJSON_GetArrayItem(rows, 1), "key subject state ");
    expect_members(cJSON_GetArrayItem(rows, 2), "key state reason ");
    cJSON_Delete(root);
    facts_free(&facts);
    free(text);
}
