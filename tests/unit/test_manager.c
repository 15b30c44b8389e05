/*
 * The managers of system containers, told by the mounts of real ones; and gVisor's kernel.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/host_path.h"
#include "probes/manager.h"
#include "probes/sandbox_kernel.h"
#include "tests/unit/fixture.h"

static struct mount_table parse(char *text)
{
    struct mount_table table = {0};
    struct error err = {0};

    cr_assert(mount_table_parse(text, strlen(text), &table, &err), "%s", err.text);
    return table;
}

Test(manager, each_is_told_by_mounts_that_only_it_makes)
{
    static const struct {
        const char *name;
        enum manager manager;
    } tables[] = {
        {"mountinfo/lxc", MANAGER_LXC},       {"mountinfo/lxc-hardened", MANAGER_LXC},
        {"mountinfo/lxc-lxcfs", MANAGER_LXC}, {"mountinfo/lxc-unprivileged", MANAGER_LXC},
        {"mountinfo/nspawn", MANAGER_NSPAWN}, {"mountinfo/bubblewrap", MANAGER_NONE},
        {"mountinfo/docker", MANAGER_NONE},   {"mountinfo/gvisor", MANAGER_NONE},
        {"mountinfo/host", MANAGER_NONE},     {"mountinfo/podman", MANAGER_NONE},
    };

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        size_t length = 0;
        struct mount_table table = parse(fixture_read(tables[i].name, &length));
        cr_expect_eq(mount_table_manager(&table), tables[i].manager, "%s", tables[i].name);
        mount_table_free(&table);
    }
}

/* Two lines of nspawn's lie below a covered folder: what is seen counts. */
Test(manager, what_nspawn_mounts_in_every_container_is_not_the_hosts)
{
    size_t length = 0;
    struct mount_table table = parse(fixture_read("mountinfo/nspawn", &length));
    const struct mount_entry *const *visible = table.visible;
    struct host_paths paths;

    host_paths_survey(&table, &paths);
    for (size_t k = 0; k < table.visible_count; k++) {
        enum host_path_kind kind = host_path_kind(&paths, visible[k]);
        cr_expect(kind == HOST_PATH_NONE || kind == HOST_PATH_MEMORY, "%s",
                  visible[k]->mount_point);
    }
    host_paths_free(&paths);
    mount_table_free(&table);
}

Test(sandbox_kernel, gvisor_does_not_tell_a_volume_from_a_path_of_the_host)
{
    static const struct {
        const char *point;
        enum host_path_kind kind;
    } lines[] = {
        {"/", HOST_PATH_NONE},
        {"/mnt", HOST_PATH_UNTOLD},
        {"/etc", HOST_PATH_UNTOLD},
        {"/etc/hosts", HOST_PATH_SECRET},
        {"/dev/shm", HOST_PATH_MEMORY},
        {"/run/secrets/db", HOST_PATH_SECRET},
        {"/dev/kvm", HOST_PATH_UNTOLD},
        {"/run/.containerenv", HOST_PATH_SECRET},
        {"/run/secrets/kubernetes.io/serviceaccount", HOST_PATH_MEMORY},
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct mount_table table =
            parse(mem_format("9 8 0:11 / %s rw - 9p none rw,trans=fd,rfdno=4\n", lines[i].point));
        struct host_paths paths;
        host_paths_survey(&table, &paths);
        paths.is_gvisor = true;
        cr_expect_eq(host_path_kind(&paths, &table.entries[0]), lines[i].kind, "%s",
                     lines[i].point);
        host_paths_free(&paths);
        mount_table_free(&table);
    }
}

Test(sandbox_kernel, gvisor_is_told_from_linux)
{
    static const char build[] = "#1 SMP Sun Jan 10 15:06:54 PST 2016";

    cr_expect(sandbox_kernel_is_gvisor("4.4.0", build));
    cr_expect(sandbox_kernel_is_gvisor("4.19.0-gvisor", NULL));
    cr_expect_not(sandbox_kernel_is_gvisor("4.4.0", "#1 SMP Mon Jan 11 15:06:54 PST 2016"));
    cr_expect_not(sandbox_kernel_is_gvisor(NULL, NULL));
}
