/*
 * Fuzzes the reader of policies, over the probes' own facts.
 */
#include <stdint.h>
#include <string.h>

#include "agent/policy_json.h"
#include "probes/observe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fact_catalog catalog = observe_catalog();
    struct policy policy;
    struct error err = {0};

    /* An error names its place: the source comes first (or a file that is extended). */
    if (!policy_parse((const char *)data, size, "p", &catalog, &policy, &err)) {
        if (err.text[0] == '\0')
            __builtin_trap();
    } else if (policy.rule_count == 0) {
        __builtin_trap();
    }
    policy_free(&policy);
    fact_catalog_free(&catalog);
    return 0;
}
