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

/* All machines are little-endian: the low half stands first. */
#define POINTER offsetof(struct seccomp_data, instruction_pointer)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (field))
#define GIVE(answer) BPF_STMT(BPF_RET | BPF_K, (answer))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

int syscall_filter_load(void)
{
    uint64_t native = (uintptr_t)syscall_stub_return;
#if defined(__x86_64__)
    uint64_t second = (uintptr_t)syscall_stub_i386_return;
#else
    uint64_t second = native;
#endif
    struct sock_filter code[] = {
        LOAD(POINTER),
        IS((uint32_t)native, 1, 0),
        IS((uint32_t)second, 2, 8),
        LOAD(POINTER + 4),
        IS((uint32_t)(native >> 32), 2, 6),
        LOAD(POINTER + 4),
        IS((uint32_t)(second >> 32), 0, 4),
        LOAD(offsetof(struct seccomp_data, nr)),
        IS(SYSCALL_FILTER_PROOF, 3, 0),
        IS(SYSCALL_FILTER_PROOF | SYSCALL_X32_BIT, 2, 0),
        GIVE(SECCOMP_RET_USER_NOTIF),
        GIVE(SECCOMP_RET_ALLOW),
        GIVE(SECCOMP_RET_ERRNO | SYSCALL_FILTER_MARK),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    long listener =
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    return listener < 0 ? -errno : (int)listener;
}
