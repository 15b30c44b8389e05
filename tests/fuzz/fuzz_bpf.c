/*
 * Fuzzes the interpreter of filters: a program that is taken for valid ends, within its bounds.
 */
#include <stdint.h>
#include <string.h>

#include "probes/bpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct seccomp_data data = {.nr = 1};
    struct sock_filter code[512];
    size_t length = size / sizeof code[0];

    if (length > sizeof code / sizeof code[0])
        return 0;
    memcpy(code, bytes, length * sizeof code[0]);
    if (bpf_is_valid(code, length))
        (void)bpf_run(code, length, &data);
    return 0;
}
