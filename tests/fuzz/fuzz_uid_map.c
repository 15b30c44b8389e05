/*
 * Fuzzes the parser of /proc/PID/uid_map. What it gives is its own input again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/id_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    char *map = NULL;
    char *again = NULL;
    uint32_t inside = 0;

    if (id_map_inside((const char *)data, size, 100000, &inside) && inside == UINT32_MAX)
        __builtin_trap();

    if (!id_map_fold((const char *)data, size, &map, &err)) {
        if (err.text[0] == '\0')
            __builtin_trap();
        return 0;
    }
    if (!id_map_fold(map, strlen(map), &again, &err) || strcmp(map, again) != 0)
        __builtin_trap();
    free(map);
    free(again);
    return 0;
}
