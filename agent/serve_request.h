/*
 * The head of an HTTP/1.x request (RFC 9112), strictly read: GET and HEAD without a body are all
 * that is taken. Takes a buffer, reads nothing.
 */
#ifndef WATERTIGHT_AGENT_SERVE_REQUEST_H
#define WATERTIGHT_AGENT_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

/* A head that is longer is refused (431). */
enum { REQUEST_MAX = 8192, REQUEST_PATH_MAX = 64, REQUEST_WORD_MAX = 256 };

enum request_state {
    REQUEST_PARTIAL, /* more bytes are needed */
    REQUEST_WHOLE,
    REQUEST_REFUSED /* status says why; nothing behind it can be understood */
};

struct request {
    int status; /* of a refusal: 400, 405, 413, 414, 431, 505; else 0 */
    bool is_head;
    bool keeps_alive;              /* the client wants, or bears, another request after it */
    char path[REQUEST_PATH_MAX];   /* decoded, without the query; a longer one is cut */
    char format[REQUEST_WORD_MAX]; /* of the query's parameter `format`; "" without */
    char accept[REQUEST_WORD_MAX]; /* the header Accept; "" without, or when it is longer */
    size_t length;                 /* how many bytes of the buffer it takes */
};

/* Reads the first request in length bytes of data. */
enum request_state request_parse(const char *data, size_t length, struct request *out);

#endif
