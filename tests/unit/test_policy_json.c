/*
 * Reading policies. The built-in ones are read over the probes' own catalogue.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/embedded_policies.h"
#include "agent/json_read.h"
#include "agent/policy_json.h"
#include "probes/observe.h"
#include "tests/unit/policy_text.h"

/* Reads text over the probes' catalogue. */
static bool parse(const char *text, struct policy *policy, struct error *err)
{
    struct fact_catalog catalog = observe_catalog();
    bool ok = policy_parse(text, strlen(text), "p.json", &catalog, policy, err);

    fact_catalog_free(&catalog);
    return ok;
}

static struct policy load(const char *name)
{
    struct fact_catalog catalog = observe_catalog();
    struct policy policy;
    struct error err = {0};

    cr_assert(policy_load(name, &catalog, &policy, &err), "%s: %s", name, err.text);
    fact_catalog_free(&catalog);
    return policy;
}

Test(policy_json, every_built_in_policy_loads)
{
    for (size_t i = 0; policy_builtin_at(i) != NULL; i++) {
        struct policy policy = load(policy_builtin_at(i));
        cr_expect_str_eq(policy.name, policy_builtin_at(i));
        cr_expect_str_eq(policy.source, "builtin");
        cr_expect_gt(strlen(policy.summary), 10);
        policy_free(&policy);
    }
}

/* The program itself does not read them as strictly as a file (json_parse_own). */
Test(policy_json, every_built_in_policy_would_do_as_a_file)
{
    for (size_t i = 0; embedded_policy_at(i) != NULL; i++) {
        const char *name = embedded_policy_at(i)->name;
        CLEANUP(mem_free_text) char *path = mem_format("agent/policies/%s.json", name);
        struct policy policy;
        struct error err = {0};
        struct fact_catalog catalog = observe_catalog();
        cr_assert(policy_load(path, &catalog, &policy, &err), "%s", err.text);
        policy_free(&policy);
        fact_catalog_free(&catalog);
    }
}

Test(policy_json, each_built_in_policy_holds_all_rules_of_the_one_before)
{
    for (size_t i = 1; policy_builtin_at(i) != NULL; i++) {
        struct policy looser = load(policy_builtin_at(i - 1));
        struct policy policy = load(policy_builtin_at(i));
        for (size_t k = 0; k < looser.rule_count; k++)
            cr_expect_not_null(policy_rule(&policy, looser.rules[k].id));
        cr_expect_gt(policy.rule_count, looser.rule_count);
        policy_free(&looser);
        policy_free(&policy);
    }
}

Test(policy_json, every_built_in_rule_is_fully_described)
{
    struct policy policy = load("strict");

    for (size_t i = 0; i < policy.rule_count; i++) {
        const struct rule *rule = &policy.rules[i];
        cr_expect_not_null(rule->message, "%s", rule->id);
        cr_expect_not_null(rule->remedy.docker, "%s", rule->id);
        cr_expect_not_null(rule->remedy.compose, "%s", rule->id);
        cr_expect_not_null(rule->remedy.kubernetes, "%s", rule->id);
        cr_expect_gt(rule->ref_count, 0, "%s", rule->id);
        cr_expect_not_null(rule->explain, "%s", rule->id);
    }
    policy_free(&policy);
}

static const char example[] =
    "{\"schema\":\"watertight.policy/1\",\"name\":\"shop-api\",\"extends\":\"hardened\",\n"
    " \"params\":{\"allowed_capabilities\":[\"NET_BIND_SERVICE\",\"cap_chown\"],\n"
    "  "
    "\"writable_paths\":[\"/tmp\",\"/app/data\"],\"read_only_paths\":[\"/\",\"/usr/bin\",\"/"
    "app\"],\n"
    "  \"min_uid\":1000},\n"
    " \"rules\":{\"user.non-root-group\":{\"enabled\":false},\n"
    "  \"user.uid-range\":{\"severity\":\"medium\"}},\n"
    " \"waivers\":[{\"rule\":\"seccomp.enabled\",\"reason\":\"profiler, SHOP-214\",\n"
    "  \"until\":\"2027-03-01\"}],\n"
    " \"fail_on\":\"medium\"}";

Test(policy_json, a_users_policy_overrides_what_it_extends)
{
    struct policy policy;
    struct error err = {0};

    cr_assert(parse(example, &policy, &err), "%s", err.text);
    cr_expect_str_eq(policy.name, "shop-api");
    cr_expect_eq(policy.fail_on, SEVERITY_MEDIUM);
    cr_expect_not(policy_rule(&policy, "user.non-root-group")->enabled);
    cr_expect_eq(policy_rule(&policy, "user.uid-range")->severity, SEVERITY_MEDIUM);
    cr_expect_eq(policy_param(&policy, "min_uid")->value.integer, 1000);
    cr_expect_eq(policy.waivers[0].until.month, 3);
    policy_free(&policy);
}

Test(policy_json, capabilities_are_accepted_in_any_spelling)
{
    struct policy policy;
    struct error err = {0};

    cr_assert(parse(example, &policy, &err), "%s", err.text);
    const struct strset *allowed = &policy_param(&policy, "allowed_capabilities")->value.set;
    cr_expect_eq(allowed->count, 2);
    cr_expect(strset_has(allowed, "CAP_NET_BIND_SERVICE"));
    cr_expect(strset_has(allowed, "CAP_CHOWN"));
    policy_free(&policy);
}

Test(policy_json, the_paths_to_try_are_those_of_the_enabled_rules)
{
    struct policy policy;
    struct error err = {0};

    cr_assert(parse(example, &policy, &err), "%s", err.text);
    struct strset paths = policy_subjects(&policy, "filesystem.write");
    char *joined = strset_join(&paths, " ");
    cr_expect_str_eq(joined, "/ /app /app/data /tmp /usr/bin");
    free(joined);
    strset_free(&paths);
    policy_rule(&policy, "filesystem.protected-path")->enabled = false;
    paths = policy_subjects(&policy, "filesystem.write");
    cr_expect_eq(paths.count, 2);
    strset_free(&paths);
    policy_free(&policy);
}

Test(policy_json, a_user_can_add_rules_and_parameters)
{
    struct policy policy;
    struct error err = {0};

    cr_assert(parse("{\"schema\":\"watertight.policy/1\",\"name\":\"x\",\"extends\":\"baseline\","
                    "\"params\":{\"groups\":[\"1000\"]},\"rules\":{\"shop.group\":{\"title\":\"t\","
                    "\"severity\":\"low\",\"fact\":\"user.groups\",\"operator\":\"subset_of\","
                    "\"operand\":{\"param\":\"groups\"}}}}",
                    &policy, &err),
              "%s", err.text);
    cr_expect_not_null(policy_rule(&policy, "shop.group"));
    cr_expect_not_null(policy_rule(&policy, "capabilities.effective"));
    policy_free(&policy);
}

/* What stands in a file, and the error that it must give, from the line on. */
#define HEAD "{\"schema\":\"watertight.policy/1\",\"name\":\"x\",\"extends\":\"hardened\",\n"
#define RULE(members) HEAD "\"rules\":{\"a.b\":{" members "}}}"
#define NEW "\"title\":\"t\",\"severity\":\"low\","

static const struct {
    const char *text;
    const char *error;
} malformed[] = {
    {"", "1:1: a value is expected here"},
    {"{", "1:2: a key in double quotes is expected here"},
    {"{\"schema\"", "1:10: \":\" is expected here"},
    {"{\"schema\":\"x\"", "1:14: \",\" or \"}\" is expected here"},
    {"{\"schema\":\"x\",}", "1:15: a key in double quotes is expected here"},
    {"{\"a\":[1,]}", "1:9: a value is expected here"},
    {"{\"a\":[1 2]}", "1:9: \",\" or \"]\" is expected here"},
    {"{\"a\":'x'}", "1:6: a value is expected here"},
    {"{\"a\":\"x}", "1:9: this string has no end"},
    {"{\"a\":\"\\x\"}", "1:8: unknown escape in a string"},
    {"{\"a\":\"\\u12\"}", "1:11: \\u needs four hexadecimal digits"},
    {"{\"a\":\"\\u0000\"}", "1:13: a string may not hold \\u0000"},
    {"{\"a\":\"\\ud800\"}", "1:13: \\u escape is half of a surrogate pair"},
    {"{\"a\":\"\t\"}", "1:7: a control character in a string must be escaped"},
    {"{\"a\":\"\xff\"}", "1:7: this is not UTF-8"},
    {"{\"a\":\"\xc0\xaf\"}", "1:7: this is not UTF-8"},
    {"{\"a\":01}", "1:7: a number may not begin with 0"},
    {"{\"a\":1.}", "1:8: a digit is missing in this number"},
    {"{\"a\":+1}", "1:6: a value is expected here"},
    {"{\"a\":"
     "1111111111111111111111111111111111111111111111111111111111111111}",
     "1:70: this number is too long"},
    {"{\"a\":tru}", "1:6: a value is expected here"},
    {"{} x", "1:4: nothing may follow the document"},
    {"{}\n{}", "2:1: nothing may follow the document"},
    {"[]", "1:1: a policy must be an object, not an array"},
    {"{\"a\":1,\n \"a\":2}", "2:2: duplicate key \"a\""},
    {"{\"schem\":1}", "1:2: unknown key \"schem\"; did you mean \"schema\"?"},
    {"{\"name\":\"x\"}", "1:1: \"schema\": \"watertight.policy/1\" is missing"},
    {"{\"schema\":\"watertight.policy/2\",\"name\":\"x\"}",
     "1:11: schema must be \"watertight.policy/1\", not \"watertight.policy/2\""},
    {"{\"schema\":\"watertight.policy/1\"}", "1:1: \"name\" is missing"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":7}",
     "1:40: name must be a string, not a number"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":\"\"}", "1:40: name may not be empty"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":\"a\\u001bb\"}",
     "1:40: name may not hold control characters"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":\"x\"}",
     "1:1: the policy has no enabled rule: it would check nothing"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":\"x\",\n\"extends\":\"hardend\"}",
     "2:11: unknown policy \"hardend\"; did you mean \"hardened\"?"},
    {"{\"schema\":\"watertight.policy/1\",\"name\":\"x\",\n\"extends\":\"/no/such.json\"}",
     "2:11: cannot open /no/such.json: No such file or directory"},
    {HEAD "\"fail_on\":\"hihg\"}", "2:11: unknown severity \"hihg\"; did you mean \"high\"?"},
    {HEAD "\"params\":[]}", "2:10: params must be an object, not an array"},
    {HEAD "\"params\":{\"min_uids\":1}}",
     "2:11: unknown parameter \"min_uids\"; did you mean \"min_uid\"?"},
    {HEAD "\"params\":{\"min_uid\":\"1\"}}", "2:21: min_uid must be of type integer"},
    {HEAD "\"params\":{\"min_uid\":1.5}}", "2:21: min_uid must be an integer"},
    {HEAD "\"params\":{\"min_uid\":99999999999999999999}}",
     "2:21: min_uid is not an integer of 64 bits"},
    {HEAD "\"params\":{\"allowed_capabilities\":[\"CHOWM\"]}}",
     "2:35: unknown capability \"CHOWM\"; did you mean \"CAP_CHOWN\"?"},
    {HEAD "\"params\":{\"allowed_capabilities\":[1]}}",
     "2:35: allowed_capabilities must be a string, not a number"},
    {HEAD "\"params\":{\"allowed_capabilities\":[\"KILL\",\"KILL\"]}}",
     "2:42: \"KILL\" stands twice in allowed_capabilities"},
    {HEAD "\"params\":{\"writable_paths\":[\"tmp\"]}}", "2:29: \"tmp\" is not an absolute path"},
    {HEAD "\"rules\":7}", "2:9: rules must be an object, not a number"},
    {HEAD "\"rules\":{\"user.nonroot\":{\"enabled\":false}}}",
     "2:10: unknown rule \"user.nonroot\"; did you mean \"user.non-root\"?"},
    {HEAD "\"rules\":{\"user.non-root\":{\"enable\":false}}}",
     "2:27: unknown key \"enable\"; did you mean \"enabled\"?"},
    {HEAD "\"rules\":{\"user.non-root\":{\"enabled\":0}}}",
     "2:37: enabled must be true or false, not a number"},
    {HEAD "\"rules\":{\"user.non-root\":{\"severity\":\"severe\"}}}",
     "2:38: unknown severity \"severe\""},
    {HEAD "\"rules\":{\"user.non-root\":{\"operand\":\"0\"}}}",
     "2:37: operator \"is_not\" on user.uid.effective needs an operand of type integer, not text"},
    {RULE("\"fact\":\"user.uid\""), "2:16: the new rule \"a.b\" needs \"title\""},
    {RULE(NEW "\"operator\":\"is\",\"fact\":\"user.uid.efective\""),
     "2:69: unknown fact \"user.uid.efective\"; did you mean \"user.uid.effective\"?"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"at_least\",\"operand\":1"),
     "2:78: operator \"at_least\" does not apply to user.groups, which is of type set of texts"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"emtpy\""),
     "2:78: unknown operator \"emtpy\"; did you mean \"empty\"?"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"operand\":[]"),
     "2:96: operator \"empty\" takes no operand"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"subset_of\""),
     "2:16: operator \"subset_of\" needs an operand of type set of texts"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"subset_of\",\"operand\":{\"param\":\"no\"}"),
     "2:109: unknown parameter \"no\""},
    {RULE(NEW "\"fact\":\"seccomp.mode\",\"operator\":\"is\",\"operand\":\"filtered\""),
     "2:94: unknown seccomp mode \"filtered\"; did you mean \"filter\"?"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"subjects\":[\"/x\"]"),
     "2:97: user.groups has no subjects"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"message\":\"{who}\""),
     "2:96: message may hold {subject}, {observed}, {expected} and {excess} only; here stands "
     "\"{who}\""},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"absent\":\"ok\""),
     "2:95: absent must be unknown, pass, fail or skip, not \"ok\""},
    {RULE(NEW "\"fact\":[],\"operator\":\"empty\""), "2:53: fact names no fact"},
    {RULE(NEW
          "\"fact\":\"user.groups\",\"operator\":\"empty\",\"when\":[{\"fact\":\"user.groups\"}]"),
     "2:94: a condition needs \"fact\" or \"param\", and \"operator\""},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"remedy\":{\"dokcer\":\"x\"}"),
     "2:96: unknown key \"dokcer\"; did you mean \"docker\"?"},
    {RULE(NEW "\"fact\":\"user.uid.real\",\"operator\":\"contains_none\",\"operand\":[\"root\"]"),
     "2:107: unknown number \"root\""},
    {RULE(NEW "\"fact\":\"user.gid.real\",\"operator\":\"one_of\",\"operand\":[\"00\"]"),
     "2:100: unknown number \"00\""},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"contains_none\",\"operand\":[\"docker\"]"),
     "2:105: unknown numeric id \"docker\""},
    {RULE(NEW "\"fact\":\"runtime.name\",\"operator\":\"is_not\",\"operand\":\"dokcer\""),
     "2:98: unknown engine \"dokcer\"; did you mean \"docker\"?"},
    {RULE(NEW "\"fact\":\"seccomp.calls\",\"operator\":\"is_not\",\"operand\":\"alow\""),
     "2:99: unknown answer of a filter \"alow\"; did you mean \"allow\"?"},
    {RULE(NEW "\"fact\":\"seccomp.syscalls\",\"operator\":\"contains_none\",\"operand\":[\"bpf\"],"
              "\"subjects\":[\"errno(EPERMM)\"]"),
     "2:129: unknown answer of a filter \"errno(EPERMM)\"; did you mean \"errno(EPERM)\"?"},
    {RULE(NEW "\"fact\":\"filesystem.write\",\"operator\":\"is\",\"operand\":\"EROFS\","
              "\"subjects\":[\"/data/\"]"),
     "2:118: \"/data/\" is no path that a fact can have: write it without \"//\", \".\", \"..\" "
     "and "
     "a "
     "slash at the end"},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"empty\",\"when\":[{\"fact\":\"mount.type\","
              "\"operator\":\"is\",\"operand\":\"overlay\"}]"),
     "2:93: the condition on mount.type needs a \"subject\" (mount point): this rule's is none"},
    {RULE(NEW "\"fact\":\"capabilities.effective\",\"operator\":\"contains_none\","
              "\"operand\":{\"param\":\"writable_paths\"}"),
     "2:115: unknown capability \"/tmp\""},
    {RULE(NEW "\"fact\":\"user.groups\",\"operator\":\"contains_none\","
              "\"operand\":{\"param\":\"allowed_capabilities\"}"),
     "2:104: the parameter allowed_capabilities holds another kind of word for another rule"},
    {HEAD "\"rules\":{\"x.\":{\"fact\":\"user.groups\"}}}",
     "2:10: a rule's id is words of a-z and 0-9, with \".\" or \"-\" between"},
    {HEAD "\"waivers\":{}}", "2:11: waivers must be an array, not an object"},
    {HEAD "\"waivers\":[{\"rule\":\"user.non-root\"}]}",
     "2:12: a waiver needs \"rule\" and \"reason\""},
    {HEAD "\"waivers\":[{\"rule\":\"usr.non-root\",\"reason\":\"x\"}]}",
     "2:20: unknown rule \"usr.non-root\"; did you mean \"user.non-root\"?"},
    {HEAD "\"waivers\":[{\"rule\":\"user.non-root\",\"reason\":\"x\",\"until\":\"2027-2-1\"}]}",
     "2:57: until must be a date as YYYY-MM-DD, not \"2027-2-1\""},
    {HEAD "\"waivers\":[{\"rule\":\"user.non-root\",\"reason\":\"x\",\"until\":\"2027-02-29\"}]}",
     "2:57: until must be a date as YYYY-MM-DD, not \"2027-02-29\""},
};

Test(policy_json, a_malformed_policy_names_the_place_and_the_reason)
{
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct policy policy;
        struct error err = {0};
        char *expected = mem_format("p.json:%s", malformed[i].error);
        cr_expect_not(parse(malformed[i].text, &policy, &err), "%s", malformed[i].text);
        cr_expect_str_eq(err.text, expected, "%s\n got %s\nwant %s", malformed[i].text, err.text,
                         expected);
        free(expected);
    }
}

Test(policy_json, an_operator_without_operand_replaces_one_with)
{
    struct policy policy;
    struct error err = {0};

    cr_assert(parse(HEAD "\"rules\":{\"user.non-root\":{\"fact\":\"user.groups\","
                         "\"operator\":\"empty\"}}}",
                    &policy, &err),
              "%s", err.text);
    const struct rule *rule = policy_rule(&policy, "user.non-root");
    cr_expect_eq(rule->op, OPERATOR_EMPTY);
    cr_expect_eq(policy_operand(&policy, &rule->operand)->type, VALUE_NONE);
    policy_free(&policy);
}

Test(policy_json, there_are_at_least_forty_malformed_policies)
{
    cr_expect_geq(sizeof malformed / sizeof malformed[0], 40);
}

Test(policy_json, nesting_is_bounded)
{
    char text[1024];
    struct policy policy;
    struct error err = {0};

    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_expect_not(parse(text, &policy, &err));
    cr_expect(strstr(err.text, "nested too deeply") != NULL, "%s", err.text);
}

static const char with_profile[] =
    "{\"schema\":\"watertight.policy/1\",\"name\":\"n\",\"extends\":\"%s\",\n"
    "\"params\":{\"seccomp_profile\":%s}}";

Test(policy_json, a_seccomp_profile_lies_beside_the_policy_that_names_it)
{
    static const struct {
        const char *source, *value, *wanted;
    } rows[] = {
        {"dir/p.json", "\"a.json\"", "dir/a.json"},
        {"dir/p.json", "\"/a.json\"", "/a.json"},
        {"p.json", "\"a.json\"", "a.json"},
        {"p.json", "\"\"", NULL},
    };
    struct fact_catalog catalog = observe_catalog();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(mem_free_text) char *text = mem_format(with_profile, "hardened", rows[i].value);
        struct policy policy;
        struct error err = {0};
        cr_assert(policy_parse(text, strlen(text), rows[i].source, &catalog, &policy, &err), "%s",
                  err.text);
        const char *file = policy_seccomp_profile(&policy);
        cr_expect(file == rows[i].wanted || strcmp(file, rows[i].wanted) == 0, "%s", file);
        policy_free(&policy);
    }
    fact_catalog_free(&catalog);
}

Test(policy_json, a_seccomp_profile_that_nothing_compares_with_is_refused)
{
    static const struct {
        const char *base, *value, *problem;
    } rows[] = {
        {"baseline", "\"a.json\"", "p.json:2:11: unknown parameter \"seccomp_profile\""},
        {"hardened", "7", "p.json:2:29: seccomp_profile must be a string"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(mem_free_text) char *text = mem_format(with_profile, rows[i].base, rows[i].value);
        struct policy policy;
        struct error err = {0};
        cr_expect_not(parse(text, &policy, &err));
        cr_expect_eq(strncmp(err.text, rows[i].problem, strlen(rows[i].problem)), 0, "%s",
                     err.text);
        policy_free(&policy);
    }
}
