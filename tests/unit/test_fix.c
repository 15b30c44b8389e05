/*
 * Planning a change, and its formats. The facts are those of a plain `docker run`.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "tests/unit/fix_fixture.h"

static void expect_fix(const struct judged_file *file, const char *format, const char *expected)
{
    char *text = fix_text(file, format);

    cr_expect_str_eq(text, expected);
    free(text);
}

static void set_integer(struct judged_file *file, const char *prefix, int64_t integer)
{
    static const char *const kinds[] = {"real", "effective", "saved", "filesystem"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        CLEANUP(mem_free_text) char *key = mem_format("%s.%s", prefix, kinds[i]);
        facts_file_row(file, key, NULL)->value.integer = integer;
    }
    facts_file_judge_again(file);
}

Test(fix, of_a_plain_container_is_the_hardened_one)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    expect_fix(&file, "docker",
               "# remove: --cap-add"
               "  # capabilities.bounding, capabilities.effective, capabilities.permitted\n"
               "# remove: --group-add=0  # user.non-root-group\n"
               "# remove: --group-add=root  # user.non-root-group\n"
               "# remove: --tmpfs=/tmp  # filesystem.writable-path\n"
               "--cap-drop=ALL"
               "  # capabilities.bounding, capabilities.effective, capabilities.permitted\n"
               "--cap-add=NET_BIND_SERVICE"
               "  # capabilities.bounding, capabilities.effective, capabilities.permitted\n"
               "--user=1000:1000  # user.non-root, user.non-root-group, user.uid-range\n"
               "--security-opt=no-new-privileges  # privileges.no-new-privileges\n"
               "--read-only  # filesystem.protected-path, mounts.read-only-root\n"
               "--tmpfs=/tmp:nosuid,nodev,noexec,mode=1777  # filesystem.writable-path\n");
    facts_file_free(&file);
}

Test(fix, for_kubernetes_has_a_part_for_the_pod_and_one_for_the_container)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");
    char *text = fix_text(&file, "kubernetes");

    cr_expect_not_null(strstr(text, "spec:\n"
                                    "  volumes:\n"
                                    "    - name: tmp  # filesystem.writable-path\n"
                                    "      emptyDir: {}  # filesystem.writable-path\n"
                                    "  containers:\n"
                                    "    - name: app\n"
                                    "      securityContext:\n"),
                       "%s", text);
    cr_expect_not_null(strstr(text, "        runAsUser: 1000  # user.non-root,"), "%s", text);
    free(text);
    facts_file_free(&file);
}

Test(fix, keeps_the_user_where_only_the_group_fails_and_the_group_where_only_the_user_does)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    set_integer(&file, "user.uid", 2000);
    expect_in_fix(&file, "--user=2000:1000  # user.non-root-group\n", true);
    set_integer(&file, "user.uid", 0);
    set_integer(&file, "user.gid", 7);
    expect_in_fix(&file, "--user=1000:7  # user.non-root, user.uid-range\n", true);
    facts_file_free(&file);
}

Test(fix, chooses_a_user_that_the_policy_takes)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    policy_param(&file.policy, "min_uid")->value.integer = 10000;
    facts_file_judge_again(&file);
    expect_in_fix(&file, "--user=10000:1000 ", true);
    facts_file_free(&file);
}

Test(fix, gives_back_no_capability_that_was_not_there)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    strset_add(param_set(&file, "allowed_capabilities"), "CAP_CHOWN");
    strset_add(param_set(&file, "allowed_capabilities"), "CAP_SYS_TIME");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "--cap-add=CHOWN ", true);
    expect_in_fix(&file, "SYS_TIME", false);
    strset_free(param_set(&file, "allowed_capabilities"));
    facts_file_judge_again(&file);
    expect_in_fix(&file, "\n--cap-add=", false);
    facts_file_free(&file);
}

/* A rule that takes away what it names, as one about variables of the environment would. */
Test(fix, names_each_word_that_is_too_much)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");
    struct fix_side *side =
        &policy_rule(&file.policy, "capabilities.effective")->fix.sides[FIX_DOCKER];

    tree_free(&side->remove);
    side->remove.kind = TREE_LIST;
    tree_add_scalar(&side->remove, NULL, value_text("--take={excess}"));
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# remove: --take=SYS_CHROOT  # capabilities.effective\n", true);
    expect_in_fix(&file, "--take=NET_BIND_SERVICE", false);
    facts_file_free(&file);
}

Test(fix, changes_nothing_for_failures_below_the_threshold)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    file.policy.fail_on = SEVERITY_HIGH;
    expect_in_fix(&file, "--read-only", false);
    expect_in_fix(&file, "--user=1000:1000", false); /* the group's failure is of medium severity */
    expect_in_fix(&file, "--user=1000:0  # user.non-root\n", true);
    file.policy.fail_on = SEVERITY_CRITICAL;
    expect_fix(&file, "docker", "# nothing fails under policy hardened\n");
    facts_file_free(&file);
}

Test(fix, says_that_a_volume_must_be_changed_itself)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    put_write(&file, "/data/new", "EACCES", "writable_paths");
    put_write(&file, "/run/cache", "EACCES", "writable_paths");
    put_write(&file, "/data", "writable", "read_only_paths");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# cannot be fixed: filesystem.writable-path /data/new: it lies on a vol",
                  true);
    expect_in_fix(&file, "--tmpfs=/data", false);
    expect_in_fix(&file, "--tmpfs=/run/cache:nosuid,nodev,noexec,mode=1777 ", true);
    expect_in_fix(&file, "# cannot be fixed: filesystem.protected-path /data: it lies on a mount",
                  true);
    facts_file_free(&file);
}

Test(fix, keeps_paths_writable_that_the_change_itself_would_break)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    put_write(&file, "/srv", "writable", "writable_paths");
    put_write(&file, "/data", "writable", "writable_paths");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "--tmpfs=/srv:nosuid,nodev,noexec,mode=1777  # filesystem.writable-path\n",
                  true);
    expect_in_fix(&file, "--tmpfs=/data", false);
    facts_file_free(&file);
}

Test(fix, cannot_be_forged_by_the_name_of_a_path)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");

    put_write(&file, "/a b'\n--privileged", "missing", "writable_paths");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "\n--privileged", false);
    expect_in_fix(&file, "'--tmpfs=/a b'\\'' --privileged:nosuid,nodev,noexec,mode=1777'", true);
    facts_file_free(&file);
}

Test(fix, says_what_is_not_known_and_what_no_rule_tells_how_to_fix)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");
    struct fact *row = facts_file_row(&file, "seccomp.mode", NULL);

    value_free(&row->value);
    row->state = FACT_UNKNOWN;
    row->reason = mem_copy("a test\nsays so");
    rule_fix_free(&policy_rule(&file.policy, "user.non-root")->fix);
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# cannot be fixed: user.non-root: the rule does not say how\n", true);
    expect_in_fix(&file,
                  "# not known: seccomp.enabled: seccomp.mode could not be determined: "
                  "a test says so\n",
                  true);
    facts_file_free(&file);
}

Test(fix, of_two_rules_that_contradict_each_other_is_said)
{
    struct judged_file file = facts_file_judge("docker-plain", "hardened");
    struct tree *add = &policy_rule(&file.policy, "user.uid-range")->fix.sides[FIX_DOCKER].add;

    value_free(&tree_member(add, "user")->scalar);
    tree_member(add, "user")->scalar = value_text("web");
    expect_in_fix(&file, "# cannot be fixed: user.uid-range: what it needs contradicts", true);
    facts_file_free(&file);
}
