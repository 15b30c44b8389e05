/*
 * Fuzzes what is read out of /proc/PID/cgroup.
 */
#include <stdint.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/runtime_evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(mem_free_text) char *text = mem_copy_n((const char *)data, size);
    struct runtime_evidence evidence = {.cgroup = text, .has_namespaces = true};
    struct runtime_decision decision;

    runtime_decide(&evidence, &decision);
    if (decision.is_container == (strcmp(decision.name, "none") == 0))
        __builtin_trap(); /* a container has an engine or an unknown one, never none */
    return 0;
}
