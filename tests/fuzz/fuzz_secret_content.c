/*
 * Fuzzes the recognition of credentials in files. What is found does not depend on what follows on
 * another line; the first byte chooses the format.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/secret_content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"token", "password", NULL};

    if (size == 0)
        return 0;
    enum secret_format format = (enum secret_format)(data[0] % (SECRET_WORD + 1));
    /* Exactly as long, so that a byte read beyond is seen. */
    CLEANUP(mem_free_text) char *text = mem_copy_n((const char *)data + 1, size - 1);
    CLEANUP(mem_free_text) char *longer = mem_format("%s\n#", text);
    size_t length = strlen(text);
    bool is_found = secret_content_has(format, names, text, length);

    if (is_found && !secret_content_has(format, names, longer, strlen(longer)))
        __builtin_trap();
    return 0;
}
