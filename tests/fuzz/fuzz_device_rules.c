/*
 * Fuzzes the parser of devices.list: what is read are numbers of devices, or any.
 */
#include <stddef.h>
#include <stdint.h>

#include "probes/device_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {.at = (const char *)data, .end = (const char *)data + size};
    struct span line;
    struct error err = {0};
    struct device_rule rule = {0};

    while (span_line(&rest, &line)) {
        if (!device_rule_parse(line, &rule, &err))
            continue;
        if (rule.major < DEVICE_RULE_ANY || rule.major > UINT32_MAX ||
            rule.minor < DEVICE_RULE_ANY || rule.minor > UINT32_MAX)
            __builtin_trap();
    }
    return 0;
}
