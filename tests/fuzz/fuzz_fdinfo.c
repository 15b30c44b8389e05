/*
 * Fuzzes the parsers of /proc/PID/fdinfo/N.
 */
#include <stdint.h>

#include "probes/fdinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    int mount = -1;
    bool is_read = fdinfo_mount((const char *)data, size, &mount, &err);

    if (is_read ? mount < 0 : err.text[0] == '\0')
        __builtin_trap();
    struct fdinfo_process process = {.number = -2};
    err = (struct error){0};
    is_read = fdinfo_process((const char *)data, size, &process, &err);
    if (is_read ? process.number < -1 || process.depth == 0 : err.text[0] == '\0')
        __builtin_trap();
    return 0;
}
