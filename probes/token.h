/*
 * The expiry of a JSON Web Token (RFC 7519, 4.1.4). Takes a buffer, opens nothing, keeps nothing:
 * the signature is not even looked at.
 */
#ifndef WATERTIGHT_PROBES_TOKEN_H
#define WATERTIGHT_PROBES_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"

enum { TOKEN_MAX = 16384 }; /* bytes of a token that is looked at */

/*
 * Reads the claim "exp" of "HEADER.PAYLOAD.SIGNATURE" into *expiry, in seconds since 1970;
 * -1 when there is none: such a token is good for ever. Anything that is not a token, or whose
 * expiry is no whole number of seconds, is an error; no part of it stands in the message.
 */
bool token_expiry(const char *text, size_t length, int64_t *expiry, struct error *err) MUST_USE;

#endif
