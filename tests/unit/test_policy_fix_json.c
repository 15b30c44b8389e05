/*
 * Reading fixes and conditions of rules, and the remedies that are made of fixes.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/policy_json.h"
#include "tests/unit/catalog.h"
#include "tests/unit/policy_text.h"

#define RULE                                                                                       \
    "\"fact\":\"test.path\",\"subjects\":[\"/a\"],\"operator\":\"is\",\"operand\":\"writable\","

static void expect_remedy(const char *fix, const char *docker, const char *compose,
                          const char *kubernetes)
{
    char *members = mem_format(RULE "\"fix\":%s", fix);
    struct policy policy = policy_of_rule(members);
    const struct remedy *remedy = &policy.rules[0].remedy;

    cr_expect_str_eq(remedy->docker == NULL ? "-" : remedy->docker, docker);
    cr_expect_str_eq(remedy->compose == NULL ? "-" : remedy->compose, compose);
    cr_expect_str_eq(remedy->kubernetes == NULL ? "-" : remedy->kubernetes, kubernetes);
    policy_free(&policy);
    free(members);
}

Test(policy_fix_json, a_remedy_that_is_not_given_is_made_of_the_fix)
{
    expect_remedy("\"it cannot\"", "it cannot", "it cannot", "it cannot");
    expect_remedy("{\"docker\":{\"add\":{\"read-only\":true,\"tmpfs\":[\"{subject}:x\"]},"
                  "\"remove\":[\"--a\",\"--b\"]}}",
                  "--read-only --tmpfs=PATH:x; remove --a, --b", "-", "-");
    expect_remedy("{\"docker\":{\"remove\":[\"--a\"]},"
                  "\"compose\":{\"add\":{\"user\":\"{uid}:{gid}\",\"cap_drop\":[\"ALL\"],"
                  "\"cap_add\":[\"{kept}\"]}},"
                  "\"kubernetes\":{\"add\":{\"pod\":{\"volumes\":[{\"name\":\"{name}\","
                  "\"emptyDir\":{}}]},\"container\":{\"securityContext\":{\"runAsUser\":\"{uid}\","
                  "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"{kept}\"]}}}}}}",
                  "remove --a", "user: \"1000:1000\", cap_drop: [ALL]",
                  "volumes: [{name: NAME, emptyDir: {}}], securityContext.runAsUser: 1000, "
                  "securityContext.capabilities.drop: [ALL]");
}

Test(policy_fix_json, a_remedy_that_is_given_stays)
{
    struct policy policy =
        policy_of_rule(RULE "\"fix\":\"no\",\"remedy\":{\"docker\":\"ask somebody\"}");

    cr_expect_str_eq(policy.rules[0].remedy.docker, "ask somebody");
    cr_expect_str_eq(policy.rules[0].remedy.compose, "no");
    policy_free(&policy);
}

static void expect_error(const char *member, const char *expected)
{
    struct fact_catalog catalog = test_catalog();
    struct policy policy;
    struct error err = {0};
    char *text = mem_format("{\"schema\":\"watertight.policy/1\",\"name\":\"t\","
                            "\"params\":{\"choice\":\"fail\",\"number\":1},\n\"rules\":"
                            "{\"t.rule\":{\"title\":\"a\",\"severity\":\"low\"," RULE "\n%s}}}",
                            member);

    cr_expect_not(policy_parse(text, strlen(text), "p", &catalog, &policy, &err), "%s", text);
    cr_expect_str_eq(err.text, expected);
    free(text);
    fact_catalog_free(&catalog);
}

Test(policy_fix_json, a_malformed_fix_names_the_place_and_the_reason)
{
    static const char *const cases[][2] = {
        {"\"fix\":1", "p:3:7: fix must be an object, not a number"},
        {"\"fix\":\"\"", "p:3:7: fix may not be empty"},
        {"\"fix\":{\"dokcer\":\"x\"}", "p:3:8: unknown key \"dokcer\"; did you mean \"docker\"?"},
        {"\"fix\":{\"docker\":{}}", "p:3:17: docker must add or remove something, or be a text"},
        {"\"fix\":{\"docker\":[]}", "p:3:17: docker must be an object, not an array"},
        {"\"fix\":{\"docker\":{\"add\":{\"a\":false}}}",
         "p:3:29: an option of docker is true, a text, a number or an array of them"},
        {"\"fix\":{\"docker\":{\"add\":{\"a\":[[]]}}}",
         "p:3:29: an option of docker is true, a text, a number or an array of them"},
        {"\"fix\":{\"compose\":{\"add\":{\"a\":null}}}",
         "p:3:30: a value in a fix must be a string, not null"},
        {"\"fix\":{\"compose\":{\"add\":{\"a\":1.5}}}",
         "p:3:30: a number in a fix must be an integer"},
        {"\"fix\":{\"compose\":{\"remove\":[1]}}",
         "p:3:29: what a fix removes must be a string, not a number"},
        {"\"fix\":{\"compose\":{\"add\":{\"a\":\"{subjekt}\"}}}",
         "p:3:30: a fix may hold {subject}, {name}, {uid}, {gid}, {kept}, {excess} and {mount} "
         "only; here stands \"{subjekt}\""},
        {"\"fix\":{\"compose\":{\"add\":{\"a\":\"{kept}\"}}}",
         "p:3:30: {kept}, {excess} and {mount} can stand in elements of lists only"},
        {"\"fix\":{\"kubernetes\":{\"add\":{\"spec\":{}}}}", "p:3:29: unknown key \"spec\""},
        {"\"fix\":{\"kubernetes\":{\"add\":{\"pod\":1}}}",
         "p:3:35: pod must be an object, not a number"},
        {"\"fix\":{\"breaks\":\"x\"}", "p:3:17: breaks must be an array, not a string"},
        {"\"fix\":{\"root\":{\"breaks\":[]}}", "p:3:16: unknown key \"breaks\""},
        {"\"fix\":{\"tmpfs\":{\"docker\":{}}}",
         "p:3:26: docker must add or remove something, or be a text"},
        {"\"fix\":{\"podman\":{}}", "p:3:17: podman must add or remove something, or be a text"},
        {"\"fix\":{\"elsewhere\":1}", "p:3:20: elsewhere must be an object, not a number"},
        {"\"when\":[[]]", "p:3:9: an array of alternatives holds none"},
        {"\"when\":[{\"operator\":\"is\"}]",
         "p:3:9: a condition needs \"fact\" or \"param\", and \"operator\""},
        {"\"when\":[{\"param\":\"choice\",\"fact\":\"test.bool\",\"operator\":\"is\"}]",
         "p:3:9: a condition needs \"fact\" or \"param\", and \"operator\""},
        {"\"when\":[{\"param\":\"chioce\",\"operator\":\"is\",\"operand\":\"fail\"}]",
         "p:3:18: unknown parameter \"chioce\"; did you mean \"choice\"?"},
        {"\"when\":[{\"param\":\"number\",\"operator\":\"is\",\"operand\":\"fail\"}]",
         "p:3:18: a condition can ask for a parameter that is \"accept\" or \"fail\" only"},
        {"\"when\":[{\"param\":\"choice\",\"operator\":\"is\",\"operand\":\"fial\"}]",
         "p:3:53: unknown choice \"fial\"; did you mean \"fail\"?"},
        {"\"when\":[{\"param\":\"choice\",\"operator\":\"at_least\",\"operand\":1}]",
         "p:3:38: operator \"at_least\" does not apply to choice, which is of type text"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cases[i][0], cases[i][1]);
}

Test(policy_fix_json, a_choice_is_accept_or_fail)
{
    struct fact_catalog catalog = test_catalog();
    struct policy policy;
    struct error err = {0};
    static const char text[] =
        "{\"schema\":\"watertight.policy/1\",\"name\":\"t\",\"params\":{\"choice\":\"perhaps\"},"
        "\"rules\":{\"t.rule\":{\"title\":\"a\",\"severity\":\"low\"," RULE
        "\"when\":[{\"param\":\"choice\",\"operator\":\"is\",\"operand\":\"fail\"}]}}}";

    cr_expect_not(policy_parse(text, strlen(text), "p", &catalog, &policy, &err));
    cr_expect_str_eq(err.text, "p:1:63: unknown choice \"perhaps\"");
    fact_catalog_free(&catalog);
}
