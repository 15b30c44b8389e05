/*
 * The kernel's permission check. See permission.h.
 */
#include "probes/permission.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/target.h"

/*
 * access(2) without flags uses the real ids, and capabilities as if the real user had called. That
 * is the same as the effective ids' answer only where they are equal and no capability that
 * overrides permissions would be dropped or gained for the check.
 */
static bool is_access_exact(const struct target *target)
{
    const struct credentials *credentials = &target->credentials;

    if (!target->is_self || !credentials->known[CREDENTIAL_UIDS] ||
        !credentials->known[CREDENTIAL_GIDS] || !credentials->known[CREDENTIAL_EFFECTIVE] ||
        !credentials->known[CREDENTIAL_PERMITTED])
        return false;
    if (credentials->uid[0] != credentials->uid[1] || credentials->gid[0] != credentials->gid[1])
        return false;
    if (credentials->uid[0] == 0)
        return credentials->effective == credentials->permitted;
    return credentials->effective == 0;
}

struct permission_calls permission_calls_of(const struct target *target)
{
    return (struct permission_calls){
        .has_faccessat2 = target->witness.answered[WITNESS_FACCESSAT2],
        .has_faccessat = is_access_exact(target),
    };
}

int permission_check(const struct permission_calls *calls, int directory_fd, const char *path,
                     int mode)
{
    long result = -1;

    if (calls->has_faccessat2)
        result = syscall(SYS_faccessat2, directory_fd, path, mode, AT_EACCESS);
    else if (calls->has_faccessat)
        result = syscall(SYS_faccessat, directory_fd, path, mode);
    else
        errno = ENOSYS;
    return result == 0 ? 0 : errno;
}
