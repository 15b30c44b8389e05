/*
 * The floor of asking about system calls: as many calls of getpid(2), under one trivial filter.
 *
 *   calls COUNT
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = 1, .filter = code};
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
        perror("calls: a filter cannot be loaded");
        return 70;
    }
    for (long i = 0; i < count; i++)
        (void)syscall(SYS_getpid);
    return 0;
}
