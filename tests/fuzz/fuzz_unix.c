/*
 * Fuzzes the parser of /proc/PID/net/unix: names that are found begin with the prefix.
 */
#include <stdint.h>
#include <string.h>

#include "probes/unix_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strset found = {0};
    struct error err = {0};

    if (!unix_table_abstract((const char *)data, size, "@/c", &found, &err) && err.text[0] == '\0')
        __builtin_trap();
    for (size_t i = 0; i < found.count; i++) {
        if (strncmp(found.items[i], "@/c", 3) != 0)
            __builtin_trap();
    }
    strset_free(&found);
    return 0;
}
