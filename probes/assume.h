/*
 * Takes on another process's ids, groups and capabilities: for a throw-away child, whose attempts
 * then get the answers that the other process would get.
 */
#ifndef WATERTIGHT_PROBES_ASSUME_H
#define WATERTIGHT_PROBES_ASSUME_H

#include "probes/credentials.h"

/* Whether everything is known that assume_credentials needs. */
bool assume_is_possible(const struct credentials *wanted);

/*
 * Makes the calling process's ids, groups, effective and permitted capabilities those of wanted,
 * which are in the caller's own user namespace. Where they are that already, nothing is called that
 * needs a right. 0, or the errno value of what was refused: the caller then has some of each.
 */
int assume_credentials(const struct credentials *wanted);

#endif
