/*
 * A seccomp filter of our own, which answers the calls from syscall_stub.h and lets all others
 * pass.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_FILTER_H
#define WATERTIGHT_PROBES_SYSCALL_FILTER_H

enum { SYSCALL_X32_BIT = 0x40000000 }; /* __X32_SYSCALL_BIT of asm/unistd.h */

/*
 * A call number that no kernel has, with the bit of x32 or without; the filter answers it with
 * ERRNO(SYSCALL_FILTER_MARK), an errno value that no kernel gives. Of filters with the same action
 * the newest, ours, is heard.
 */
enum { SYSCALL_FILTER_PROOF = 0x5741544, SYSCALL_FILTER_MARK = 3571 };

/*
 * Sets no_new_privs and loads the filter for the calling process: USER_NOTIF for every call from a
 * stub. Gives the listener, a descriptor, or a negative errno value: -EBUSY, when the container's
 * own filters have a listener.
 */
int syscall_filter_load(void);

#endif
