/*
 * Fuzzes the reader of what a check's child sends.
 */
#include <stdint.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/serve_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing passes against its checks, nor the whole against one of its containers. */
static void expect_consistent(const struct result *result, const struct result_container *container)
{
    bool is_pass = container->verdict == VERDICT_PASS;

    for (size_t i = 0; i < container->check_count; i++) {
        if (is_pass && result_counts(result, &container->checks[i]))
            __builtin_trap();
    }
    if (!is_pass && result->verdict == VERDICT_PASS)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result *result = NULL;
    struct error err = {0};
    char *copy = mem_new(size + 1, 1);

    memcpy(copy, data, size);
    bool ok = result_decode(copy, size, &result, &err);
    if (!ok && err.text[0] == '\0')
        __builtin_trap(); /* a refusal must say why */
    for (size_t i = 0; ok && i < result->container_count; i++)
        expect_consistent(result, &result->containers[i]);
    result_release(result);
    return 0;
}
