/*
 * Fuzzes the recognition of secrets in the environment.
 */
#include <stdint.h>

#include "agent/core/mem.h"
#include "probes/secret_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(mem_free_text) char *entry = mem_copy_n((const char *)data, size);
    size_t length = 0;

    if (secret_name_kind(entry, &length) != SECRET_NONE && (length >= size || entry[length] != '='))
        __builtin_trap();
    return 0;
}
