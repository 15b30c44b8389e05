/*
 * Fuzzes the parsers of the limits of control groups: a limit is none, or not negative.
 */
#include <stdint.h>

#include "probes/limit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct error err = {0};
    int64_t limit = 0;

    if (limit_text_number(text, size, &limit, &err) && limit < LIMIT_NONE)
        __builtin_trap();
    if (limit_text_cpu_max(text, size, &limit, &err) && limit < LIMIT_NONE)
        __builtin_trap();
    if (limit_text_stat(text, size, "hierarchical_memory_limit", &limit, &err) &&
        limit < LIMIT_NONE)
        __builtin_trap();
    (void)limit_text_signed(text, size, &limit, &err);
    return 0;
}
