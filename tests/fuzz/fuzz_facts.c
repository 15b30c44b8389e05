/*
 * Fuzzes the reader of facts, judges what it accepts and plans its fix: whatever the facts, that
 * must not fail.
 */
#include <stdint.h>

#include "agent/core/fix.h"
#include "agent/core/judge.h"
#include "agent/facts_json.h"
#include "agent/policy_json.h"
#include "probes/observe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fact_catalog catalog = observe_catalog();
    struct facts_origin origin;
    struct facts facts;
    struct policy policy;
    struct findings findings = {0};
    struct fix fix = {0};
    struct error err = {0};

    if (!facts_parse((const char *)data, size, "f", &catalog, &facts, &origin, &err)) {
        if (err.text[0] == '\0')
            __builtin_trap();
    } else if (policy_load("strict", &catalog, &policy, &err)) {
        judge(&facts, &policy, (struct date){2026, 1, 1}, &findings);
        if (findings.count == 0)
            __builtin_trap();
        fix_plan(&facts, &policy, &findings, &fix);
        fix_free(&fix);
        findings_free(&findings);
        policy_free(&policy);
    }
    facts_free(&facts);
    fact_catalog_free(&catalog);
    return 0;
}
