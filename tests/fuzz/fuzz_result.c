/*
 * Fuzzes the reader of what a check's child sends.
 */
#include <stdint.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/serve_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result *result = NULL;
    struct error err = {0};
    char *copy = mem_new(size + 1, 1);

    memcpy(copy, data, size);
    bool ok = result_decode(copy, size, &result, &err);
    if (!ok && err.text[0] == '\0')
        __builtin_trap(); /* a refusal must say why */
    for (size_t i = 0; ok && i < result->check_count; i++) {
        if (result->verdict == VERDICT_PASS && result_counts(result, &result->checks[i]))
            __builtin_trap();
    }
    result_release(result);
    return 0;
}
