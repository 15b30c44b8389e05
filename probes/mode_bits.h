/*
 * What owner, group and mode decide alone. Pure: asks nobody.
 */
#ifndef WATERTIGHT_PROBES_MODE_BITS_H
#define WATERTIGHT_PROBES_MODE_BITS_H

#include <stdbool.h>
#include <sys/types.h>

#include "probes/credentials.h"

/* Of a file or directory, as stat(2) tells it in the user namespace of the credentials. */
struct mode_bits {
    uid_t owner;
    gid_t group;
    mode_t mode;
    bool may_have_acl; /* an access control list is there, or could not be looked for (acl(5)) */
};

/*
 * Whether the mode surely denies what is wanted, of 4 (read), 2 (write) and 1 (search), to a
 * process with these credentials, all of which are known. False means undecided: what a mode lets
 * through, a security module, a flag of the file or a quota can still refuse
 * (path_resolution(7), capabilities(7)).
 */
bool mode_bits_deny(const struct credentials *credentials, const struct mode_bits *bits,
                    unsigned int wanted);

#endif
