/*
 * Fuzzes the parser of /proc/PID/mountinfo, and the look-ups in what it gives.
 */
#include <stdint.h>
#include <stdlib.h>

#include "agent/core/mem.h"
#include "probes/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mount_table table = {0};
    struct error err = {0};

    if (!mount_table_parse(mem_copy_n((const char *)data, size), size, &table, &err)) {
        if (err.text[0] == '\0' || table.count != 0)
            __builtin_trap();
        return 0;
    }
    const struct mount_entry *const *visible = table.visible;
    size_t count = table.visible_count;
    if (count > table.count)
        __builtin_trap();
    for (size_t i = 0; i < count && i < 8; i++) {
        if (mount_table_find(&table, visible[i]->mount_point) != visible[i])
            __builtin_trap();
    }
    mount_table_free(&table);
    return 0;
}
