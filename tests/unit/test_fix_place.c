/*
 * What a fix says of paths depends on where they lie. The facts are those of a plain `docker run`.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "tests/unit/fix_fixture.h"

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
Test(fix_place, of_a_set_of_paths_is_the_one_for_each_ones_place)
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

Test(fix_place, does_not_write_protect_a_volume_that_has_to_be_writable)
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

Test(fix_place, puts_a_tmpfs_in_place_of_a_volume_at_tmp)
{
    static const char *const words[] = {"/tmp", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "strict");

    (void)facts_put_text(&file.facts, facts_file_row(&file, "mount.type", "/")->key, "/tmp",
                         "ext4");
    put_words(&file, "mount.write_exec", words);
    expect_in_fix(&file, "cannot be fixed: mounts.write-exec", false);
    expect_in_fix(&file, "# remove: --volume at /tmp  # mounts.tmp-options\n", true);
    expect_in_fix(&file, "--tmpfs=/tmp:nosuid,nodev,noexec,mode=1777  # mounts.tmp-options", true);
    facts_file_free(&file);
}

/* Whose --read-only leaves /run, /var/tmp and more writable, also where nothing was before. */
Test(fix_place, adds_what_podman_needs_only_where_podman_runs_the_container)
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

Test(fix_place, makes_root_another_user_where_only_that_keeps_it_off_dev)
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

Test(fix_place, names_the_mount_that_brings_a_socket_and_says_where_none_does)
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

Test(fix_place, names_every_place_of_a_path_of_the_host)
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
Test(fix_place, names_a_path_of_the_host_whose_place_is_not_known)
{
    static const char *const words[] = {"/srv", NULL};
    struct judged_file file = facts_file_judge("docker-plain", "baseline");

    put_words(&file, "mount.host_paths", words);
    expect_in_fix(&file, "# remove: --volume of /srv at an unknown place  # mounts.host-path\n",
                  true);
    facts_file_free(&file);
}

Test(fix_place, names_so_many_devices_together)
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

Test(fix_place, of_a_token_depends_on_whether_a_mount_brings_it)
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
Test(fix_place, of_a_kernels_path_names_a_mount_only_where_one_is_more_than_the_engines)
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
