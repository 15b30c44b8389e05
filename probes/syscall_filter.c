/*
 * Our own filter. See syscall_filter.h.
 */
#include "probes/syscall_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/syscall_stub.h"

#define POINTER offsetof(struct seccomp_data, instruction_pointer)

static int load(struct sock_filter *code, unsigned short length, unsigned int flags)
{
    struct sock_fprog program = {.len = length, .filter = code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return result < 0 ? -errno : (int)result;
}

int syscall_filter_load(unsigned int action, unsigned int flags)
{
    uint64_t address = (uintptr_t)syscall_stub_return;
    /* Both machines are little-endian: the low half stands first. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, POINTER),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, POINTER + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(address >> 32), 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYSCALL_FILTER_PROOF, 2, 0),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | SYSCALL_FILTER_MARK),
    };

    return load(code, sizeof code / sizeof code[0], flags);
}

int syscall_filter_try_listener(void)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

    return load(code, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}
