/*
 * Calls with arguments. See syscall_calls.h. Filters see registers, not memory: of clone3(2) only
 * the number counts, which seccomp.syscalls has.
 */
#include "probes/syscall_calls.h"

#include <asm/termbits.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define CALL0(call, value)                                                                         \
    {                                                                                              \
        .name = #call "(" #value ")", .question = {.number = SYS_##call, .arguments = {value} }    \
    }
/* Not by CALL0: a macro's argument would be expanded before its name is taken. */
#define NAMESPACES(flag)                                                                           \
    {.name = "unshare(" #flag ")", .question = {.number = SYS_unshare, .arguments = {flag}}},      \
    {                                                                                              \
        .name = "clone(" #flag ")", .question = {                                                  \
            .number = SYS_clone,                                                                   \
            .arguments = {(long)(flag) | SIGCHLD}                                                  \
        }                                                                                          \
    }

static const struct syscall_call calls[] = {
    NAMESPACES(CLONE_NEWUSER),
    NAMESPACES(CLONE_NEWNS),
    NAMESPACES(CLONE_NEWPID),
    NAMESPACES(CLONE_NEWNET),
    NAMESPACES(CLONE_NEWIPC),
    NAMESPACES(CLONE_NEWUTS),
    NAMESPACES(CLONE_NEWCGROUP),
    CALL0(unshare, CLONE_NEWTIME),
    CALL0(socket, AF_ALG),
    CALL0(socket, AF_VSOCK),
    CALL0(socket, AF_PACKET),
    CALL0(socket, AF_NETLINK),
    CALL0(personality, ADDR_NO_RANDOMIZE),
    CALL0(bpf, BPF_MAP_CREATE),
    CALL0(bpf, BPF_PROG_LOAD),
    {.name = "ioctl(TIOCSTI)", .question = {.number = SYS_ioctl, .arguments = {0, TIOCSTI}}},
    {.name = "ioctl(TIOCLINUX)", .question = {.number = SYS_ioctl, .arguments = {0, TIOCLINUX}}},
};

const struct syscall_call *syscall_calls(size_t *count)
{
    *count = sizeof calls / sizeof calls[0];
    return calls;
}
