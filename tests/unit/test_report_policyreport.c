/*
 * The format policyreport, and where it gets the Pod from: names that Kubernetes takes, results
 * that say what the exit status says.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/pod.h"
#include "tests/unit/report_fixture.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    cr_assert_not_null(found, "%s", name);
    return found;
}

static void expect_word(const cJSON *object, const char *name, const char *expected)
{
    const cJSON *found = member(object, name);

    cr_assert(cJSON_IsString(found), "%s", name);
    cr_expect_str_eq(found->valuestring, expected);
}

/* Of no finding, by a policy of this name, about a container of this id in this Pod. */
static cJSON *write_empty(const char *policy_name, const char *id, struct report_pod pod)
{
    static const struct fact_key key = {.name = "runtime.container_id", .type = VALUE_TEXT};
    struct policy policy = {.name = (char *)policy_name, .source = (char *)"f"};
    struct findings findings = {0};
    struct facts facts = {0};
    struct report report = {
        .tool_version = "1",
        .policy = &policy,
        .facts = &facts,
        .findings = &findings,
        .pid = 7,
        .pod = pod,
        .started = "2026-11-24T00:00:00Z",
    };

    if (id != NULL)
        (void)facts_put_text(&facts, &key, NULL, id);
    char *text = report_fixture_write_report(&report, "policyreport");
    cJSON *root = cJSON_Parse(text);
    cr_assert_not_null(root, "%s", text);
    free(text);
    facts_free(&facts);
    return root;
}

Test(policyreport, each_status_has_its_result)
{
    static const char *const results[] = {"pass", "fail", "fail", "warn", "error", "skip", "skip"};
    char *text = report_fixture_write_all("policyreport", SEVERITY_HIGH);
    cJSON *root = cJSON_Parse(text);

    cr_assert_not_null(root);
    expect_word(root, "apiVersion", "wgpolicyk8s.io/v1alpha2");
    expect_word(root, "kind", "PolicyReport");
    cr_assert_eq(cJSON_GetArraySize(member(root, "results")), 7);
    for (int i = 0; i < 7; i++) {
        const cJSON *result = cJSON_GetArrayItem(member(root, "results"), i);
        expect_word(result, "result", results[i]);
        cr_expect_eq(member(member(result, "timestamp"), "seconds")->valuedouble, 1795478400.0);
        cr_expect_eq(cJSON_IsTrue(member(result, "scored")),
                     strcmp(results[i], "warn") != 0 && strcmp(results[i], "skip") != 0);
    }
    const cJSON *summary = member(root, "summary");
    cr_expect_eq(member(summary, "pass")->valueint, 1);
    cr_expect_eq(member(summary, "fail")->valueint, 2);
    cr_expect_eq(member(summary, "warn")->valueint, 1);
    cr_expect_eq(member(summary, "error")->valueint, 1);
    cr_expect_eq(member(summary, "skip")->valueint, 2);
    cJSON_Delete(root);
    free(text);
}

Test(policyreport, the_name_is_one_that_kubernetes_takes)
{
    const struct report_pod none = {0};
    static const struct {
        const char *policy;
        const char *id;
        const char *pod;
        const char *name;
    } cases[] = {
        {"hardened", "27f19c689f4c0123456789", NULL, "watertight-hardened-27f19c689f4c"},
        {"hardened", NULL, NULL, "watertight-hardened-pid-7"},
        {"hardened", "27f19c689f4c", "shop-0", "watertight-hardened-shop-0"},
        {"Shop API: 2.0!", NULL, NULL, "watertight-shop-api-2-0-pid-7"},
        {"--", "\xc3\xa9.-", NULL, "watertight"},
        {"", "<>", NULL, "watertight"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report_pod pod = none;
        pod.name = cases[i].pod;
        cJSON *root = write_empty(cases[i].policy, cases[i].id, pod);
        expect_word(member(root, "metadata"), "name", cases[i].name);
        cJSON_Delete(root);
    }
}

Test(policyreport, a_long_name_is_cut_and_still_ends_well)
{
    char policy[301];

    (void)memset(policy, 'a', 300);
    policy[99] = '-';
    policy[300] = '\0';
    cJSON *root = write_empty(policy, NULL, (struct report_pod){0});
    const char *name = member(member(root, "metadata"), "name")->valuestring;
    cr_expect_lt(strlen(name), 254);
    report_expect_in(name, "aaa-pid-7");
    cr_expect_null(strstr(name, "--"));
    cJSON_Delete(root);
}

Test(policyreport, the_scope_is_the_pod_that_was_told)
{
    cJSON *without = write_empty("p", NULL, (struct report_pod){0});
    cJSON *with = write_empty("p", NULL, (struct report_pod){"shop-0", "shop", "0b1e"});

    cr_expect_null(cJSON_GetObjectItem(without, "scope"));
    cr_expect_null(cJSON_GetObjectItem(member(without, "metadata"), "namespace"));
    cr_expect_null(cJSON_GetObjectItem(member(without, "metadata"), "ownerReferences"));
    expect_word(member(with, "scope"), "kind", "Pod");
    expect_word(member(with, "scope"), "name", "shop-0");
    expect_word(member(with, "scope"), "namespace", "shop");
    expect_word(member(with, "metadata"), "namespace", "shop");
    const cJSON *owner = cJSON_GetArrayItem(member(member(with, "metadata"), "ownerReferences"), 0);
    expect_word(owner, "uid", "0b1e");
    cr_expect_null(cJSON_GetObjectItem(owner, "namespace"));
    cJSON_Delete(without);
    cJSON_Delete(with);
}

Test(policyreport, without_a_uid_the_report_has_no_owner)
{
    cJSON *root = write_empty("p", NULL, (struct report_pod){.name = "shop-0"});

    cr_expect_null(cJSON_GetObjectItem(member(root, "metadata"), "ownerReferences"));
    cJSON_Delete(root);
}

Test(pod, only_names_that_kubernetes_takes_are_taken)
{
    static const struct {
        const char *text;
        bool is_name;
    } cases[] = {
        {"a", true},         {"shop-api-7d9f-x2", true},
        {"a.b-c.d0", true},  {"", false},
        {"-a", false},       {"a-", false},
        {".a", false},       {"a.", false},
        {"a..b", false},     {"a.-b", false},
        {"a-.b", false},     {"A", false},
        {"a b", false},      {"a\n", false},
        {"\xc3\xa9", false}, {"a/b", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(setenv("POD_NAME", cases[i].text, 1), 0);
        cr_expect_eq(pod_from_environment().name != NULL, cases[i].is_name, "\"%s\"",
                     cases[i].text);
    }
    cr_assert_eq(unsetenv("POD_NAME"), 0);
    cr_expect_null(pod_from_environment().name);
}

Test(pod, a_name_may_have_253_characters)
{
    char name[255] = {0};

    (void)memset(name, 'a', 253);
    cr_assert_eq(setenv("POD_NAMESPACE", name, 1), 0);
    cr_expect_str_eq(pod_from_environment().namespace, name);
    name[253] = 'a';
    cr_assert_eq(setenv("POD_NAMESPACE", name, 1), 0);
    cr_expect_null(pod_from_environment().namespace);
}
