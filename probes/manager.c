/*
 * The managers of system containers. See manager.h.
 *
 * LXC: src/lxc/conf.c (lxc_setup_boot_id) and config/templates/common.conf. systemd-nspawn:
 * src/nspawn/nspawn.c (setup_timezone, setup_propagate, mount_tunnel_dig).
 */
#include "probes/manager.h"

#include <string.h>

#include "probes/mount_kind.h"

static const char *const names[] = {
    [MANAGER_NONE] = "", [MANAGER_LXC] = "lxc", [MANAGER_NSPAWN] = "systemd-nspawn"};

static bool is_at(const struct mount_entry *entry, const char *point)
{
    return strcmp(entry->mount_point, point) == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t wanted = strlen(end);

    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

const char *manager_nspawn_name(const struct mount_entry *entry)
{
    static const char folder[] = "/systemd/nspawn/propagate/";
    const char *found = strstr(entry->root, folder);

    if (found == NULL || !is_at(entry, "/run/host/incoming"))
        return NULL;
    return found + sizeof folder - 1;
}

/* Each container gets a boot id of its own, which LXC keeps in a file of its /dev. */
static bool is_lxc_boot_id(const struct mount_entry *entry)
{
    return strcmp(entry->root, "/.lxc-boot-id") == 0 &&
           ends_with(entry->mount_point, "/sys/kernel/random/boot_id");
}

enum manager mount_table_manager(const struct mount_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (is_lxc_boot_id(&table->entries[i]))
            return MANAGER_LXC;
        if (manager_nspawn_name(&table->entries[i]) != NULL)
            return MANAGER_NSPAWN;
    }
    return MANAGER_NONE;
}

const char *manager_name(enum manager manager)
{
    return names[manager];
}

/* Read-only, a file of the distribution's, and a folder that only receives. */
static bool is_of_nspawn(const struct mount_entry *entry)
{
    if (!mount_has_option(entry, "ro"))
        return false;
    return manager_nspawn_name(entry) != NULL ||
           (is_at(entry, "/run/host/os-release") && ends_with(entry->root, "/os-release")) ||
           (is_at(entry, "/etc/localtime") && strstr(entry->root, "/zoneinfo/") != NULL);
}

/*
 * The folder where a fusectl would be mounted: an empty one, in any sysfs. With a fusectl there,
 * the container's root can abort the host's FUSE mounts, and that is not ordinary.
 */
static bool is_of_lxc(const struct mount_entry *entry)
{
    static const char root[] = "/fs/fuse/connections";

    return strcmp(entry->type, "sysfs") == 0 && strcmp(entry->root, root) == 0 &&
           is_at(entry, "/sys/fs/fuse/connections");
}

bool manager_makes_mount(enum manager manager, const struct mount_entry *entry)
{
    if (manager == MANAGER_NSPAWN)
        return is_of_nspawn(entry);
    return manager == MANAGER_LXC && is_of_lxc(entry);
}
