/*
 * Fuzzes the parser of /proc/PID/status.
 */
#include "probes/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct process_status status;
    struct error err = {0};

    if (!process_status_parse((const char *)data, size, &status, &err) && err.text[0] == '\0')
        __builtin_trap(); /* a refusal must say why */
    process_status_free(&status);
    return 0;
}
