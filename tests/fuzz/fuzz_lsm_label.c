/*
 * Fuzzes the parser of what security modules say. What it gives is a part of its input.
 */
#include <stdint.h>
#include <string.h>

#include "probes/lsm_label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lsm_label label;
    struct error err = {0};
    bool is_read = lsm_label_parse((const char *)data, size, &label, &err);

    if (!is_read && err.text[0] == '\0')
        __builtin_trap(); /* a refusal must say why */
    if (is_read && strstr(label.text, label.part) == NULL)
        __builtin_trap();
    lsm_label_free(&label);
    return 0;
}
