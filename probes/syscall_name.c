/*
 * Names of system calls. See syscall_name.h.
 */
#include "probes/syscall_name.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sorted by name. scripts/syscall-table.c asks libseccomp for it when watertight is built. */
static const struct syscall_name native_calls[] = {
#include "syscall_table.h"
};

enum { NATIVE_CALLS = sizeof native_calls / sizeof native_calls[0] };

const struct syscall_name *syscall_names(size_t *count)
{
    *count = NATIVE_CALLS;
    return native_calls;
}

static int compare_names(const void *name, const void *row)
{
    return strcmp(name, ((const struct syscall_name *)row)->name);
}

static const struct syscall_name *find_native(const char *name)
{
    return bsearch(name, native_calls, NATIVE_CALLS, sizeof *native_calls, compare_names);
}

int syscall_number_i386(const char *name)
{
    const struct syscall_name *native = find_native(name);

    if (native != NULL)
        return native->i386;
    return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);
}

int syscall_number_x32(const char *name)
{
    return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X32, name);
}

bool syscall_is_exempt(const char *name)
{
    return name[0] == 'u' && (strcmp(name, "uretprobe") == 0 || strcmp(name, "uprobe") == 0);
}

int syscall_number(const char *machine, const char *name)
{
    if (strcmp(machine, "x86_64") == 0)
        return seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name);
    if (strcmp(machine, "aarch64") == 0)
        return seccomp_syscall_resolve_name_arch(SCMP_ARCH_AARCH64, name);
    return __NR_SCMP_ERROR;
}

bool syscall_is_known(const char *name)
{
    /* What Linux 5.17 to 6.17 added, and the oldest libseccomp that we build with does not name. */
    static const char *const newer[] = {
        "cachestat",
        "fchmodat2",
        "file_getattr",
        "file_setattr",
        "futex_requeue",
        "futex_wait",
        "futex_wake",
        "getxattrat",
        "listmount",
        "listxattrat",
        "lsm_get_self_attr",
        "lsm_list_modules",
        "lsm_set_self_attr",
        "map_shadow_stack",
        "mseal",
        "open_tree_attr",
        "removexattrat",
        "riscv_flush_icache",
        "riscv_hwprobe",
        "set_mempolicy_home_node",
        "setxattrat",
        "statmount",
        "uprobe",
        "uretprobe",
    };

    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        if (strcmp(newer[i], name) == 0)
            return true;
    }
    return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

static bool name_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    /* libseccomp takes ten times as long. */
    if (find_native(word) == NULL && seccomp_syscall_resolve_name(word) == __NR_SCMP_ERROR)
        return false;
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", word);
    return true;
}

static bool name_nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    if (index >= NATIVE_CALLS)
        return false;
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", native_calls[index].name);
    return true;
}

const struct vocabulary syscall_vocabulary = {
    .name = "system call",
    .normalize = name_normalize,
    .nth = name_nth,
};
