/*
 * The kernel's own permission check (inode_permission), for the effective ids of this process.
 */
#ifndef WATERTIGHT_PROBES_PERMISSION_H
#define WATERTIGHT_PROBES_PERMISSION_H

#include <stdbool.h>

struct target;

/* How the check may be asked for here; no call at all where neither is true. */
struct permission_calls {
    bool has_faccessat2;
    bool has_faccessat; /* the older call, which checks real ids, gives the same answer here */
};

struct permission_calls permission_calls_of(const struct target *target);

/*
 * 0 when path, below directory_fd, may be accessed in this mode (W_OK, …); else an errno value:
 * EACCES, EPERM (an immutable directory), EROFS, or ENOSYS where it cannot be asked. Harmless:
 * access(2) only asks.
 */
int permission_check(const struct permission_calls *calls, int directory_fd, const char *path,
                     int mode);

#endif
