/*
 * Facts that were saved are read again as they were.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/facts_json.h"
#include "report/facts.h"
#include "tests/unit/catalog.h"

static bool parse(const char *text, struct facts *facts, struct error *err)
{
    struct fact_catalog catalog = test_catalog();
    struct facts_origin origin;
    bool ok = facts_parse(text, strlen(text), "f.json", &catalog, facts, &origin, err);

    fact_catalog_free(&catalog);
    return ok;
}

static char *write_facts(const struct facts *facts)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct report report = {.tool_version = "1",
                            .facts = facts,
                            .pid = 7,
                            .is_self = true,
                            .started = "2026-11-24T00:00:00Z"};

    report_facts_write(&report, out);
    cr_assert_eq(fclose(out), 0);
    return text;
}

Test(facts_json, what_is_written_is_read_again)
{
    struct facts facts = {0};
    struct facts again = {0};
    struct error err = {0};
    struct strset set = {0};

    strset_add(&set, "b");
    strset_add(&set, "a\"\\");
    (void)facts_put_bool(&facts, &key_bool, NULL, true);
    (void)facts_put_integer(&facts, &key_integer, NULL, INT64_MAX);
    (void)facts_put_integer(&facts, &key_everywhere, "x y", INT64_MIN);
    fact_set_detail(facts_put_text(&facts, &key_text, NULL, "caf\xc3\xa9\n\033"), "evidence");
    (void)facts_put_text(&facts, &key_word, NULL, "");
    (void)facts_put_set(&facts, &key_set, NULL, &set);
    (void)facts_put_absent(&facts, &key_other, NULL);
    (void)facts_put_unknown(&facts, &key_path, NULL, "why");
    char *text = write_facts(&facts);
    cr_assert(parse(text, &again, &err), "%s\n%s", err.text, text);
    char *text_again = write_facts(&again);
    cr_expect_str_eq(text, text_again);
    cr_expect_eq(facts_find(&again, "test.integer", NULL)->value.integer, INT64_MAX);
    free(text);
    free(text_again);
    facts_free(&facts);
    facts_free(&again);
}

#define FACTS(rows)                                                                                \
    "{\"schema\":\"watertight.facts/1\",\"target\":{\"pid\":1,\"self\":true},\n"                   \
    "\"started\":\"x\",\"facts\":[\n" rows "]}"

Test(facts_json, malformed_documents_name_the_place_and_the_reason)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "1:1: a value is expected here"},
        {"[]", "1:1: a facts document must be an object, not an array"},
        {"{}", "1:1: \"schema\" or \"facts\" is missing"},
        {"{\"schema\":\"watertight.policy/1\",\"facts\":[]}",
         "1:11: schema must be \"watertight.facts/1\" or \"watertight.report/1\", not "
         "\"watertight.policy/1\""},
        {"{\"schema\":\"watertight.facts/1\",\"facts\":[]}",
         "1:1: \"target\" or \"started\" is missing"},
        {"{\"schema\":\"watertight.facts/1\",\"facts\":[],\"started\":\"x\",\"target\":{\"pid\":0,"
         "\"self\":true}}",
         "1:73: no process has this pid"},
        {FACTS("7"), "3:1: a fact must be an object, not a number"},
        {FACTS("{\"key\":\"test.bool\"}"), "3:1: a fact needs \"key\" and \"state\""},
        {FACTS("{\"key\":\"test.bol\",\"state\":\"absent\"}"),
         "3:8: unknown fact \"test.bol\"; did you mean \"test.bool\"?"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"gone\"}"),
         "3:28: state must be known, absent or unknown, not \"gone\""},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"known\"}"),
         "3:1: a fact has a value when it is known, and only then"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"absent\",\"value\":true}"),
         "3:1: a fact has a value when it is known, and only then"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"unknown\"}"),
         "3:1: a fact has a reason when it is unknown, and only then"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"known\",\"value\":1}"),
         "3:44: test.bool must be true or false, not a number"},
        {FACTS("{\"key\":\"test.set\",\"state\":\"known\",\"value\":[1]}"),
         "3:44: test.set holds strings only"},
        {FACTS("{\"key\":\"test.text\",\"state\":\"known\",\"value\":null}"),
         "3:44: the value of test.text must be a string"},
        {FACTS("{\"key\":\"test.bool\",\"subject\":\"x\",\"state\":\"absent\"}"),
         "3:30: test.bool has no subjects"},
        {FACTS("{\"key\":\"test.path\",\"state\":\"absent\"}"), "3:1: test.path needs a subject"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"absent\"},\n"
               "{\"key\":\"test.bool\",\"state\":\"known\",\"value\":true}"),
         "4:1: test.bool stands twice"},
        {FACTS("{\"key\":\"test.bool\",\"state\":\"absent\",\"extra\":1}"),
         "3:37: unknown key \"extra\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct facts facts;
        struct error err = {0};
        char *expected = mem_format("f.json:%s", cases[i].error);
        cr_expect_not(parse(cases[i].text, &facts, &err), "%s", cases[i].text);
        cr_expect_str_eq(err.text, expected, "%s\n got %s\nwant %s", cases[i].text, err.text,
                         expected);
        free(expected);
    }
}

Test(facts_json, the_facts_of_a_report_are_read_too)
{
    struct facts facts;
    struct error err = {0};

    cr_assert(
        parse("{\"schema\":\"watertight.report/1\",\"verdict\":\"pass\",\"target\":{\"pid\":1,"
              "\"self\":true,\"runtime\":null},\"started\":\"x\",\"facts\":[{\"key\":"
              "\"test.bool\",\"state\":\"absent\"}]}",
              &facts, &err),
        "%s", err.text);
    cr_expect_eq(facts.count, 1);
    facts_free(&facts);
}
