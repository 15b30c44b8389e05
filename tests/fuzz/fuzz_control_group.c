/*
 * Fuzzes the parser of /proc/PID/cgroup, and the search for the files in a mount table.
 */
#include <stdint.h>
#include <string.h>

#include "probes/control_group.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char strings[][32] = {"/docker", "/sys/fs/cgroup", "ro", "", "cgroup2", "cgroup", "rw"};
    static struct mount_entry entry = {.root = strings[0],
                                       .mount_point = strings[1],
                                       .options = strings[2],
                                       .propagation = strings[3],
                                       .type = strings[4],
                                       .source = strings[5],
                                       .super_options = strings[6]};
    const struct mount_table mounts = {.entries = &entry, .count = 1};
    struct control_groups groups;
    struct control_group_place place;
    struct error err = {0};

    if (!control_groups_parse((const char *)data, size, &groups, &err)) {
        if (err.text[0] == '\0')
            __builtin_trap(); /* a refusal must say why */
    } else if (control_group_find(&groups, &mounts, "memory", &place, &err)) {
        if (place.path[0] != '\0' && place.path[0] != '/')
            __builtin_trap(); /* it is put behind the mount point */
        control_group_place_free(&place);
    }
    control_groups_free(&groups);
    return 0;
}
