/*
 * HTTP/1.1 connections by libevent's event loop: reads requests, sends answers, and keeps to limits
 * of number, size and time whatever the clients do. Knows nothing of what the answers say.
 *
 * Not by libevent's own evhttp: it limits neither how many connections there are nor how long a
 * client may take that sends a byte now and then, and answers bad requests in words of its own.
 */
#ifndef WATERTIGHT_AGENT_SERVE_HTTP_H
#define WATERTIGHT_AGENT_SERVE_HTTP_H

#include <event2/event.h>

#include "agent/serve_answer.h"

/*
 * One more makes the one that has been quiet for longest end: a probe gets in however many idle
 * connections somebody holds.
 */
enum { HTTP_CONNECTIONS_MAX = 128 };

typedef void http_answer_function(const struct request *request, struct answer *out, void *context);

struct http_server;

/* Serves what connects to the listening socket, which is lent. NULL: the event loop refused. */
struct http_server *http_open(struct event_base *base, int listener_fd,
                              http_answer_function *answer, void *context);

/*
 * A new result takes the place of the current one: ends connections that are still sending an even
 * older one, so that at most two are in memory, however slow the clients.
 */
void http_drop_older(struct http_server *server, const struct result *current);

/* Ends every connection, and frees. */
void http_close(struct http_server *server);

#endif
