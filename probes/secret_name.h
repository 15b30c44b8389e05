/*
 * Whether a variable of the environment looks like a secret. Pure; the value is only looked at, and
 * nothing of it is kept.
 */
#ifndef WATERTIGHT_PROBES_SECRET_NAME_H
#define WATERTIGHT_PROBES_SECRET_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum secret_kind {
    SECRET_NONE,
    SECRET_PATH, /* the name says so, and the value is the path of a file, if there is one */
    SECRET_VALUE /* the name says so (PASSWORD, TOKEN, …) and the value can be one; or the value
                    shows it: a URL or a connection string with a password, a private key */
};

/* entry is "NAME=value". *length becomes that of the name, unless it is SECRET_NONE. */
enum secret_kind secret_name_kind(const char *entry, size_t *length);

#endif
