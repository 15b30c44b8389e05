/*
 * Whether a value gives itself away as a secret, whatever its name. Pure; nothing of it is kept.
 */
#ifndef WATERTIGHT_PROBES_SECRET_VALUE_H
#define WATERTIGHT_PROBES_SECRET_VALUE_H

#include <stdbool.h>

/*
 * A private key, a URL or a connection string with a password, JSON with a credential, a JSON Web
 * Token, or a token that its service marks (GitHub's ghp_…, npm_…).
 */
bool secret_value_shows(const char *value);

/* One long word in base64 with small and capital letters and digits: chance, not a name. */
bool secret_value_is_random(const char *value);

#endif
