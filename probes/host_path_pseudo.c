/*
 * The kernel's own file systems among the mounts. See host_path_pseudo.h.
 *
 * Engines mount a new proc and a new sysfs, and protect paths of that proc by read-only binds of
 * itself: those have its device number. What is mounted below and is of another proc or sysfs, or
 * can be written to, somebody asked for.
 */
#include "probes/host_path_pseudo.h"

#include <string.h>

#include "probes/mount_kind.h"
#include "probes/target.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char sysfs_path[] = "/sys";
static const char devices_path[] = "/dev";

static bool is_of_type(const struct mount_entry *entry, const char *type)
{
    return strcmp(entry->type, type) == 0;
}

const char *host_path_pseudo_place(const struct mount_entry *entry)
{
    if (is_of_type(entry, "proc"))
        return target_procfs_path;
    return is_of_type(entry, "sysfs") ? sysfs_path : "";
}

/* --- proc and sysfs ------------------------------------------------------------------------- */

/* LXC and systemd-nspawn leave these writable: they show the network namespace only. */
static bool is_of_network(const struct mount_entry *entry)
{
    static const struct {
        const char *type;
        const char *root;
    } parts[] = {{"proc", "/sys/net"}, {"sysfs", "/devices/virtual/net"}};
    const char *place = host_path_pseudo_place(entry);

    for (size_t i = 0; i < COUNT(parts); i++) {
        if (is_of_type(entry, parts[i].type) && strcmp(entry->root, parts[i].root) == 0)
            return path_is_below(entry->mount_point, place) &&
                   strcmp(entry->mount_point + strlen(place), parts[i].root) == 0;
    }
    return false;
}

/* What NVIDIA's runtime shows of the host's proc: the cards that the container has. */
static bool is_of_nvidia(const struct mount_entry *entry)
{
    return is_of_type(entry, "proc") && path_is_below(entry->root, "/driver/nvidia") &&
           mount_has_option(entry, "ro");
}

/* A proc below /proc, or a sysfs below /sys, where one of that device number is mounted. */
static enum host_path_kind view_kind(const struct mount_entry *entry, uint64_t device)
{
    bool is_same = mount_device(entry) == device;

    if (mount_is_whole(entry) && strcmp(entry->mount_point, host_path_pseudo_place(entry)) == 0)
        return is_of_type(entry, "sysfs") ? HOST_PATH_NETWORK : HOST_PATH_NONE;
    if (is_of_nvidia(entry) || (is_same && is_of_network(entry)))
        return HOST_PATH_NONE;
    /* systemd-nspawn and bubblewrap put /sys together from read-only parts, on a tmpfs. */
    bool is_own = is_same || device == 0;
    return is_own && mount_has_option(entry, "ro") ? HOST_PATH_NONE
                                                   : host_path_part_or_whole(entry);
}

/* --- file systems that are one for the whole kernel ----------------------------------------- */

static bool is_of_kernel(const struct mount_entry *entry)
{
    static const char *const types[] = {
        "bpf",     "configfs",   "debugfs",    "efivarfs",  "fusectl", "nfsd",   "pstore",
        "resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "tracefs"};

    /* systemd-nspawn mounts it read-only, for programs that ask whether SELinux is there. */
    if (is_of_type(entry, "selinuxfs") && mount_has_option(entry, "ro"))
        return false;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (is_of_type(entry, types[i]))
            return true;
    }
    return false;
}

/* Writable at its usual place, which is the fact kernel.protection. */
static bool is_asked_elsewhere(const struct mount_entry *entry)
{
    static const struct {
        const char *type;
        const char *place;
    } places[] = {
        {"debugfs", "/sys/kernel/debug"},
        {"efivarfs", "/sys/firmware/efi/efivars"},
        {"securityfs", "/sys/kernel/security"},
        {"tracefs", "/sys/kernel/tracing"},
        /* The kernel mounts it there by itself, once somebody looks into a debugfs. */
        {"tracefs", "/sys/kernel/debug/tracing"},
    };

    for (size_t i = 0; i < COUNT(places) && !mount_has_option(entry, "ro"); i++) {
        if (is_of_type(entry, places[i].type) && strcmp(entry->mount_point, places[i].place) == 0)
            return true;
    }
    return false;
}

/*
 * Every engine mounts a new devpts, and lets everybody open its ptmx, as /dev/ptmx leads there; a
 * host has a node of its own at /dev/ptmx, and keeps the kernel's default (devpts.rst).
 */
static bool is_terminals_of_host(const struct mount_entry *entry)
{
    return is_of_type(entry, "devpts") && mount_is_whole(entry) &&
           mount_has_option(entry, "ptmxmode=000");
}

/* --- kinds ---------------------------------------------------------------------------------- */

/* Below /proc, /sys and /dev. */
static enum host_path_kind inner_kind(const struct host_paths *paths,
                                      const struct mount_entry *entry)
{
    /* LXD and Incus keep a whole proc and sysfs here for containers inside the container. */
    if (path_is_below(entry->mount_point, "/dev/.lxc"))
        return HOST_PATH_NONE;
    if (is_of_type(entry, "proc"))
        return view_kind(entry, paths->proc_device);
    if (is_of_type(entry, "sysfs"))
        return view_kind(entry, paths->sys_device);
    if (is_of_kernel(entry))
        return is_asked_elsewhere(entry) ? HOST_PATH_NONE : HOST_PATH_KERNEL;
    return is_terminals_of_host(entry) ? HOST_PATH_WHOLE : HOST_PATH_NONE;
}

enum host_path_kind host_path_pseudo_kind(const struct host_paths *paths,
                                          const struct mount_entry *entry)
{
    /* There is one devtmpfs in a kernel, and it is not the container's. */
    if (is_of_type(entry, "devtmpfs"))
        return host_path_part_or_whole(entry);
    if (path_is_below(entry->mount_point, target_procfs_path) ||
        path_is_below(entry->mount_point, sysfs_path) ||
        path_is_below(entry->mount_point, devices_path))
        return inner_kind(paths, entry);
    if (is_of_type(entry, "nsfs") || mount_device(entry) == paths->proc_device)
        return HOST_PATH_NONE;
    return host_path_part_or_whole(entry);
}
