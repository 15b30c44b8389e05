/*
 * Names of system calls. See syscall_name.h.
 */
#include "probes/syscall_name.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/* Above all that Linux has given out, and more than it has left out at one place (129, arm64). */
enum { NUMBERS = 1024, GAP = 256 };

struct syscall_name *syscall_names(size_t *count)
{
    struct syscall_name *names = mem_new(NUMBERS, sizeof *names);

    int last = 0;

    *count = 0;
    for (int number = 0; number < NUMBERS && number - last < GAP; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        if (name == NULL)
            continue;
        names[(*count)++] = (struct syscall_name){.number = number, .name = name};
        last = number;
    }
    return names;
}

void syscall_names_free(struct syscall_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i].name);
    free(names);
}

bool syscall_exists(const char *name)
{
    return seccomp_syscall_resolve_name_arch(SCMP_ARCH_NATIVE, name) >= 0;
}

int syscall_number_i386(const char *name)
{
    return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);
}

int syscall_number_x32(const char *name)
{
    return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X32, name);
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
