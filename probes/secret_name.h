/*
 * Whether a variable of the environment looks like a secret. Pure; the value is only looked at, and
 * nothing of it is kept.
 */
#ifndef WATERTIGHT_PROBES_SECRET_NAME_H
#define WATERTIGHT_PROBES_SECRET_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * entry is "NAME=value". True with the length of the name in *length when the name says that the
 * value is a secret (PASSWORD, TOKEN, …) and the value can be one, or when the value is a URL with
 * a password in it.
 */
bool secret_name_matches(const char *entry, size_t *length);

#endif
