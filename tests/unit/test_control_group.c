/*
 * The groups of a process, and where their files lie, on both versions of control groups.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/control_group.h"
#include "tests/unit/fixture.h"

static struct mount_table mounts_of(const char *name)
{
    CLEANUP(mem_free_text) char *path = mem_format("mountinfo/%s", name);
    struct mount_table table = {0};
    struct error err = {0};
    size_t length = 0;
    char *text = fixture_read(path, &length);

    cr_assert(mount_table_parse(text, length, &table, &err), "%s", err.text);
    return table;
}

Test(control_group, every_engines_groups_are_read)
{
    static const char *const names[] = {"containerd-kubernetes-v2",
                                        "crio-v2",
                                        "docker-v1",
                                        "docker-v2",
                                        "host",
                                        "kubernetes-v1",
                                        "lxc",
                                        "nspawn",
                                        "podman-v2",
                                        "private-v2",
                                        "runc-v2-host",
                                        "runc-v2-private",
                                        "runc-v2-whole"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(mem_free_text) char *path = mem_format("cgroup/%s", names[i]);
        size_t length = 0;
        CLEANUP(mem_free_text) char *text = fixture_read(path, &length);
        struct control_groups groups;
        struct error err = {0};
        cr_expect(control_groups_parse(text, length, &groups, &err), "%s: %s", names[i], err.text);
        cr_expect_geq(groups.count, 1);
        cr_expect_eq(groups.rows[0].path[0], '/');
        control_groups_free(&groups);
    }
}

/* Finds the files of a controller with these groups and mounts; the caller frees the place. */
static bool find(const char *mounts_name, const char *text, const char *controller,
                 struct control_group_place *place, struct error *err)
{
    struct mount_table mounts = mounts_of(mounts_name);
    struct control_groups groups;

    cr_assert(control_groups_parse(text, strlen(text), &groups, err), "%s", err->text);
    bool is_found = control_group_find(&groups, &mounts, controller, place, err);
    control_groups_free(&groups);
    mount_table_free(&mounts);
    return is_found;
}

Test(control_group, the_files_are_found_below_the_mount)
{
    static const struct {
        const char *mounts, *groups, *controller;
        bool is_v2;
        const char *mount_point, *path;
    } cases[] = {
        {"private-v2", "0::/\n", "memory", true, "/sys/fs/cgroup", ""},
        {"private-v2", "0::/inner/one\n", "pids", true, "/sys/fs/cgroup", "/inner/one"},
        {"host-v2-shared", "0::/system.slice/docker-3c5f.scope\n", "cpu", true, "/sys/fs/cgroup",
         ""},
        {"host-v2-shared", "0::/system.slice/docker-3c5f.scope/a\n", "cpu", true, "/sys/fs/cgroup",
         "/a"},
        {"podman-v1", "5:memory:/machine/libpod-9a8b\n4:cpu,cpuacct:/machine/libpod-9a8b\n0::/x\n",
         "cpu", false, "/sys/fs/cgroup/cpu,cpuacct", ""},
        {"podman-v1", "5:memory:/machine/libpod-9a8b/sub\n", "memory", false,
         "/sys/fs/cgroup/memory", "/sub"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct control_group_place place;
        struct error err = {0};
        cr_assert(find(cases[i].mounts, cases[i].groups, cases[i].controller, &place, &err),
                  "%zu: %s", i, err.text);
        cr_expect_eq(place.is_v2, cases[i].is_v2);
        cr_expect_str_eq(place.mount_point, cases[i].mount_point);
        cr_expect_str_eq(place.path, cases[i].path);
        control_group_place_free(&place);
    }
}

/* What runc mounts on Linux 6.1, and the groups that the process sees there. */
Test(control_group, the_files_are_found_in_real_containers)
{
    static const struct {
        const char *name, *path;
    } cases[] = {
        {"runc-v2-private", ""},
        {"runc-v2-host", "/watertight/limited-shared"},
        {"runc-v2-whole", "/tight/nested"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(mem_free_text) char *path = mem_format("cgroup/%s", cases[i].name);
        size_t length = 0;
        CLEANUP(mem_free_text) char *text = fixture_read(path, &length);
        struct control_group_place place;
        struct error err = {0};
        cr_assert(find(cases[i].name, text, "memory", &place, &err), "%s: %s", path, err.text);
        cr_expect(place.is_v2);
        cr_expect_str_eq(place.mount_point, "/sys/fs/cgroup");
        cr_expect_str_eq(place.path, cases[i].path, "%s", path);
        control_group_place_free(&place);
    }
}

Test(control_group, files_that_are_not_mounted_are_not_guessed)
{
    static const struct {
        const char *mounts, *groups, *controller, *error;
    } cases[] = {
        {"host-v2-shared", "0::/system.slice/docker-3c5f.scopes\n", "cpu", "is not below"},
        {"host-v2-shared", "0::/\n", "cpu", "is not below"},
        {"private-v2", "0::/../other\n", "cpu", "is not below"},
        {"private-v2", "0::/..\n", "cpu", "is not below"},
        {"private-v2", "3:cpu:/\n", "cpu", "no control group file system is mounted for cpu"},
        {"podman-v1", "0::/\n", "memory", "no control group file system is mounted for memory"},
        {"podman-v1", "5:memory:/\n", "pids", "the process is in no control group for pids"},
        {"lxc", "0::/\n", "memory", "no control group file system is mounted for memory"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct control_group_place place;
        struct error err = {0};
        cr_expect_not(find(cases[i].mounts, cases[i].groups, cases[i].controller, &place, &err));
        cr_expect_not_null(strstr(err.text, cases[i].error), "%zu: %s", i, err.text);
        control_group_place_free(&place);
    }
}

Test(control_group, malformed_lines_are_named)
{
    static const char *const cases[] = {
        "0::\n", "0:/\n", "::/\n", "x::/\n", "-1::/\n", "4294967296::/\n", "0::relative\n", "\n",
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct control_groups groups;
        struct error err = {0};
        cr_expect_not(control_groups_parse(cases[i], strlen(cases[i]), &groups, &err), "%s",
                      cases[i]);
        cr_expect_str_eq(err.text, "cgroup: line 1 is malformed");
        control_groups_free(&groups);
    }
}

Test(control_group, a_controller_is_a_whole_word)
{
    cr_expect(control_group_has_word("rw,cpu,cpuacct", "cpu"));
    cr_expect(control_group_has_word("cpu", "cpu"));
    cr_expect_not(control_group_has_word("cpuset,cpuacct", "cpu"));
    cr_expect_not(control_group_has_word("", "cpu"));
}
