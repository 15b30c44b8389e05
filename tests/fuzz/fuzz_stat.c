/*
 * Fuzzes the parser of /proc/PID/stat: a name never reaches beyond its buffer.
 */
#include <stdint.h>
#include <string.h>

#include "probes/process_stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct process_stat stat;
    struct error err = {0};

    if (!process_stat_parse((const char *)data, size, &stat, &err))
        return 0;
    if (strlen(stat.name) >= sizeof stat.name || stat.pid < 0 || stat.parent < 0)
        __builtin_trap();
    return 0;
}
