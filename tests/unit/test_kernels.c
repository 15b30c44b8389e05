/*
 * Facts that containers had on kernels with AppArmor, SELinux and control groups v2, judged again
 * (tests/kernels).
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/facts_file.h"

Test(kernels, the_ordinary_hardened_container_passes_on_each)
{
    static const char *const names[] = {"linux-6.1-hardened",       "linux-6.1-limited",
                                        "linux-6.1-user-namespace", "apparmor-enforced",
                                        "apparmor-complaining",     "selinux-container",
                                        "selinux-super-privileged"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct judged_file file = facts_file_judge(names[i], "hardened");
        cr_expect_eq(findings_verdict(&file.findings, SEVERITY_LOW), VERDICT_PASS, "%s", names[i]);
        facts_file_free(&file);
    }
}

Test(kernels, a_module_confines_by_an_enforced_profile_or_a_type_of_containers_only)
{
    static const struct {
        const char *name;
        enum status status;
    } cases[] = {
        {"apparmor-enforced", STATUS_PASS},  {"apparmor-complaining", STATUS_FAIL},
        {"selinux-container", STATUS_PASS},  {"selinux-super-privileged", STATUS_FAIL},
        {"linux-6.1-hardened", STATUS_FAIL}, /* unconfined */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct judged_file file = facts_file_judge(cases[i].name, "strict");
        const struct finding *row = facts_file_finding(&file, "lsm.confined", NULL);
        cr_expect_eq(row->status, cases[i].status, "%s: %s", cases[i].name, row->message);
        cr_expect_eq(file.findings.totals[STATUS_UNKNOWN], 0, "%s", cases[i].name);
        facts_file_free(&file);
    }
}

Test(kernels, limits_of_control_groups_v2_are_told_from_none)
{
    static const char *const rules[] = {"limits.memory", "limits.pids", "limits.cpu"};
    struct judged_file limited = facts_file_judge("linux-6.1-limited", "strict");
    struct judged_file unlimited = facts_file_judge("linux-6.1-hardened", "strict");

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        cr_expect_eq(facts_file_finding(&limited, rules[i], NULL)->status, STATUS_PASS);
        cr_expect_eq(facts_file_finding(&unlimited, rules[i], NULL)->status, STATUS_FAIL);
    }
    facts_file_free(&limited);
    facts_file_free(&unlimited);
}

/* On v2 nobody sees which devices the control group opens: that is skipped, and passes nowhere. */
Test(kernels, a_privileged_container_is_summed_up_on_control_groups_v2)
{
    struct judged_file file = facts_file_judge("linux-6.1-privileged", "hardened");

    cr_expect_eq(facts_file_finding(&file, "privileges.container", NULL)->status, STATUS_FAIL);
    cr_expect_eq(facts_file_finding(&file, "devices.cgroup", NULL)->status, STATUS_SKIP);
    cr_expect_eq(file.findings.totals[STATUS_UNKNOWN], 0);
    facts_file_free(&file);
}
