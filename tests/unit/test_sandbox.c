/*
 * Rules that mean nothing under a sandbox's own kernel, and root in a user namespace. The facts are
 * made from what these environments print.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/facts_file.h"

static const char *const seccomp_rules[][2] = {
    {"seccomp.enabled", NULL},
    {"seccomp.denied-syscalls", "allow"},
    {"seccomp.denied-calls", "socket(AF_ALG)"},
};

static void expect_seccomp(const char *name, enum status status)
{
    struct judged_file file = facts_file_judge(name, "strict");

    for (size_t i = 0; i < sizeof seccomp_rules / sizeof seccomp_rules[0]; i++) {
        const struct finding *row =
            facts_file_finding(&file, seccomp_rules[i][0], seccomp_rules[i][1]);
        cr_expect_eq(row->status, status, "%s: %s", name, row->message);
        if (status == STATUS_SKIP)
            cr_expect_not_null(strstr(row->message, "not in the host's"), "%s", row->message);
    }
    facts_file_free(&file);
}

Test(sandbox, system_calls_that_end_in_its_own_kernel_are_not_judged)
{
    expect_seccomp("gvisor", STATUS_SKIP);
    expect_seccomp("kata", STATUS_SKIP);
}

Test(sandbox, a_virtual_machine_of_many_containers_changes_nothing)
{
    expect_seccomp("firecracker", STATUS_FAIL);
}

/* LXC and systemd-nspawn share the host's kernel: every rule means what it says. */
Test(sandbox, a_system_container_is_judged_as_any_other)
{
    static const char *const names[] = {"lxc-unprivileged", "nspawn"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct judged_file file = facts_file_judge(names[i], "hardened");
        cr_expect_eq(file.findings.totals[STATUS_SKIP], 0);
        cr_expect_eq(facts_file_finding(&file, "seccomp.enabled", NULL)->status, STATUS_PASS);
        cr_expect_eq(facts_file_finding(&file, "user.non-root", NULL)->status, STATUS_FAIL);
        facts_file_free(&file);
    }
}

Test(sandbox, no_verdict_but_those_of_seccomp_depends_on_it)
{
    struct judged_file file = facts_file_judge("gvisor", "hardened");
    struct fact *row = facts_file_row(&file, "privileges.no_new_privs", NULL);

    cr_expect_eq(findings_verdict(&file.findings, SEVERITY_LOW), VERDICT_PASS);
    row->value.boolean = false;
    facts_file_judge_again(&file);
    cr_expect_eq(findings_verdict(&file.findings, SEVERITY_LOW), VERDICT_FAIL);
    row = facts_file_row(&file, "runtime.sandbox", NULL);
    value_free(&row->value);
    row->state = FACT_UNKNOWN;
    facts_file_judge_again(&file);
    cr_expect_eq(facts_file_finding(&file, "seccomp.enabled", NULL)->status, STATUS_UNKNOWN);
    facts_file_free(&file);
}

static void set_choice(struct judged_file *file, const char *word)
{
    struct param *param = policy_param(&file->policy, "root_in_user_namespace");

    value_free(&param->value);
    param->value = value_text(word);
    facts_file_judge_again(file);
}

static enum status root_status(const struct judged_file *file)
{
    return facts_file_finding(file, "user.non-root", NULL)->status;
}

Test(user_namespace, root_that_is_another_user_outside_is_accepted_where_the_policy_says_so)
{
    struct judged_file file = facts_file_judge("lxc-unprivileged", "hardened");

    cr_expect_eq(root_status(&file), STATUS_FAIL);
    set_choice(&file, "accept");
    const struct finding *row = facts_file_finding(&file, "user.non-root", NULL);
    cr_expect_eq(row->status, STATUS_SKIP);
    cr_expect_not_null(strstr(row->message, "user.namespace_root is 100000"), "%s", row->message);
    cr_expect_not_null(strstr(row->message, "the parent user namespace"), "%s", row->message);
    cr_expect_eq(facts_file_finding(&file, "user.uid-range", NULL)->status, STATUS_SKIP);
    cr_expect_eq(facts_file_finding(&file, "capabilities.effective", NULL)->status, STATUS_FAIL);
    facts_file_free(&file);
}

Test(user_namespace, the_hosts_own_root_is_never_accepted)
{
    struct judged_file file = facts_file_judge("nspawn", "hardened");

    set_choice(&file, "accept");
    cr_expect_eq(root_status(&file), STATUS_FAIL);
    facts_file_free(&file);
}

Test(user_namespace, an_unknown_map_accepts_nothing)
{
    struct judged_file file = facts_file_judge("lxc-unprivileged", "hardened");

    facts_file_row(&file, "user.namespace_root", NULL)->state = FACT_UNKNOWN;
    set_choice(&file, "accept");
    cr_expect_eq(root_status(&file), STATUS_UNKNOWN);
    set_choice(&file, "fail");
    cr_expect_eq(root_status(&file), STATUS_FAIL);
    facts_file_free(&file);
}
