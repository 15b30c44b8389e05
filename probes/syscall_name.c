/*
 * Names of system calls. See syscall_name.h.
 */
#include "probes/syscall_name.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

enum { NUMBERS = 1024 }; /* above all that Linux has given out */

struct syscall_name *syscall_names(size_t *count)
{
    struct syscall_name *names = mem_new(NUMBERS, sizeof *names);

    *count = 0;
    for (int number = 0; number < NUMBERS; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        if (name != NULL)
            names[(*count)++] = (struct syscall_name){.number = number, .name = name};
    }
    return names;
}

void syscall_names_free(struct syscall_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i].name);
    free(names);
}

bool syscall_is_exempt(const char *name)
{
    return strcmp(name, "uretprobe") == 0 || strcmp(name, "uprobe") == 0;
}

static bool name_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    if (seccomp_syscall_resolve_name(word) == __NR_SCMP_ERROR)
        return false;
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", word);
    return true;
}

static bool name_nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    for (int number = 0; number < NUMBERS; number++) {
        CLEANUP(mem_free_text)
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        if (name == NULL || index-- > 0)
            continue;
        (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", name);
        return true;
    }
    return false;
}

const struct vocabulary syscall_vocabulary = {
    .name = "system call",
    .normalize = name_normalize,
    .nth = name_nth,
};
