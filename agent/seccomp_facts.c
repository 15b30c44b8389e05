/*
 * Facts of the system-call policy. See seccomp_facts.h.
 */
#include "agent/seccomp_facts.h"

#include <string.h>

#include "agent/core/mem.h"

bool seccomp_facts_is(const struct fact *row, const char *key)
{
    return strcmp(row->key->name, key) == 0 && row->state == FACT_KNOWN && row->subject != NULL;
}

const char *seccomp_facts_answer(const struct facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (seccomp_facts_is(row, "seccomp.syscalls") && strset_has(&row->value.set, name))
            return row->subject;
    }
    return "";
}

const struct syscall_call *seccomp_facts_call(const char *name)
{
    size_t count = 0;
    const struct syscall_call *calls = syscall_calls(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    }
    return NULL;
}

char *seccomp_facts_bare(const char *call)
{
    return mem_copy_n(call, strcspn(call, "("));
}
