/*
 * Fuzzes the parser of the limits of a process: what it takes for a limit, the kernel could set.
 */
#include <stdint.h>

#include "probes/rlimit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct resource_limits limits;
    struct error err = {0};

    if (!rlimit_text_parse((const char *)data, size, &limits, &err))
        return 0;
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        if (limits.known[i] && limits.of[i].rlim_cur > limits.of[i].rlim_max)
            __builtin_trap();
    }
    return 0;
}
