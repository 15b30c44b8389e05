/*
 * Keeps libcap's constructor from making system calls. See libcap_start.h.
 */
#include "probes/libcap_start.h"

#include <errno.h>

/* The linker gives these two names (ld(1), --wrap). */
int __wrap_cap_get_bound(cap_value_t cap); // NOLINT(bugprone-reserved-identifier)
int __real_cap_get_bound(cap_value_t cap); // NOLINT(bugprone-reserved-identifier)

int __wrap_cap_get_bound(cap_value_t cap) // NOLINT(bugprone-reserved-identifier)
{
    (void)cap;
    errno = EINVAL;
    return -1;
}

int libcap_get_bound(cap_value_t cap)
{
    return __real_cap_get_bound(cap);
}
