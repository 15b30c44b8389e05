/*
 * Prints the system calls of a machine ("x86_64", "aarch64") that libseccomp names, as rows of C,
 * sorted by name: asked at run time, libseccomp goes through its whole table for each number. Runs
 * where watertight is built.
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above all that Linux has given out. */
enum { NUMBERS = 1024 };

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
    for (size_t i = 0; i < count; i++) {
        (void)printf("{.number = %d, .name = \"%s\"},\n", rows[i].number, rows[i].name);
        free(rows[i].name);
    }
    return fflush(stdout) == 0 && count > 0 ? 0 : 74;
}
