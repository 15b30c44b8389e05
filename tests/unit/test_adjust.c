/*
 * Policies fitted to the command line. Over the probes' own catalogue and policies.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/adjust.h"
#include "agent/core/mem.h"
#include "agent/policy_json.h"
#include "probes/observe.h"

enum { ARGUMENTS_MAX = 8 };

/* A policy of one rule that has no parameters. */
static const char bare_policy[] =
    "{\"schema\":\"watertight.policy/1\",\"name\":\"bare\",\"rules\":{\"my.rule\":{"
    "\"title\":\"t\",\"severity\":\"low\",\"fact\":\"seccomp.mode\",\"operator\":\"is\","
    "\"operand\":\"filter\"}}}";

struct adjusted {
    struct options options;
    struct fact_catalog catalog;
    struct policy policy;
    struct error err;
    bool ok;
};

/* Loads the policy ("bare": the one above) and adjusts it by the options (ended by NULL). */
static struct adjusted adjust(const char *policy, const char *const *words)
{
    struct adjusted out = {.catalog = observe_catalog()};
    char *arguments[ARGUMENTS_MAX + 2] = {(char *)"watertight"};
    int count = 1;

    for (; count <= ARGUMENTS_MAX && words[count - 1] != NULL; count++)
        arguments[count] = (char *)words[count - 1];
    cr_assert(options_parse(count, arguments, &out.options, &out.err), "%s", out.err.text);
    cr_assert(options_settle(&out.options, &command_check, 0, &out.err), "%s", out.err.text);
    bool is_loaded = strcmp(policy, "bare") == 0
                         ? policy_parse(bare_policy, strlen(bare_policy), "bare", &out.catalog,
                                        &out.policy, &out.err)
                         : policy_load(policy, &out.catalog, &out.policy, &out.err);
    cr_assert(is_loaded, "%s", out.err.text);
    out.ok = adjust_policy(&out.options, &out.catalog, &out.policy, &out.err);
    return out;
}

#define ADJUST(policy, ...) adjust(policy, (const char *const[]){__VA_ARGS__, NULL})

static void adjusted_free(struct adjusted *adjusted)
{
    policy_free(&adjusted->policy);
    fact_catalog_free(&adjusted->catalog);
    options_free(&adjusted->options);
}

static void expect_param(const struct adjusted *adjusted, const char *name, const char *joined)
{
    const struct param *param = policy_param(&adjusted->policy, name);

    cr_assert_not_null(param);
    CLEANUP(mem_free_text) char *words = strset_join(&param->value.set, " ");
    cr_expect_str_eq(words, joined);
}

Test(adjust, nothing_given_changes_nothing)
{
    struct adjusted adjusted = ADJUST("hardened", NULL);

    cr_expect(adjusted.ok);
    for (size_t i = 0; i < adjusted.policy.rule_count; i++) {
        const char *id = adjusted.policy.rules[i].id;
        cr_expect_eq(adjusted.policy.rules[i].enabled, strcmp(id, "seccomp.profile") != 0, "%s",
                     id);
        cr_expect_null(adjusted.policy.rules[i].skip_reason);
    }
    expect_param(&adjusted, "writable_paths", "/tmp");
    adjusted_free(&adjusted);
}

Test(adjust, only_leaves_all_other_rules_out)
{
    struct adjusted adjusted = ADJUST("hardened", "--only", "user.,seccomp.enabled");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    for (size_t i = 0; i < adjusted.policy.rule_count; i++) {
        const struct rule *rule = &adjusted.policy.rules[i];
        bool is_meant =
            strncmp(rule->id, "user.", 5) == 0 || strcmp(rule->id, "seccomp.enabled") == 0;
        cr_expect_eq(rule->enabled, is_meant, "%s", rule->id);
    }
    adjusted_free(&adjusted);
}

Test(adjust, skip_keeps_the_rule_and_says_why)
{
    struct adjusted adjusted = ADJUST("hardened", "--skip", "capabilities.");
    const struct rule *skipped = policy_rule(&adjusted.policy, "capabilities.bounding");
    const struct rule *kept = policy_rule(&adjusted.policy, "user.non-root");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    cr_expect(skipped->enabled);
    cr_expect_str_eq(skipped->skip_reason, "skipped by --skip");
    cr_expect_null(kept->skip_reason);
    adjusted_free(&adjusted);
}

Test(adjust, allowed_capabilities_add_up_in_their_standard_spelling)
{
    struct adjusted adjusted = ADJUST("hardened", "--allow-cap", "chown,CAP_KILL");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    expect_param(&adjusted, "allowed_capabilities", "CAP_CHOWN CAP_KILL CAP_NET_BIND_SERVICE");
    adjusted_free(&adjusted);
}

Test(adjust, a_path_moves_from_one_parameter_to_the_other)
{
    struct adjusted adjusted =
        ADJUST("hardened", "--writable", "//etc/./", "--writable=/data", "--read-only", "/tmp/");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    expect_param(&adjusted, "writable_paths", "/data /etc");
    expect_param(&adjusted, "read_only_paths", "/ /tmp /usr/bin");
    adjusted_free(&adjusted);
}

Test(adjust, the_root_is_a_path)
{
    struct adjusted adjusted = ADJUST("hardened", "--writable", "/");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    expect_param(&adjusted, "writable_paths", "/ /tmp");
    expect_param(&adjusted, "read_only_paths", "/etc /usr/bin");
    adjusted_free(&adjusted);
}

Test(adjust, fail_on_replaces_that_of_the_policy)
{
    struct adjusted adjusted = ADJUST("hardened", "--fail-on", "critical");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    cr_expect_eq(adjusted.policy.fail_on, SEVERITY_CRITICAL);
    adjusted_free(&adjusted);
}

Test(adjust, what_would_check_nothing_or_the_wrong_thing_is_refused)
{
    static const struct {
        const char *policy;
        const char *words[ARGUMENTS_MAX];
        const char *message;
    } cases[] = {
        {"hardened",
         {"--only", "user.nonroot"},
         "--only: no rule of policy hardened matches \"user.nonroot\"; did you mean "
         "user.non-root?"},
        {"hardened", {"--only", "user"}, "--only: no rule of policy hardened matches \"user\""},
        {"hardened", {"--skip", "zz."}, "--skip: no rule of policy hardened matches \"zz.\""},
        {"hardened",
         {"--only", "seccomp.", "--skip", "seccomp."},
         "no rule of policy hardened is left to check"},
        {"hardened",
         {"--only", "filesystem.protected-path", "--writable", "/,/etc,/usr/bin"},
         "no rule of policy hardened is left to check"},
        {"hardened",
         {"--allow-cap", "SYS_AMDIN"},
         "--allow-cap: unknown capability \"SYS_AMDIN\"; did you mean CAP_SYS_ADMIN?"},
        {"hardened", {"--allow-cap", "qqqq"}, "--allow-cap: unknown capability \"qqqq\""},
        {"hardened",
         {"--writable", "data"},
         "--writable: \"data\" is not an absolute path of printable characters"},
        {"hardened",
         {"--read-only", "/a\nb"},
         "--read-only: \"/a\nb\" is not an absolute path of printable characters"},
        {"hardened",
         {"--read-only", "/a\x1b[m"},
         "--read-only: \"/a\x1b[m\" is not an absolute path of printable characters"},
        {"hardened", {"--writable", "/a/../b"}, "--writable: a path must not contain \"..\""},
        {"hardened",
         {"--writable", "/a/", "--read-only", "//a"},
         "/a cannot be both --writable and --read-only"},
        {"bare",
         {"--allow-cap", "CHOWN"},
         "--allow-cap: policy bare has no parameter allowed_capabilities"},
        {"bare", {"--writable", "/a"}, "--writable: policy bare has no parameter writable_paths"},
        {"baseline",
         {"--read-only", "/a"},
         "--read-only: policy baseline has no parameter read_only_paths"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct adjusted adjusted = adjust(cases[i].policy, cases[i].words);
        cr_expect_not(adjusted.ok, "case %zu", i);
        cr_expect_str_eq(adjusted.err.text, cases[i].message);
        adjusted_free(&adjusted);
    }
}

Test(adjust, a_rule_that_the_policy_disables_cannot_be_selected)
{
    static const char text[] =
        "{\"schema\":\"watertight.policy/1\",\"name\":\"mine\",\"extends\":\"hardened\","
        "\"rules\":{\"user.non-root\":{\"enabled\":false}}}";
    struct fact_catalog catalog = observe_catalog();
    struct policy policy;
    struct options options = {0};
    struct error err = {0};
    char *arguments[] = {(char *)"watertight", (char *)"--only=user.non-root", NULL};

    cr_assert(policy_parse(text, strlen(text), "mine", &catalog, &policy, &err), "%s", err.text);
    cr_assert(options_parse(2, arguments, &options, &err));
    cr_expect_not(adjust_policy(&options, &catalog, &policy, &err));
    cr_expect_str_eq(err.text, "--only: policy mine disables user.non-root");
    options_free(&options);
    policy_free(&policy);
    fact_catalog_free(&catalog);
}

Test(adjust, a_seccomp_profile_brings_its_rule_in)
{
    struct adjusted adjusted = ADJUST("hardened", "--seccomp-profile=dir/p.json");

    cr_expect(adjusted.ok, "%s", adjusted.err.text);
    cr_expect(policy_rule(&adjusted.policy, "seccomp.profile")->enabled);
    cr_expect_str_eq(policy_seccomp_profile(&adjusted.policy), "dir/p.json");
    adjusted_free(&adjusted);
}

Test(adjust, a_seccomp_profile_needs_a_policy_that_compares)
{
    struct adjusted adjusted = ADJUST("baseline", "--seccomp-profile=p.json");

    cr_expect_not(adjusted.ok);
    cr_expect_str_eq(adjusted.err.text,
                     "--seccomp-profile: policy baseline has no rule seccomp.profile");
    adjusted_free(&adjusted);
}

Test(adjust, asking_for_the_comparison_needs_a_seccomp_profile)
{
    struct adjusted adjusted = ADJUST("hardened", "--only=user.non-root,seccomp.profile");

    cr_expect_not(adjusted.ok);
    cr_expect_str_eq(adjusted.err.text, "--only: seccomp.profile needs --seccomp-profile");
    adjusted_free(&adjusted);
}
