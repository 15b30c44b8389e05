/*
 * Fuzzes the parser of /proc/kallsyms: zeros never give an address away.
 */
#include <stdint.h>

#include "agent/core/mem.h"
#include "probes/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(mem_free_text) char *text = mem_copy_n((const char *)data, size);

    (void)kallsyms_has_address(text, size);
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] == '\n' || text[i] == ' ' ? text[i] : '0';
    if (kallsyms_has_address(text, size))
        __builtin_trap();
    return 0;
}
