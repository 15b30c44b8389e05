/*
 * libcap's constructor counts the kernel's capabilities by prctl(2) before main begins. A seccomp
 * filter may kill for that, and nothing could be reported. So the call is wrapped at link time
 * (-Wl,--wrap=cap_get_bound, with libcap linked statically) and answers "no more" there; our own
 * code asks through libcap_get_bound, in a throw-away child.
 */
#ifndef WATERTIGHT_PROBES_LIBCAP_START_H
#define WATERTIGHT_PROBES_LIBCAP_START_H

#include <sys/capability.h>

/* cap_get_bound(3) itself: 1, 0, or -1 with errno. */
int libcap_get_bound(cap_value_t cap);

#endif
