/*
 * Answers: what a request gets, given what the server knows. Sends nothing.
 */
#ifndef WATERTIGHT_AGENT_SERVE_ANSWER_H
#define WATERTIGHT_AGENT_SERVE_ANSWER_H

#include <time.h>

#include "agent/serve_request.h"
#include "agent/serve_state.h"

struct answer {
    int status;
    const char *type; /* the media type; a constant */
    const char *data; /* lies in owned or in result */
    size_t length;
    char *owned;           /* or NULL */
    struct result *result; /* a reference, or NULL */
};

/* now_ms as in serve_state.h. The caller frees out. */
void answer_make(const struct serve_state *state, int64_t now_ms, const struct request *request,
                 struct answer *out);
void answer_free(struct answer *answer);

enum { ANSWER_HEAD_MAX = 768 };

/* The status line and headers. Returns their length. */
size_t answer_head(const struct answer *answer, time_t now, bool keeps_alive,
                   char head[static ANSWER_HEAD_MAX]);

#endif
