/*
 * What a JSON Web Token (RFC 7519) says of itself. Takes a buffer, opens nothing, keeps no part of
 * the token but its audiences: the signature is not even looked at.
 */
#ifndef WATERTIGHT_PROBES_TOKEN_H
#define WATERTIGHT_PROBES_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

enum { TOKEN_MAX = 16384 }; /* bytes of a token that is looked at */

struct token {
    int64_t expiry; /* "exp", in seconds since 1970; -1 when there is none: it is good for ever */
    bool is_service_account; /* "sub" is one of Kubernetes' service accounts */
    /*
     * A cluster's API server would take it: it has no audience, as tokens in a Secret have, or one
     * of them is the issuer itself or the name that the API server has in each cluster. Audiences
     * with escapes in them count, too: what they are is not read.
     */
    bool is_for_api_server;
    struct strset audiences; /* "aud" (RFC 7519, 4.1.3) */
};

/*
 * Reads "HEADER.PAYLOAD.SIGNATURE". Anything that is not a token, or whose expiry is no whole
 * number of seconds, is an error; no part of it stands in the message. Freed by token_free, also on
 * failure; out is zeroed first.
 */
bool token_read(const char *text, size_t length, struct token *out, struct error *err) MUST_USE;
void token_free(struct token *token);

#endif
