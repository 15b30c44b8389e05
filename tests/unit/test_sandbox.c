/*
 * Rules that mean nothing under a sandbox's own kernel, and root in a user namespace. The facts are
 * those of tests/fixtures/README: real ones, but for Kata's and Firecracker's.
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

/* Of a profile to compare with there is none, and what the control group opens is seen where one is
 * mounted, which is not LXC's default, and of no use in a user namespace. */
static void expect_no_skip(const struct judged_file *file)
{
    for (size_t i = 0; i < file->findings.count; i++) {
        const struct finding *row = &file->findings.rows[i];
        cr_expect(row->status != STATUS_SKIP || strcmp(row->rule->id, "seccomp.profile") == 0 ||
                      strcmp(row->rule->id, "devices.cgroup") == 0,
                  "%s", row->rule->id);
    }
}

/* LXC and systemd-nspawn share the host's kernel: every rule means what it says. */
Test(sandbox, a_system_container_is_judged_as_any_other)
{
    static const char *const names[] = {"lxc", "lxc-unprivileged", "nspawn"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct judged_file file = facts_file_judge(names[i], "hardened");
        expect_no_skip(&file);
        cr_expect_eq(file.findings.totals[STATUS_UNKNOWN], 0);
        cr_expect_eq(facts_file_finding(&file, "seccomp.enabled", NULL)->status, STATUS_PASS);
        cr_expect_eq(facts_file_finding(&file, "user.non-root", NULL)->status, STATUS_FAIL);
        facts_file_free(&file);
    }
}

/* Their mounts, terminals and shared mounts are in every container of theirs. */
Test(sandbox, what_managers_make_in_every_container_is_no_finding)
{
    static const char *const names[] = {"lxc", "lxc-hardened", "lxc-unprivileged", "nspawn",
                                        "bubblewrap"};
    static const char *const rules[] = {"integrity.procfs",      "devices.unexpected",
                                        "mounts.host-path",      "mounts.propagation",
                                        "mounts.runtime-socket", "descriptors.host"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct judged_file file = facts_file_judge(names[i], "hardened");
        for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
            const struct finding *row = facts_file_finding(&file, rules[k], NULL);
            cr_expect_eq(row->status, STATUS_PASS, "%s: %s", names[i], row->message);
        }
        facts_file_free(&file);
    }
}

/* Unlike OCI engines, they mask nothing of /proc that only tells. */
Test(sandbox, what_managers_leave_unmasked_is_a_finding)
{
    static const char *const names[] = {"lxc", "lxc-unprivileged", "nspawn"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct judged_file file = facts_file_judge(names[i], "hardened");
        const struct finding *row = facts_file_finding(&file, "mounts.kernel-masks", "/proc/keys");
        cr_expect_eq(row->status, STATUS_FAIL, "%s: %s", names[i], row->message);
        facts_file_free(&file);
    }
}

Test(sandbox, an_lxc_container_that_is_confined_passes)
{
    struct judged_file file = facts_file_judge("lxc-hardened", "hardened");

    cr_expect_eq(findings_verdict(&file.findings, SEVERITY_LOW), VERDICT_PASS);
    facts_file_free(&file);
}

/* Capabilities over gVisor's kernel are none over the host's. */
Test(sandbox, no_container_of_gvisors_is_called_privileged)
{
    struct judged_file file = facts_file_judge("gvisor", "hardened");
    struct fact *row = facts_file_row(&file, "privileges.container", NULL);

    value_free(&row->value);
    row->value = value_text("nearly privileged");
    facts_file_judge_again(&file);
    cr_expect_eq(facts_file_finding(&file, "privileges.container", NULL)->status, STATUS_SKIP);
    facts_file_free(&file);
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
