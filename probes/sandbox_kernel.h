/*
 * Kernels that only look like Linux: what tells them, so that what is true of Linux alone is not
 * asked of them. Pure.
 */
#ifndef WATERTIGHT_PROBES_SANDBOX_KERNEL_H
#define WATERTIGHT_PROBES_SANDBOX_KERNEL_H

#include <stdbool.h>

/*
 * Whether uname(2) answers as gVisor's kernel does (pkg/sentry/kernel/version.go): a fixed build
 * time, and lately its name in the release. No process can change either (uts_namespaces(7)).
 * NULL: not known.
 */
bool sandbox_kernel_is_gvisor(const char *release, const char *version);

#endif
