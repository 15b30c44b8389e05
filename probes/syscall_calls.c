/*
 * Calls with arguments. See syscall_calls.h. Filters see registers, not memory: to clone3(2) they
 * give one answer for all flags, so that its rows are equal. Arguments are those of a real call as
 * far as filters are known to look at them.
 */
#include "probes/syscall_calls.h"

#include <asm/termbits.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef BPF_TOKEN_CREATE /* Linux 6.9 */
#define BPF_TOKEN_CREATE 36
#endif

/* The kernel takes these arguments as int, and does not see this bit. Filters do. */
#define UNSEEN (1L << 32)
#define CALL(name_, number_, ...)                                                                  \
    {                                                                                              \
        .name = (name_), .call = #number_, .question = {                                           \
            .number = SYS_##number_,                                                               \
            .arguments = (const long[6]){__VA_ARGS__}                                              \
        }                                                                                          \
    }
#define NAMESPACE(flag)                                                                            \
    CALL("clone(" #flag ")", clone, (long)(flag) | SIGCHLD),                                       \
        CALL("clone3(" #flag ")", clone3, 0, CLONE_ARGS_SIZE_VER0),                                \
        CALL("unshare(" #flag ")", unshare, (flag))

static const struct syscall_call calls[] = {
    NAMESPACE(CLONE_NEWUSER),
    NAMESPACE(CLONE_NEWNS),
    NAMESPACE(CLONE_NEWPID),
    NAMESPACE(CLONE_NEWNET),
    NAMESPACE(CLONE_NEWIPC),
    NAMESPACE(CLONE_NEWUTS),
    NAMESPACE(CLONE_NEWCGROUP),
    CALL("clone3(CLONE_NEWTIME)", clone3, 0, CLONE_ARGS_SIZE_VER0),
    CALL("unshare(CLONE_NEWTIME)", unshare, CLONE_NEWTIME),
    CALL("socket(AF_ALG)", socket, AF_ALG, SOCK_SEQPACKET),
    CALL("socket(AF_VSOCK)", socket, AF_VSOCK, SOCK_STREAM),
    CALL("socket(AF_ALG | 1<<32)", socket, AF_ALG | UNSEEN, SOCK_SEQPACKET),
    CALL("socket(AF_VSOCK | 1<<32)", socket, AF_VSOCK | UNSEEN, SOCK_STREAM),
    CALL("socket(AF_PACKET)", socket, AF_PACKET, SOCK_RAW),
    CALL("socket(AF_NETLINK)", socket, AF_NETLINK, SOCK_RAW),
    CALL("socket(AF_NETLINK, NETLINK_AUDIT)", socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
    CALL("personality(PER_LINUX)", personality, PER_LINUX),
    CALL("personality(PER_LINUX32)", personality, PER_LINUX32),
    CALL("personality(ADDR_NO_RANDOMIZE)", personality, ADDR_NO_RANDOMIZE),
    CALL("personality(READ_IMPLIES_EXEC)", personality, READ_IMPLIES_EXEC),
    CALL("ioctl(TIOCSTI)", ioctl, 0, TIOCSTI),
    CALL("ioctl(TIOCSTI | 1<<32)", ioctl, 0, TIOCSTI | UNSEEN),
    CALL("ioctl(TIOCLINUX)", ioctl, 0, TIOCLINUX),
    CALL("prctl(PR_SET_DUMPABLE)", prctl, PR_SET_DUMPABLE, 1),
    CALL("prctl(PR_SET_MM)", prctl, PR_SET_MM, PR_SET_MM_EXE_FILE),
    CALL("prctl(PR_SET_PTRACER)", prctl, PR_SET_PTRACER, -1),
    CALL("prctl(PR_SET_SECCOMP)", prctl, PR_SET_SECCOMP, 1),
    CALL("io_uring_setup(1)", io_uring_setup, 1),
    CALL("bpf(BPF_MAP_CREATE)", bpf, BPF_MAP_CREATE, 0, sizeof(union bpf_attr)),
    CALL("bpf(BPF_PROG_LOAD)", bpf, BPF_PROG_LOAD, 0, sizeof(union bpf_attr)),
    CALL("bpf(BPF_BTF_LOAD)", bpf, BPF_BTF_LOAD, 0, sizeof(union bpf_attr)),
    CALL("bpf(BPF_TOKEN_CREATE)", bpf, BPF_TOKEN_CREATE, 0, sizeof(union bpf_attr)),
};

const struct syscall_call *syscall_calls(size_t *count)
{
    *count = sizeof calls / sizeof calls[0];
    return calls;
}

static bool nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    if (index >= sizeof calls / sizeof calls[0])
        return false;
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", calls[index].name);
    return true;
}

const struct vocabulary syscall_call_vocabulary = {.name = "call with arguments", .nth = nth};
