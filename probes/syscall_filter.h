/*
 * A seccomp filter of our own, which answers the calls from syscall_stub and lets all others pass.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_FILTER_H
#define WATERTIGHT_PROBES_SYSCALL_FILTER_H

/* A call number that no kernel has; the filter answers it with SYSCALL_FILTER_MARK. */
enum { SYSCALL_FILTER_PROOF = 0x5741544, SYSCALL_FILTER_MARK = 3571 };

/*
 * Sets no_new_privs and loads the filter for the calling process: action (SECCOMP_RET_TRACE,
 * SECCOMP_RET_USER_NOTIF) for every call from the stub. flags are those of seccomp(2); with
 * SECCOMP_FILTER_FLAG_NEW_LISTENER the result is the listener. A negative errno value on failure.
 */
int syscall_filter_load(unsigned int action, unsigned int flags);

/*
 * Loads a filter that changes nothing, only to learn whether a listener could be had. Gives it, or
 * a negative errno value: -EBUSY, when the container's own filters have one.
 */
int syscall_filter_try_listener(void);

#endif
