/*
 * Kernels that only look like Linux. See sandbox_kernel.h.
 */
#include "probes/sandbox_kernel.h"

#include <stddef.h>
#include <string.h>

bool sandbox_kernel_is_gvisor(const char *release, const char *version)
{
    static const char build[] = "#1 SMP Sun Jan 10 15:06:54 PST 2016";

    return (version != NULL && strcmp(version, build) == 0) ||
           (release != NULL && strstr(release, "gvisor") != NULL);
}
