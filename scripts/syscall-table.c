/*
 * Prints the system calls of a machine ("x86_64", "aarch64") that libseccomp names, as rows of C,
 * sorted by name, with their numbers for i386 (negative: it has no such call): asked at run time,
 * libseccomp goes through its whole table for each. Runs where watertight is built.
 */
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above all that Linux has given out. */
enum { NUMBERS = 1024, NAME_MAX_LENGTH = 23 }; /* struct syscall_name has room for that */

struct row {
    char *name;
    int number;
};

static int row_compare(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    return strcmp(a->name, b->name);
}

int main(int argc, char **argv)
{
    struct row rows[NUMBERS];
    size_t count = 0;
    uint32_t arch = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : 0;

    if (arch == 0) {
        (void)fprintf(stderr, "usage: syscall-table MACHINE\n");
        return 64;
    }
    for (int number = 0; number < NUMBERS; number++) {
        char *name = seccomp_syscall_resolve_num_arch(arch, number);
        if (name != NULL)
            rows[count++] = (struct row){.name = name, .number = number};
    }
    qsort(rows, count, sizeof *rows, row_compare);
    bool fits = count > 0;
    for (size_t i = 0; i < count; i++) {
        fits = fits && strlen(rows[i].name) <= NAME_MAX_LENGTH;
        (void)printf("{.number = %d, .i386 = %d, .name = \"%s\"},\n", rows[i].number,
                     seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, rows[i].name), rows[i].name);
        free(rows[i].name);
    }
    return fflush(stdout) == 0 && fits ? 0 : 74;
}
