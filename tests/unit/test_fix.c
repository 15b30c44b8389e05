/*
 * Planning a change, and its formats. The facts are those of a plain `docker run`.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/fix.h"
#include "agent/core/mem.h"
#include "report/fix_format.h"
#include "tests/unit/facts_file.h"

static const struct fix_format *format_of(const char *name)
{
    size_t i = 0;

    while (fix_format_at(i) != NULL && strcmp(fix_format_at(i)->name, name) != 0)
        i++;
    cr_assert_not_null(fix_format_at(i), "%s", name);
    return fix_format_at(i);
}

/* What `watertight fix --format NAME` prints. The caller frees it. */
static char *fix_text(const struct judged_file *file, const char *format)
{
    CLEANUP(fix_free) struct fix fix = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    fix_plan(&file->facts, &file->policy, &file->findings, &fix);
    format_of(format)->write(&fix, &file->findings, &file->policy, out);
    (void)fclose(out);
    return text;
}

static void expect_fix(const struct judged_file *file, const char *format, const char *expected)
{
    char *text = fix_text(file, format);

    cr_expect_str_eq(text, expected);
    free(text);
}

static void expect_in_fix(const struct judged_file *file, const char *words, bool is_there)
{
    char *text = fix_text(file, "docker");

    cr_expect_eq(strstr(text, words) != NULL, is_there, "%s:\n%s", words, text);
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

static struct strset *param_set(struct judged_file *file, const char *name)
{
    return &policy_param(&file->policy, name)->value.set;
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

static void put_write(struct judged_file *file, const char *path, const char *value,
                      const char *param)
{
    const struct fact_key *key = facts_file_row(file, "filesystem.write", "/")->key;

    (void)facts_put_text(&file->facts, key, path, value);
    strset_add(param_set(file, param), path);
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

/* Puts a set in place of a fact's value, and in turn each word of it. */
static void put_words(struct judged_file *file, const char *key, const char *const *words)
{
    struct fact *row = facts_file_row(file, key, NULL);

    strset_free(&row->value.set);
    for (; *words != NULL; words++)
        strset_add(&row->value.set, *words);
    facts_file_judge_again(file);
}

/* The root, a tmpfs, a volume and the engine's own /dev: each is mended in another way. */
Test(fix, of_a_set_of_paths_is_the_one_for_each_ones_place)
{
    static const char *const words[] = {"/", "/data", "/dev", "/run/cache", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "strict");
    const struct fact_key *key = facts_file_row(&file, "mount.type", "/")->key;

    (void)facts_put_text(&file.facts, key, "/dev", "tmpfs");
    put_words(&file, "mount.write_exec", words);
    expect_in_fix(
        &file, "--read-only  # filesystem.protected-path, mounts.read-only-root, mounts.w", true);
    expect_in_fix(&file, "--tmpfs=/run/cache:nosuid,nodev,noexec,mode=1777  # mounts.write-exec\n",
                  true);
    expect_in_fix(&file, "# remove: write access of --volume at /data (let it end in :ro)  # mou",
                  true);
    expect_in_fix(&file, "--user=1000:1000  # mounts.write-exec, user.non-root", true);
    expect_in_fix(&file, "--tmpfs=/dev:", false);
    facts_file_free(&file);
}

Test(fix, does_not_write_protect_a_volume_that_has_to_be_writable)
{
    static const char *const words[] = {"/data", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "strict");

    put_write(&file, "/data", "writable", "writable_paths");
    put_words(&file, "mount.write_exec", words);
    expect_in_fix(&file, "# cannot be fixed: mounts.write-exec: it has to be writable, and of a vo",
                  true);
    expect_in_fix(&file, "write access of", false);
    facts_file_free(&file);
}

Test(fix, puts_a_tmpfs_in_place_of_a_volume_at_tmp)
{
    struct judged_file file = facts_file_judge("docker-plain", "strict");

    (void)facts_put_text(&file.facts, facts_file_row(&file, "mount.type", "/")->key, "/tmp",
                         "ext4");
    expect_in_fix(&file, "# remove: --volume at /tmp  # mounts.tmp-options\n", true);
    expect_in_fix(&file, "--tmpfs=/tmp:nosuid,nodev,noexec,mode=1777  # mounts.tmp-options", true);
    facts_file_free(&file);
}

/* Whose --read-only leaves /run, /var/tmp and more writable, also where nothing was before. */
Test(fix, adds_what_podman_needs_only_where_podman_runs_the_container)
{
    struct judged_file file = facts_file_judge("docker-plain", "strict");
    struct fact *runtime = facts_file_row(&file, "runtime.name", NULL);

    expect_in_fix(&file, "--read-only-tmpfs", false);
    value_free(&runtime->value);
    runtime->value = value_text("podman");
    expect_in_fix(&file, "--read-only-tmpfs=false  # mounts.write-exec\n", true);
    facts_file_free(&file);
    file = facts_file_judge("docker-plain", "hardened");
    value_free(&facts_file_row(&file, "runtime.name", NULL)->value);
    facts_file_row(&file, "runtime.name", NULL)->value = value_text("podman");
    expect_in_fix(&file, "--read-only-tmpfs", false);
    facts_file_free(&file);
}

Test(fix, makes_root_another_user_where_only_that_keeps_it_off_dev)
{
    static const char *const words[] = {"/dev", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "strict");
    const struct fact_key *key = facts_file_row(&file, "mount.type", "/")->key;

    policy_rule(&file.policy, "user.non-root")->enabled = false;
    policy_rule(&file.policy, "user.uid-range")->enabled = false;
    (void)facts_put_text(&file.facts, key, "/dev", "tmpfs");
    put_words(&file, "mount.write_exec", words);
    expect_in_fix(&file, "--user=1000:1000  # mounts.write-exec, user.non-root-group\n", true);
    facts_file_free(&file);
}

Test(fix, names_the_mount_that_brings_a_socket_and_says_where_none_does)
{
    static const char *const mounted[] = {"/data/docker.sock", "/data/run/docker.sock", NULL};
    static const char *const inside[] = {"/run/docker.sock", NULL};
    static const char *const abstract[] = {"@/containerd-shim/x", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "baseline");

    put_words(&file, "socket.runtime", mounted);
    expect_in_fix(&file, "# remove: --volume at /data  # mounts.runtime-socket\n", true);
    put_words(&file, "socket.runtime", inside);
    expect_in_fix(&file, "# cannot be fixed: mounts.runtime-socket: it lies on no volume", true);
    put_words(&file, "socket.runtime", abstract);
    expect_in_fix(&file, "# remove: --network=host  # mounts.runtime-socket\n", true);
    facts_file_free(&file);
}

Test(fix, names_every_place_of_a_path_of_the_host)
{
    static const char *const words[] = {"/srv", "tmpfs", NULL};
    static const char *const mounts[][2] = {{"/a", "/srv"}, {"/b", "tmpfs"}, {"/c", "/srv"}};
    static const struct fact_key key = {
        .name = "mount.from_host", .type = VALUE_TEXT, .subjects = SUBJECTS_ALL};
    struct judged_file file = facts_file_judge("docker-plain", "baseline");

    for (size_t i = 0; i < 3; i++)
        (void)facts_put_text(&file.facts, &key, mounts[i][0], mounts[i][1]);
    put_words(&file, "mount.host_paths", words);
    expect_in_fix(&file,
                  "# remove: --volume of /srv at /a  # mounts.host-path\n"
                  "# remove: --volume of /srv at /c  # mounts.host-path\n"
                  "# remove: --volume of tmpfs at /b  # mounts.host-path\n",
                  true);
    facts_file_free(&file);
}

/* Facts of an older version. */
Test(fix, names_a_path_of_the_host_whose_place_is_not_known)
{
    static const char *const words[] = {"/srv", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "baseline");

    put_words(&file, "mount.host_paths", words);
    expect_in_fix(&file, "# remove: --volume of /srv at an unknown place  # mounts.host-path\n",
                  true);
    facts_file_free(&file);
}

Test(fix, names_so_many_devices_together)
{
    struct judged_file file = facts_file_judge("docker-plain", "baseline");
    struct fact *row = facts_file_row(&file, "device.nodes", NULL);

    for (int i = 0; i < 200; i++) {
        CLEANUP(mem_free_text) char *node = mem_format("c 4:%d /dev/tty%d", i, i);
        strset_add(&row->value.set, node);
    }
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# remove: --device or --volume of each of 200  # devices.unexpected\n",
                  true);
    expect_in_fix(&file, "/dev/tty7", false);
    facts_file_free(&file);
}

Test(fix, of_a_token_depends_on_whether_a_mount_brings_it)
{
    static const char *const place = "/run/secrets/kubernetes.io/serviceaccount";
    struct judged_file file = facts_file_judge("docker-plain", "strict");

    strset_add(&facts_file_row(&file, "secret.service_account_paths", NULL)->value.set,
               "/run/secrets/kubernetes.io/serviceaccount/token");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# cannot be fixed: secrets.service-account-token: the image holds it",
                  true);
    (void)facts_put_text(&file.facts, facts_file_row(&file, "mount.type", "/")->key, place,
                         "tmpfs");
    expect_in_fix(&file, "# cannot be fixed: secrets.service-account-token", false);
    expect_in_fix(&file, "# remove: --volume at /run/secrets/kubernetes.io/serviceaccount", true);
    facts_file_free(&file);
}

/* What engines mount by themselves is no volume that could be removed. */
Test(fix, of_a_kernels_path_names_a_mount_only_where_one_is_more_than_the_engines)
{
    struct judged_file file = facts_file_judge("docker-plain", "baseline");
    struct fact *row = facts_file_row(&file, "kernel.path", "/proc/keys");
    const struct fact_key *key = facts_file_row(&file, "mount.type", "/")->key;

    value_free(&row->value);
    row->value = value_text("readable");
    row->state = FACT_KNOWN;
    (void)facts_put_text(&file.facts, key, "/proc", "proc");
    facts_file_judge_again(&file);
    expect_in_fix(&file, "# remove: --security-opt=unmask  # mounts.kernel-masks\n", true);
    expect_in_fix(&file, "--volume at", false);
    (void)facts_put_text(&file.facts, key, "/proc/keys", "ext4");
    expect_in_fix(&file, "# remove: --volume at /proc/keys  # mounts.kernel-masks\n", true);
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
