/*
 * The second pass: tells calls that filters let through from those that they refuse with ENOSYS.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_NOTIFY_H
#define WATERTIGHT_PROBES_SYSCALL_NOTIFY_H

#include <stddef.h>

#include "probes/syscall_policy.h"

/*
 * Asks count questions, none of which may be killed or trapped; allowed gets a bool for each. A
 * child's filter answers them with USER_NOTIF (seccomp_unotify(2)), which a filter's ERRNO
 * outranks.
 */
bool syscall_notify(const struct syscall_question *const *questions, size_t count, bool *allowed,
                    struct error *err) MUST_USE;

#endif
