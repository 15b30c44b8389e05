/*
 * Kinds of file systems. See mount_kind.h.
 */
#include "probes/mount_kind.h"

#include <string.h>

#include "probes/digits.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* By the names of /proc/filesystems; "fuse" stands for "fuse.sshfs" as well. */
static const struct {
    const char *type;
    enum mount_kind kind;
} kinds[] = {
    {"9p", MOUNT_SHARED},          {"afs", MOUNT_NETWORK},       {"autofs", MOUNT_PSEUDO},
    {"binfmt_misc", MOUNT_PSEUDO}, {"bpf", MOUNT_PSEUDO},        {"ceph", MOUNT_NETWORK},
    {"cgroup", MOUNT_PSEUDO},      {"cgroup2", MOUNT_PSEUDO},    {"cifs", MOUNT_NETWORK},
    {"configfs", MOUNT_PSEUDO},    {"debugfs", MOUNT_PSEUDO},    {"devpts", MOUNT_PSEUDO},
    {"devtmpfs", MOUNT_PSEUDO},    {"efivarfs", MOUNT_PSEUDO},   {"fuse", MOUNT_SHARED},
    {"fusectl", MOUNT_PSEUDO},     {"hugetlbfs", MOUNT_MEMORY},  {"lustre", MOUNT_NETWORK},
    {"mqueue", MOUNT_PSEUDO},      {"nfs", MOUNT_NETWORK},       {"nfs4", MOUNT_NETWORK},
    {"nfsd", MOUNT_PSEUDO},        {"nsfs", MOUNT_PSEUDO},       {"proc", MOUNT_PSEUDO},
    {"pstore", MOUNT_PSEUDO},      {"ramfs", MOUNT_MEMORY},      {"resctrl", MOUNT_PSEUDO},
    {"rpc_pipefs", MOUNT_PSEUDO},  {"securityfs", MOUNT_PSEUDO}, {"selinuxfs", MOUNT_PSEUDO},
    {"smb3", MOUNT_NETWORK},       {"smackfs", MOUNT_PSEUDO},    {"sysfs", MOUNT_PSEUDO},
    {"tmpfs", MOUNT_MEMORY},       {"tracefs", MOUNT_PSEUDO},    {"virtiofs", MOUNT_SHARED},
};

enum mount_kind mount_kind(const struct mount_entry *entry)
{
    struct span type = {.at = entry->type, .end = entry->type + strcspn(entry->type, ".")};

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (span_is(type, kinds[i].type))
            return kinds[i].kind;
    }
    return MOUNT_STORAGE;
}

bool mount_is_whole(const struct mount_entry *entry)
{
    return strcmp(entry->root, "/") == 0;
}

uint64_t mount_device(const struct mount_entry *entry)
{
    return (uint64_t)entry->major << 32 | entry->minor;
}

static bool list_has(const char *list, const char *option)
{
    const char *at = list;

    for (;;) {
        size_t length = strcspn(at, ",");
        if (span_is((struct span){.at = at, .end = at + length}, option))
            return true;
        if (at[length] == '\0')
            return false;
        at += length + 1;
    }
}

bool mount_is_kata(const struct mount_entry *entry)
{
    return strcmp(entry->source, "kataShared") == 0 &&
           (strcmp(entry->type, "virtiofs") == 0 || strcmp(entry->type, "9p") == 0);
}

bool mount_has_option(const struct mount_entry *entry, const char *option)
{
    return list_has(entry->options, option) || list_has(entry->super_options, option);
}

bool path_is_below(const char *path, const char *directory)
{
    size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}
