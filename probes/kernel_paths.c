/*
 * The table of the kernel's paths. See kernel_paths.h.
 */
#include "probes/kernel_paths.h"

#include <linux/magic.h>
#include <string.h>

#include "agent/core/mem.h"

#define PROC(file, ...)                                                                            \
    {                                                                                              \
        .place = PLACE_PROCFS, .name = file, .filesystem = PROC_SUPER_MAGIC, __VA_ARGS__           \
    }
#define SYS(file)                                                                                  \
    {                                                                                              \
        .place = PLACE_SYSFS, .name = file, .filesystem = SYSFS_MAGIC                              \
    }
/* Where a file system of its own is mounted, or, in most containers, nothing is. */
#define MOUNT_POINT(where, file, magic)                                                            \
    {                                                                                              \
        .place = where, .name = file, .filesystem = magic                                          \
    }

static const struct kernel_path paths[] = {
    PROC("acpi"),
    PROC("asound"),
    PROC("bus"),
    PROC("config.gz"), /* what the kernel was built with */
    PROC("fs"),
    PROC("interrupts"), /* the machine's; newer engines mask it */
    PROC("irq", .sample = "default_smp_affinity"),
    PROC("kallsyms", .content = CONTENT_SYMBOLS),
    PROC("kcore"),
    PROC("keys"),
    /* Reading would take messages away from the host's log daemon (syslog(2)). */
    PROC("kmsg", .content = CONTENT_CONSUMED),
    PROC("latency_stats"),
    PROC("sched_debug"),
    PROC("scsi"),
    PROC("sys", .sample = "kernel/core_pattern"),
    MOUNT_POINT(PLACE_PROCFS, "sys/fs/binfmt_misc/register", BINFMTFS_MAGIC),
    PROC("sys/kernel/core_pattern"),
    PROC("sys/kernel/hotplug"),
    PROC("sys/kernel/modprobe"),
    PROC("sysrq-trigger"),
    PROC("timer_list"),
    PROC("timer_stats"),
    SYS(""),
    SYS("devices/virtual/powercap"),
    SYS("firmware"),
    MOUNT_POINT(PLACE_SYSFS, "firmware/efi/efivars", EFIVARFS_MAGIC),
    MOUNT_POINT(PLACE_SYSFS, "fs/bpf", BPF_FS_MAGIC),
    MOUNT_POINT(PLACE_SYSFS, "fs/selinux", SELINUX_MAGIC),
    MOUNT_POINT(PLACE_SYSFS, "kernel/debug", DEBUGFS_MAGIC),
    MOUNT_POINT(PLACE_SYSFS, "kernel/security", SECURITYFS_MAGIC),
    MOUNT_POINT(PLACE_SYSFS, "kernel/tracing", TRACEFS_MAGIC),
    SYS("kernel/uevent_helper"),
    SYS("kernel/vmcoreinfo"),
};

const struct kernel_path *kernel_path_at(size_t index)
{
    return index < sizeof paths / sizeof paths[0] ? &paths[index] : NULL;
}

char *kernel_path_text(const struct kernel_path *path, const char *const places[2])
{
    const char *place = places[path->place];
    char *text = mem_new(strlen(place) + strlen(path->name) + 2, 1);
    char *end = stpcpy(text, place);

    /* Not formatted: each of dozens of paths is needed several times in a run. */
    if (path->name[0] != '\0')
        (void)stpcpy(stpcpy(end, "/"), path->name);
    return text;
}
