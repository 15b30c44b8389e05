/*
 * Connections. See serve_http.h.
 */
#include "agent/serve_http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent/core/mem.h"

enum {
    HEAD_MS = 5000,   /* for the whole head of a request, from its first byte or the connection's */
    IDLE_MS = 60000,  /* between requests: longer than Prometheus' usual scrape interval */
    SEND_MS = 5000,   /* for the whole answer */
    LINGER_MS = 1000, /* for the client to close, once all is said */
    SWEEP_US = 500000, /* how often deadlines are looked at */
    ACCEPTS_AT_ONCE = 32,
    CONNECTIONS_MIN = 4, /* of a process that may open hardly anything */
    OTHERS_MAX = 32      /* descriptors that are left to all else, the checks' pipes above all */
};

static const struct timeval sweep_interval = {.tv_usec = SWEEP_US};

enum phase { PHASE_READING, PHASE_SENDING, PHASE_LINGERING };

struct connection {
    struct http_server *server;
    struct event *event; /* NULL: the slot is free */
    evutil_socket_t fd;
    enum phase phase;
    int64_t deadline_ms; /* CLOCK_MONOTONIC */
    uint64_t last_sign;  /* of life: which one of the server's it was */
    struct answer answer;
    bool keeps_alive;
    size_t head_length, body_length; /* what of the answer is sent; no body for HEAD */
    size_t sent;
    size_t used; /* of buffer */
    char head[ANSWER_HEAD_MAX];
    char buffer[REQUEST_MAX];
};

struct http_server {
    struct event_base *base;
    struct event *listening, *sweep;
    http_answer_function *answer;
    void *context;
    size_t count, max;
    uint64_t signs; /* how many there were: their order tells what a clock is too coarse for */
    bool is_paused; /* not accepting for want of descriptors; the sweep goes on */
    struct connection slots[HTTP_CONNECTIONS_MAX];
};

static void on_readable(evutil_socket_t fd, short what, void *context);
static void on_writable(evutil_socket_t fd, short what, void *context);

static int64_t clock_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end_connection(struct connection *connection)
{
    struct http_server *server = connection->server;

    event_free(connection->event);
    connection->event = NULL;
    answer_free(&connection->answer);
    (void)close(connection->fd);
    server->count--;
}

/* Waits for the socket to be readable or writable from now on. */
static bool await(struct connection *connection, enum phase phase, int64_t limit_ms)
{
    bool sends = phase == PHASE_SENDING;

    connection->phase = phase;
    connection->deadline_ms = clock_ms() + limit_ms;
    (void)event_del(connection->event);
    return event_assign(connection->event, connection->server->base, connection->fd,
                        (short)((sends ? EV_WRITE : EV_READ) | EV_PERSIST),
                        sends ? on_writable : on_readable, connection) == 0 &&
           event_add(connection->event, NULL) == 0;
}

/* --- sending -------------------------------------------------------------------------------- */

enum sending { SENDING_DONE, SENDING_LATER, SENDING_FAILED };

static enum sending send_answer(struct connection *connection)
{
    size_t whole = connection->head_length + connection->body_length;

    while (connection->sent < whole) {
        struct iovec pieces[2] = {
            {.iov_base = connection->head, .iov_len = connection->head_length},
            {.iov_base = (void *)connection->answer.data, .iov_len = connection->body_length}};
        size_t first = connection->sent < connection->head_length ? 0 : 1;
        size_t skipped = first == 0 ? connection->sent : connection->sent - connection->head_length;
        struct msghdr message = {.msg_iov = &pieces[first], .msg_iovlen = 2 - first};
        pieces[first].iov_base = (char *)pieces[first].iov_base + skipped;
        pieces[first].iov_len -= skipped;
        ssize_t count = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno == EAGAIN ? SENDING_LATER : SENDING_FAILED;
        connection->sent += (size_t)count;
    }
    answer_free(&connection->answer);
    return SENDING_DONE;
}

/*
 * Closing a socket with unread bytes in it resets the connection, and the client may lose what was
 * sent before: so only the sending side is closed, and what still comes is thrown away for a while.
 */
static bool linger(struct connection *connection)
{
    (void)shutdown(connection->fd, SHUT_WR);
    return await(connection, PHASE_LINGERING, LINGER_MS);
}

/* Answers the first request in the buffer; false when it is not whole yet. */
static bool take_request(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct request request;

    if (connection->used == 0 ||
        request_parse(connection->buffer, connection->used, &request) == REQUEST_PARTIAL)
        return false;
    server->answer(&request, &connection->answer, server->context);
    connection->keeps_alive = request.keeps_alive;
    connection->head_length =
        answer_head(&connection->answer, time(NULL), request.keeps_alive, connection->head);
    connection->body_length = request.is_head ? 0 : connection->answer.length;
    connection->sent = 0;
    connection->deadline_ms = clock_ms() + SEND_MS;
    connection->used -= request.length;
    memmove(connection->buffer, connection->buffer + request.length, connection->used);
    return true;
}

/* Goes on as far as the socket lets it. False: the connection is of no more use. */
static bool serve_requests(struct connection *connection)
{
    bool is_answering = connection->phase == PHASE_SENDING || take_request(connection);
    bool has_answered = is_answering;

    while (is_answering) {
        enum sending sending = send_answer(connection);
        if (sending == SENDING_FAILED)
            return false;
        if (sending == SENDING_LATER)
            return connection->phase == PHASE_SENDING || await(connection, PHASE_SENDING, SEND_MS);
        if (!connection->keeps_alive)
            return linger(connection);
        is_answering = take_request(connection);
    }
    if (connection->phase == PHASE_SENDING && !await(connection, PHASE_READING, IDLE_MS))
        return false;
    if (has_answered)
        connection->deadline_ms = clock_ms() + (connection->used == 0 ? IDLE_MS : HEAD_MS);
    return true;
}

/* --- events --------------------------------------------------------------------------------- */

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    struct connection *connection = context;

    (void)fd;
    (void)what;
    connection->last_sign = ++connection->server->signs;
    if (!serve_requests(connection))
        end_connection(connection);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct connection *connection = context;

    (void)what;
    if (connection->phase == PHASE_LINGERING)
        connection->used = 0;
    ssize_t count = recv(fd, connection->buffer + connection->used,
                         sizeof connection->buffer - connection->used, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        end_connection(connection);
        return;
    }
    if (connection->phase == PHASE_LINGERING)
        return;
    connection->last_sign = ++connection->server->signs;
    if (connection->used == 0)
        connection->deadline_ms = clock_ms() + HEAD_MS;
    connection->used += (size_t)count;
    if (!serve_requests(connection))
        end_connection(connection);
}

static struct connection *quietest(struct http_server *server)
{
    struct connection *found = NULL;

    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct connection *slot = &server->slots[i];
        if (slot->event != NULL && (found == NULL || slot->last_sign < found->last_sign))
            found = slot;
    }
    return found;
}

static void end_quietest(struct http_server *server)
{
    struct connection *found = quietest(server);

    if (found != NULL)
        end_connection(found);
}

static struct connection *free_slot(struct http_server *server)
{
    if (server->count >= server->max)
        end_quietest(server);
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (server->slots[i].event == NULL)
            return &server->slots[i];
    }
    return NULL;
}

static void take_connection(struct http_server *server, int fd)
{
    struct connection *slot = free_slot(server);
    int on = 1;

    /* One write is one answer: nothing is gained by waiting for more. Fails for unix(7): fine. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (slot == NULL) {
        (void)close(fd); /* cannot be: one is free by now */
        return;
    }
    slot->server = server;
    slot->fd = fd;
    slot->used = 0;
    slot->last_sign = ++server->signs;
    slot->event = event_new(server->base, fd, EV_READ | EV_PERSIST, on_readable, slot);
    if (slot->event == NULL)
        out_of_memory();
    if (server->count++ == 0)
        (void)event_add(server->sweep, &sweep_interval);
    if (!await(slot, PHASE_READING, HEAD_MS))
        end_connection(slot);
}

/* Out of descriptors: a quiet connection makes room, or, without any, the sweep tries again. */
static void make_room(struct http_server *server)
{
    if (server->count > 0) {
        end_quietest(server);
        return;
    }
    server->is_paused = true;
    (void)event_del(server->listening);
    (void)event_add(server->sweep, &sweep_interval);
}

static void on_connect(evutil_socket_t listener, short what, void *context)
{
    struct http_server *server = context;

    (void)what;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            take_connection(server, fd);
            continue;
        }
        bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (is_short)
            make_room(server);
        /* Others speak of the one connection that was lost: accept(2), "Error handling". */
        if (is_short || errno == EAGAIN)
            return;
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct http_server *server = context;
    int64_t now = clock_ms();

    (void)fd;
    (void)what;
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct connection *slot = &server->slots[i];
        if (slot->event != NULL && slot->deadline_ms <= now)
            end_connection(slot);
    }
    if (server->is_paused)
        server->is_paused = event_add(server->listening, NULL) != 0;
    if (server->count == 0 && !server->is_paused)
        (void)event_del(server->sweep);
}

/* --- the whole ------------------------------------------------------------------------------ */

static size_t connections_max(void)
{
    struct rlimit limit = {0};

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        limit.rlim_cur >= HTTP_CONNECTIONS_MAX + OTHERS_MAX)
        return HTTP_CONNECTIONS_MAX;
    if (limit.rlim_cur < CONNECTIONS_MIN + OTHERS_MAX)
        return CONNECTIONS_MIN;
    return (size_t)limit.rlim_cur - OTHERS_MAX;
}

struct http_server *http_open(struct event_base *base, int listener_fd,
                              http_answer_function *answer, void *context)
{
    struct http_server *server = mem_new(1, sizeof *server);

    server->base = base;
    server->max = connections_max();
    server->answer = answer;
    server->context = context;
    server->listening = event_new(base, listener_fd, EV_READ | EV_PERSIST, on_connect, server);
    server->sweep = event_new(base, -1, EV_PERSIST, on_sweep, server);
    if (server->listening == NULL || server->sweep == NULL ||
        event_add(server->listening, NULL) != 0) {
        http_close(server);
        return NULL;
    }
    return server;
}

void http_drop_older(struct http_server *server, const struct result *current)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct connection *slot = &server->slots[i];
        if (slot->event != NULL && slot->answer.result != NULL && slot->answer.result != current)
            end_connection(slot);
    }
}

void http_close(struct http_server *server)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (server->slots[i].event != NULL)
            end_connection(&server->slots[i]);
    }
    if (server->listening != NULL)
        event_free(server->listening);
    if (server->sweep != NULL)
        event_free(server->sweep);
    free(server);
}
