/*
 * Sends GET requests to 127.0.0.1 at a fixed rate over connections that are kept, and prints how
 * long the answers took, as JSON. A request's time counts from when it was due, not from when it
 * could be sent: a server that stands still for a moment is not excused from those of that moment.
 *
 *   load PORT PATH RATE SECONDS CONNECTIONS     RATE 0: as fast as they are answered
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, BUFFER_SIZE = 65536, GRACE_SECONDS = 5 };

struct connection {
    int fd;
    int64_t due;              /* of the request that is not answered yet; 0: none */
    size_t head_length, used; /* of the answer: the head's once it is whole, what has come */
    size_t wanted;            /* the whole answer, once the head is whole */
    char buffer[BUFFER_SIZE];
};

struct load {
    char request[512];
    int64_t period; /* between requests, in nanoseconds; 0: at once */
    int64_t next, end;
    struct connection *connections;
    size_t count;
    uint32_t *times; /* in microseconds */
    size_t done, capacity, failed;
};

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void send_request(struct load *load, struct connection *connection, int64_t due)
{
    size_t length = strlen(load->request);

    if (send(connection->fd, load->request, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("send");
    connection->due = due;
    connection->used = connection->wanted = 0;
}

/* One request for each connection that waits, as long as some are due. */
static void send_due(struct load *load)
{
    int64_t time = now();

    for (size_t i = 0; i < load->count && load->next <= time && load->next < load->end; i++) {
        if (load->connections[i].due != 0)
            continue;
        send_request(load, &load->connections[i], load->period == 0 ? time : load->next);
        load->next = load->period == 0 ? time : load->next + load->period;
    }
}

static void record(struct load *load, struct connection *connection)
{
    if (load->done < load->capacity)
        load->times[load->done++] = (uint32_t)((now() - connection->due) / 1000);
    if (strncmp(connection->buffer, "HTTP/1.1 200 ", 13) != 0 &&
        strncmp(connection->buffer, "HTTP/1.1 503 ", 13) != 0)
        load->failed++;
    connection->due = 0;
}

static void receive(struct load *load, struct connection *connection)
{
    /* Of a body only how long it is counts: it may overwrite itself. */
    size_t at = connection->wanted > 0 ? 1024 : connection->used;
    ssize_t count = recv(connection->fd, connection->buffer + at, BUFFER_SIZE - 1 - at, 0);

    if (count <= 0)
        die("recv");
    connection->used += (size_t)count;
    if (connection->wanted == 0) {
        connection->buffer[connection->used] = '\0';
        const char *end = strstr(connection->buffer, "\r\n\r\n");
        const char *length = strstr(connection->buffer, "\r\nContent-Length: ");
        if (end == NULL || length == NULL)
            return;
        connection->wanted =
            (size_t)(end - connection->buffer) + 4 + strtoul(length + 18, NULL, 10);
    }
    if (connection->used == connection->wanted)
        record(load, connection);
}

static void run(struct load *load)
{
    struct pollfd polls[CONNECTIONS_MAX];

    for (;;) {
        size_t waiting = 0;
        int64_t time = now();
        if (time < load->end)
            send_due(load);
        for (size_t i = 0; i < load->count; i++) {
            waiting += load->connections[i].due != 0;
            polls[i] = (struct pollfd){.fd = load->connections[i].fd, .events = POLLIN};
        }
        if (waiting == 0 && time >= load->end)
            return;
        if (time > load->end + (int64_t)GRACE_SECONDS * 1000000000) {
            load->failed += waiting;
            return;
        }
        int64_t pause = load->next > time && time < load->end ? load->next - time : 1000000;
        struct timespec limit = {.tv_nsec = pause > 1000000 ? 1000000 : pause};
        if (ppoll(polls, load->count, &limit, NULL) < 0 && errno != EINTR)
            die("ppoll");
        for (size_t i = 0; i < load->count; i++) {
            if ((polls[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0)
                receive(load, &load->connections[i]);
        }
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;

    return (first > second) - (first < second);
}

static double percentile(const struct load *load, double share)
{
    size_t index = (size_t)((double)load->done * share);

    return load->done == 0 ? -1 : load->times[index < load->done ? index : load->done - 1] / 1e3;
}

int main(int argc, char **argv)
{
    struct load load = {0};

    if (argc != 6) {
        (void)fprintf(stderr, "usage: load PORT PATH RATE SECONDS CONNECTIONS\n");
        return 64;
    }
    int port = atoi(argv[1]);
    long rate = atol(argv[3]);
    double seconds = atof(argv[4]);
    load.count = (size_t)atol(argv[5]);
    if (load.count < 1 || load.count > CONNECTIONS_MAX)
        return 64;
    (void)snprintf(load.request, sizeof load.request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                   argv[2]);
    load.connections = calloc(load.count, sizeof *load.connections);
    load.capacity = 4000000;
    load.times = calloc(load.capacity, sizeof *load.times);
    if (load.connections == NULL || load.times == NULL)
        die("calloc");
    for (size_t i = 0; i < load.count; i++)
        load.connections[i].fd = connect_to(port);
    int64_t start = now();
    load.next = start;
    load.end = start + (int64_t)(seconds * 1e9);
    load.period = rate == 0 ? 0 : 1000000000 / rate;
    run(&load);
    double took = (double)(now() - start) / 1e9;
    qsort(load.times, load.done, sizeof *load.times, compare);
    (void)printf("{\"answers\":%zu,\"failed\":%zu,\"rate\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
                 "\"max_ms\":%.3f}\n",
                 load.done, load.failed, (double)load.done / took, percentile(&load, 0.5),
                 percentile(&load, 0.99), percentile(&load, 1));
    return load.failed > 0;
}
