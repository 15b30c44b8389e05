/*
 * Which mounts show a path of the host: real engines' tables, and one line a case.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/host_path.h"
#include "probes/runtime_socket.h"
#include "tests/unit/fixture.h"

#define POD "/var/lib/kubelet/pods/6f1d1b3e-7f2f-4d55-9a4e-2f6f6f3a9c11"
#define ID "3c5f1d2e4a6b7c8d9e0f3c5f1d2e4a6b7c8d9e0f3c5f1d2e4a6b7c8d9e0f1234"

struct line {
    const char *text;
    enum host_path_kind kind;
    const char *source; /* NULL: not asked */
};

static struct mount_table parse(char *text)
{
    struct mount_table table = {0};
    struct error err = {0};

    cr_assert(mount_table_parse(text, strlen(text), &table, &err), "%s", err.text);
    return table;
}

/* Each line stands behind `before`, and is judged alone with it. */
static void expect_kinds(const char *before, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mount_table table = parse(mem_format("%s%s\n", before, lines[i].text));
        const struct mount_entry *entry = &table.entries[table.count - 1];
        struct host_paths paths;
        host_paths_survey(&table, &paths);
        cr_expect_eq(host_path_kind(&paths, entry), lines[i].kind, "%s: %d", lines[i].text,
                     (int)host_path_kind(&paths, entry));
        if (lines[i].source != NULL) {
            CLEANUP(mem_free_text) char *source = host_path_source(lines[i].kind, entry);
            cr_expect_str_eq(source, lines[i].source);
        }
        host_paths_free(&paths);
        mount_table_free(&table);
    }
}

#define EXPECT_KINDS(before, lines) expect_kinds(before, lines, sizeof(lines) / sizeof(lines)[0])

Test(host_path, what_engines_mount_in_an_ordinary_container_is_not_the_hosts)
{
    static const char *const names[] = {
        "mountinfo/docker",          "mountinfo/podman", "mountinfo/containerd-kubernetes",
        "mountinfo/crio-kubernetes", "mountinfo/kata",   "mountinfo/lxc",
        "mountinfo/lxc-lxcfs",       "mountinfo/gvisor",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = 0;
        struct mount_table table = parse(fixture_read(names[i], &length));
        struct host_paths paths;
        host_paths_survey(&table, &paths);
        for (size_t k = 0; k < table.count; k++) {
            enum host_path_kind kind = host_path_kind(&paths, &table.entries[k]);
            cr_expect(kind == HOST_PATH_NONE || kind == HOST_PATH_MEMORY ||
                          kind == HOST_PATH_NETWORK,
                      "%s: %s", names[i], table.entries[k].mount_point);
        }
        host_paths_free(&paths);
        mount_table_free(&table);
    }
}

Test(host_path, what_looks_like_a_managers_own_counts_elsewhere)
{
    static const struct line lines[] = {
        {"9 1 254:1 /usr/share/zoneinfo/UTC /etc/localtime ro - ext4 /dev/vda1 rw", HOST_PATH_PART,
         NULL},
        {"9 1 254:1 /usr/lib/os-release /run/host/os-release ro - ext4 /dev/vda1 rw",
         HOST_PATH_PART, NULL},
        {"9 1 0:22 /fs/fuse/connections /sys/fs/fuse/connections rw - sysfs sysfs rw",
         HOST_PATH_PART, NULL},
    };
    static const struct line of_lxc[] = {
        {"9 1 0:22 /fs/fuse/connections /sys/fs/fuse/connections rw - sysfs sysfs rw",
         HOST_PATH_NONE, NULL},
        {"9 1 0:22 /fs /sys/fs rw - sysfs sysfs rw", HOST_PATH_PART, NULL},
        {"9 1 0:33 / /sys/fs/fuse/connections rw - fusectl fusectl rw", HOST_PATH_KERNEL, NULL},
    };
    static const struct line of_nspawn[] = {
        {"9 1 254:1 /usr/share/zoneinfo/UTC /etc/localtime ro - ext4 /dev/vda1 rw", HOST_PATH_NONE,
         NULL},
        {"9 1 254:1 /usr/share/zoneinfo/UTC /etc/localtime rw - ext4 /dev/vda1 rw", HOST_PATH_PART,
         NULL},
        {"9 1 254:1 /etc/passwd /etc/localtime ro - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /etc /run/host/incoming ro - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
    };

    EXPECT_KINDS("1 0 0:86 / / rw - overlay overlay rw\n2 1 0:87 / /sys ro - sysfs sysfs rw\n",
                 lines);
    EXPECT_KINDS("1 0 0:86 / / rw - ext4 /dev/vda1 rw\n2 1 0:87 / /sys ro - sysfs sysfs rw\n"
                 "3 1 0:40 /.lxc-boot-id /proc/sys/kernel/random/boot_id ro - tmpfs none rw\n",
                 of_lxc);
    EXPECT_KINDS("1 0 0:86 / / rw - ext4 /dev/vda1 rw\n"
                 "3 1 0:25 /systemd/nspawn/propagate/web /run/host/incoming ro - tmpfs tmpfs rw\n",
                 of_nspawn);
}

Test(host_path, binds_of_docker_and_podman_are_told_from_their_volumes)
{
    static const struct line lines[] = {
        {"9 1 254:1 /etc/ssl /certs ro - ext4 /dev/vda1 rw", HOST_PATH_PART, "/etc/ssl"},
        {"9 1 254:1 / /host rw - ext4 /dev/vda1 rw", HOST_PATH_WHOLE, "/dev/vda1"},
        {"9 1 0:31 /@/srv /srv rw - btrfs /dev/vda1 rw,subvol=/@", HOST_PATH_PART, "/@/srv"},
        {"9 1 0:40 /srv /srv rw - zfs rpool/data rw", HOST_PATH_PART, "/srv"},
        {"9 1 0:41 / /srv rw - zfs rpool/data rw", HOST_PATH_WHOLE, "zfs"},
        {"9 1 0:22 /foo /foo rw - tmpfs tmpfs rw,mode=755", HOST_PATH_PART, "/foo"},
        {"9 1 0:22 / /run rw - tmpfs tmpfs rw,mode=755", HOST_PATH_MEMORY, "tmpfs"},
        {"9 1 254:1 /var/lib/docker/volumes/a/_data /a rw - ext4 /dev/vda1 rw", HOST_PATH_NONE,
         NULL},
        {"9 1 254:2 /volumes/a/_data /a rw - ext4 /dev/vdb rw", HOST_PATH_NONE, NULL},
        {"9 1 254:2 /volumes/a/_data/sub /a rw - ext4 /dev/vdb rw", HOST_PATH_NONE, NULL},
        {"9 1 254:1 /var/lib/nerdctl/1935db59/volumes/default/a/_data /a rw - ext4 /dev/vda1 rw",
         HOST_PATH_NONE, NULL},
        {"9 1 254:1 /srv/volumes/a/_data2 /a rw - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /srv/volumes/a/b/c/_data /a rw - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /x/docker/containers/" ID "/hosts /etc/hosts rw - ext4 /dev/vda1 rw",
         HOST_PATH_NONE, NULL},
        {"9 1 254:1 /x/docker/containers/" ID " /x rw - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /etc/shadow /etc/hosts rw - ext4 /dev/vda1 rw", HOST_PATH_PART, "/etc/shadow"},
        {"9 1 254:1 /etc/hosts /hosts rw - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /usr/bin/tini /sbin/docker-init ro - ext4 /dev/vda1 rw", HOST_PATH_NONE, NULL},
        {"9 1 254:1 /usr/bin/tini /sbin/docker-init rw - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /srv/db_password /run/secrets/db_password ro - ext4 /dev/vda1 rw",
         HOST_PATH_SECRET, NULL},
        {"9 1 254:1 /etc /run/secrets/a/b ro - ext4 /dev/vda1 rw", HOST_PATH_PART, NULL},
        {"9 1 254:1 /srv/rootfs / rw - ext4 /dev/vda1 rw", HOST_PATH_NONE, NULL},
        {"9 1 0:50 / /mnt rw - nfs4 server:/export rw", HOST_PATH_NONE, NULL},
        {"9 1 0:50 /sub /mnt rw - nfs4 server:/export rw", HOST_PATH_PART, NULL},
        {"9 1 0:51 /Users/a /mnt rw - fuse.grpcfuse grpcfuse rw", HOST_PATH_PART, "/Users/a"},
        {"9 1 0:51 / /mnt rw - virtiofs share rw", HOST_PATH_VOLUME, NULL},
    };

    EXPECT_KINDS("1 0 0:86 / / rw - overlay overlay rw,upperdir=/x\n", lines);
}

Test(host_path, file_systems_of_the_kernel_are_the_containers_own_in_their_places)
{
    static const struct line lines[] = {
        {"9 2 0:88 /bus /proc/bus ro - proc proc rw", HOST_PATH_NONE, NULL},
        {"9 2 0:90 /null /proc/keys rw - tmpfs tmpfs rw,mode=755", HOST_PATH_NONE, NULL},
        {"9 1 0:88 / /jail/proc rw - proc proc rw", HOST_PATH_NONE, NULL},
        {"9 1 0:21 / /host/proc rw - proc proc rw", HOST_PATH_WHOLE, "proc"},
        {"9 1 0:22 / /host/sys rw - sysfs sysfs rw", HOST_PATH_WHOLE, "sysfs"},
        {"9 1 0:22 /kernel /kernel rw - sysfs sysfs rw", HOST_PATH_PART, "/sys/kernel"},
        {"9 1 0:28 / /cg rw - cgroup2 cgroup2 rw", HOST_PATH_WHOLE, "cgroup2"},
        {"9 1 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw", HOST_PATH_NONE, NULL},
        {"9 1 0:6 / /dev rw - devtmpfs devtmpfs rw", HOST_PATH_WHOLE, "devtmpfs"},
        {"9 1 0:91 /0 /dev/console rw - devpts devpts rw", HOST_PATH_NONE, NULL},
        {"9 1 0:4 net:[4026532181] /run/netns/a rw - nsfs nsfs rw", HOST_PATH_NONE, NULL},
    };

    EXPECT_KINDS("1 0 0:86 / / rw - overlay overlay rw\n2 1 0:88 / /proc rw - proc proc rw\n"
                 "3 1 0:90 / /dev rw - tmpfs tmpfs rw,mode=755\n",
                 lines);
}

/* Lines of runc and crun, and what a part of the host's adds to them. */
#define OWN_VIEWS                                                                                  \
    "69 43 0:86 / / ro,relatime - overlay overlay rw\n"                                            \
    "70 69 0:40 / /proc rw,relatime - proc proc rw\n"                                              \
    "71 69 0:41 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n"                          \
    "75 69 0:44 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro\n"

Test(host_path, a_part_of_proc_or_sysfs_is_an_engines_own_where_it_protects)
{
    static const struct line lines[] = {
        {"44 70 0:40 /bus /proc/bus ro,relatime - proc proc rw", HOST_PATH_NONE, NULL},
        {"48 70 0:40 /sys /proc/sys ro,relatime - proc proc rw", HOST_PATH_NONE, NULL},
        {"108 91 0:21 /sys/vm /proc/sys/vm rw,relatime - proc proc rw", HOST_PATH_PART,
         "/proc/sys/vm"},
        {"114 108 0:21 /fs /proc/fs ro,relatime - proc proc rw", HOST_PATH_PART, "/proc/fs"},
        {"9 70 0:40 /sys/vm /proc/sys/vm rw,relatime - proc proc rw", HOST_PATH_PART, NULL},
        {"9 70 0:40 / /proc/fs rw,relatime - proc proc rw", HOST_PATH_WHOLE, "proc"},
        {"9 70 0:60 / /proc rw,relatime - proc proc rw", HOST_PATH_NONE, NULL},
        {"87 75 0:22 /module /sys/module rw,relatime - sysfs sysfs rw", HOST_PATH_PART,
         "/sys/module"},
        {"87 75 0:22 /module /sys/module ro,relatime - sysfs sysfs rw", HOST_PATH_PART, NULL},
        {"87 75 0:44 /module /sys/module rw,relatime - sysfs sysfs rw", HOST_PATH_PART, NULL},
        {"87 75 0:44 /module /sys/module ro,relatime - sysfs sysfs rw", HOST_PATH_NONE, NULL},
        {"87 75 0:22 /kernel /dev/kernel rw,relatime - sysfs sysfs rw", HOST_PATH_PART, NULL},
        {"9 75 0:40 /sys/net /sys rw - proc proc rw", HOST_PATH_PART, NULL},
    };

    EXPECT_KINDS(OWN_VIEWS, lines);
}

Test(host_path, what_other_managers_of_containers_mount_of_proc_and_sysfs_is_not_the_hosts)
{
    static const struct line lines[] = {
        /* LXC and systemd-nspawn: of the network namespace. */
        {"9 70 0:40 /sys/net /proc/sys/net rw,nosuid - proc proc rw", HOST_PATH_NONE, NULL},
        {"9 70 0:21 /sys/net /proc/sys/net rw,nosuid - proc proc rw", HOST_PATH_PART, NULL},
        {"9 70 0:40 /sys/net/ipv4 /proc/sys/vm rw,nosuid - proc proc rw", HOST_PATH_PART, NULL},
        {"9 75 0:44 /devices/virtual/net /sys/devices/virtual/net rw - sysfs sysfs rw",
         HOST_PATH_NONE, NULL},
        {"9 75 0:22 /devices/virtual/net /sys/devices/virtual/net rw - sysfs sysfs rw",
         HOST_PATH_PART, NULL},
        /* LXD, nested. */
        {"9 71 0:61 / /dev/.lxc/proc rw - proc proc rw", HOST_PATH_NONE, NULL},
        {"9 71 0:44 / /dev/.lxc/sys rw - sysfs sys rw", HOST_PATH_NONE, NULL},
        /* NVIDIA's. */
        {"9 70 0:21 /driver/nvidia/gpus/0000:00:1e.0 /proc/driver/nvidia/gpus/0000:00:1e.0 "
         "ro,nosuid - proc proc rw",
         HOST_PATH_NONE, NULL},
        {"9 70 0:21 /driver/nvidia /proc/driver/nvidia rw - proc proc rw", HOST_PATH_PART, NULL},
    };
    static const struct line parts[] = {
        {"9 2 0:22 /kernel /sys/kernel ro - sysfs sysfs rw", HOST_PATH_NONE, NULL},
        {"9 2 0:22 /kernel /sys/kernel rw - sysfs sysfs rw", HOST_PATH_PART, "/sys/kernel"},
    };

    EXPECT_KINDS(OWN_VIEWS, lines);
    /* systemd-nspawn. */
    EXPECT_KINDS("1 0 0:86 / / rw - overlay overlay rw\n2 1 0:87 / /sys ro - tmpfs tmpfs rw\n",
                 parts);
}

Test(host_path, file_systems_of_the_whole_kernel_are_named_unless_another_rule_asks_for_them)
{
    static const struct line lines[] = {
        {"87 75 0:47 / /sys/fs/bpf rw,nosuid,nodev,noexec,relatime - bpf bpf rw", HOST_PATH_KERNEL,
         "bpf"},
        {"87 75 0:47 / /sys/fs/bpf ro,relatime - bpf bpf ro", HOST_PATH_KERNEL, NULL},
        {"87 75 0:47 / /sys/fs/fuse/connections ro,relatime - fusectl fusectl ro", HOST_PATH_KERNEL,
         "fusectl"},
        {"87 75 0:47 / /sys/fs/pstore rw,relatime - pstore none rw", HOST_PATH_KERNEL, "pstore"},
        {"87 75 0:13 / /sys/kernel/tracing ro,relatime - tracefs tracefs rw", HOST_PATH_KERNEL,
         "tracefs"},
        {"87 75 0:13 / /sys/kernel/tracing rw,relatime - tracefs tracefs rw", HOST_PATH_NONE, NULL},
        {"87 75 0:13 / /sys/fs/pstore rw,relatime - tracefs tracefs rw", HOST_PATH_KERNEL, NULL},
        {"87 75 0:8 / /sys/kernel/debug ro,relatime - debugfs debugfs rw", HOST_PATH_KERNEL, NULL},
        {"87 75 0:8 / /sys/kernel/debug rw,relatime - debugfs debugfs rw", HOST_PATH_NONE, NULL},
        {"88 87 0:13 / /sys/kernel/debug/tracing rw - tracefs tracefs rw", HOST_PATH_NONE, NULL},
        {"87 75 0:7 / /sys/kernel/security ro - securityfs securityfs rw", HOST_PATH_KERNEL, NULL},
        {"87 75 0:7 / /sys/kernel/security rw - securityfs securityfs rw", HOST_PATH_NONE, NULL},
        {"9 75 0:9 / /sys/firmware/efi/efivars rw - efivarfs efivarfs rw", HOST_PATH_NONE, NULL},
        {"9 75 0:9 / /dev/efivars rw - efivarfs efivarfs rw", HOST_PATH_KERNEL, NULL},
        {"9 75 0:9 / /sys/fs/selinux rw - selinuxfs selinuxfs rw", HOST_PATH_KERNEL, NULL},
        {"9 75 0:9 / /sys/fs/selinux ro - selinuxfs selinuxfs rw", HOST_PATH_NONE, NULL},
        {"9 70 0:9 / /proc/fs/nfsd rw - nfsd nfsd rw", HOST_PATH_KERNEL, NULL},
        {"9 75 0:9 / /sys/kernel/config rw - configfs configfs rw", HOST_PATH_KERNEL, NULL},
        {"74 71 0:39 / /dev/mqueue rw,nosuid - mqueue mqueue rw", HOST_PATH_NONE, NULL},
    };

    EXPECT_KINDS(OWN_VIEWS, lines);
}

Test(host_path, the_hosts_terminals_are_told_from_the_containers_own)
{
    static const struct line lines[] = {
        {"72 71 0:42 / /dev/pts rw,nosuid - devpts devpts rw,gid=5,mode=620,ptmxmode=666",
         HOST_PATH_NONE, NULL},
        {"87 72 0:26 / /dev/pts rw,relatime - devpts devpts rw,mode=600,ptmxmode=000",
         HOST_PATH_WHOLE, "devpts"},
        /* LXC and systemd-nspawn: one terminal of the host. */
        {"9 71 0:26 /3 /dev/console rw - devpts devpts rw,gid=5,mode=620,ptmxmode=000",
         HOST_PATH_NONE, NULL},
    };

    EXPECT_KINDS(OWN_VIEWS, lines);
}

Test(host_path, volumes_of_a_pod_are_told_from_host_paths)
{
    static const struct line lines[] = {
        {"9 1 259:1 " POD "/volumes/kubernetes.io~empty-dir/tmp /tmp rw - ext4 /dev/root rw",
         HOST_PATH_NONE, NULL},
        {"9 1 259:1 " POD "/volumes/kubernetes.io~empty-dir/tmp/sub /d rw - ext4 /dev/root rw",
         HOST_PATH_NONE, NULL},
        {"9 1 259:1 " POD "/containers/app/1c2d3e4f /dev/termination-log rw - ext4 /dev/root rw",
         HOST_PATH_NONE, NULL},
        {"9 1 259:1 " POD " /pod rw - ext4 /dev/root rw", HOST_PATH_PART, NULL},
        {"9 1 259:1 /pods/x/volumes/kubernetes.io~a/b /b rw - ext4 /dev/root rw", HOST_PATH_PART,
         NULL},
        {"9 1 259:1 /var/log /log ro - ext4 /dev/root rw", HOST_PATH_PART, "/var/log"},
        {"9 1 259:1 / /host ro - ext4 /dev/root rw", HOST_PATH_WHOLE, "/dev/root"},
        {"9 1 8:16 / /data rw - ext4 /dev/sdb rw", HOST_PATH_VOLUME, NULL},
        {"9 1 8:16 /mysql /var/lib/mysql rw - ext4 /dev/sdb rw", HOST_PATH_VOLUME, NULL},
        {"9 1 0:270 / /run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw,size=9k",
         HOST_PATH_MEMORY, NULL},
        {"9 1 0:271 /..data/key /etc/key ro - tmpfs tmpfs rw,size=9k,noswap", HOST_PATH_NONE, NULL},
        {"9 1 0:23 /containerd /containerd rw - tmpfs tmpfs rw,size=9k,mode=755", HOST_PATH_PART,
         "/containerd"},
    };

    EXPECT_KINDS("1 0 0:281 / / ro - overlay overlay rw\n"
                 "2 1 259:1 " POD "/etc-hosts /etc/hosts rw - ext4 /dev/root rw\n",
                 lines);
}

Test(host_path, an_overlay_of_a_hosts_folder_is_told_from_an_image)
{
    static const struct line lines[] = {
        {"9 1 0:60 / /x rw - overlay overlay rw,lowerdir=/srv/data,upperdir=/u,workdir=/w",
         HOST_PATH_LOWER, "/srv/data"},
        {"9 1 0:60 / /x rw - overlay overlay rw,lowerdir=/d/overlay2/l/A:/etc", HOST_PATH_LOWER,
         "/etc"},
        {"9 1 0:60 / /x rw - overlay overlay rw,lowerdir+=/d/overlay2/a,lowerdir+=/etc",
         HOST_PATH_LOWER, "/etc"},
        {"9 1 0:60 / /x ro - overlay overlay ro,lowerdir=/c/snapshots/1/fs:/c/snapshots/2/fs",
         HOST_PATH_NONE, NULL},
        {"9 1 0:60 / /x rw - overlay overlay rw,lowerdir=l/AAAA,upperdir=/u", HOST_PATH_VOLUME,
         NULL},
        {"9 1 0:60 /srv /x rw - overlay overlay rw,lowerdir=l/AAAA,upperdir=/u", HOST_PATH_PART,
         "/srv"},
    };

    EXPECT_KINDS("1 0 0:86 / / rw - overlay overlay rw\n", lines);
}

Test(host_path, thousands_of_mounts_are_sorted_out)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    for (int i = 1; i <= 20000; i++)
        (void)fprintf(out, "%d 0 0:%d /a /m/%d rw - tmpfs t rw\n", i, i, i);
    (void)fclose(out);
    struct mount_table table = parse(text);
    struct host_paths paths;
    host_paths_survey(&table, &paths);
    for (size_t i = 0; i < table.count; i++)
        cr_assert_eq(host_path_kind(&paths, &table.entries[i]), HOST_PATH_PART);
    host_paths_free(&paths);
    mount_table_free(&table);
}

Test(runtime_socket, a_socket_is_known_by_its_name_here_or_on_the_host)
{
    static const struct {
        const char *text;
        bool is_named;
    } lines[] = {
        {"9 1 254:1 /run/docker.sock /run/docker.sock rw - ext4 /dev/vda1 rw", true},
        {"9 1 0:22 /docker.sock /tmp/x rw - tmpfs tmpfs rw", true},
        {"9 1 0:22 /x /tmp/containerd.sock rw - tmpfs tmpfs rw", true},
        {"9 1 0:22 /mysqld/mysqld.sock /tmp/mysqld.sock rw - tmpfs tmpfs rw", false},
        {"9 1 0:22 /docker.socket /x rw - tmpfs tmpfs rw", false},
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct mount_table table = parse(mem_format("%s\n", lines[i].text));
        cr_expect_eq(runtime_socket_is_named(&table.entries[0]), lines[i].is_named, "%s",
                     lines[i].text);
        mount_table_free(&table);
    }
}
