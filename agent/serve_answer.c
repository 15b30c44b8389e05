/*
 * Answers. See serve_answer.h.
 */
#include "agent/serve_answer.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "agent/output.h"
#include "agent/serve_accept.h"
#include "agent/serve_metrics.h"
#include "report/reporter.h"

enum { NO_FORMAT = -1 };

static const char type_text[] = "text/plain; charset=utf-8";

static const char paths[] =
    "/        the report, for a person\n"
    "/livez   200 while the server runs\n"
    "/readyz  200 when what is looked at is as it must be, else 503 and why\n"
    "/report  the report; ?format= or Accept choose one of";

/* Every status that is answered; the last one is that of whatever cannot be understood. */
static const struct status_row {
    int status;
    const char *reason;
    const char *refusal; /* what the body says where nothing else does */
} status_rows[] = {
    {200, "OK", ""},
    {404, "Not Found", ""},
    {405, "Method Not Allowed", "only GET and HEAD\n"},
    {406, "Not Acceptable", ""},
    {413, "Content Too Large", "a request with a body is not taken\n"},
    {414, "URI Too Long", "the request line is too long\n"},
    {431, "Request Header Fields Too Large", "the headers are too long\n"},
    {503, "Service Unavailable", ""},
    {505, "HTTP Version Not Supported", "only HTTP/1.0 and HTTP/1.1\n"},
    {400, "Bad Request", "this is not a request of HTTP/1.1\n"},
};

static const struct status_row *find_status(int status)
{
    size_t last = sizeof status_rows / sizeof status_rows[0] - 1;
    size_t i = 0;

    while (i < last && status_rows[i].status != status)
        i++;
    return &status_rows[i];
}

/* --- bodies --------------------------------------------------------------------------------- */

static void say_constant(int status, const char *words, struct answer *out)
{
    *out = (struct answer){
        .status = status, .type = type_text, .data = words, .length = strlen(words)};
}

/* Takes over what came through the buffer. */
static void say_buffer(int status, const char *type, struct output_buffer *buffer,
                       struct answer *out)
{
    output_buffer_close(buffer);
    *out = (struct answer){.status = status,
                           .type = type,
                           .data = buffer->data,
                           .length = buffer->length,
                           .owned = buffer->data};
}

/* Whether a report can be had in that format: not every one holds those of several containers. */
static bool is_format(const struct serve_state *state, size_t index)
{
    return !state->is_all || reporter_at(index)->write_all != NULL;
}

static void write_formats(const struct serve_state *state, FILE *out)
{
    for (size_t i = 0; reporter_at(i) != NULL; i++) {
        if (is_format(state, i))
            (void)fprintf(out, " %s", reporter_at(i)->name);
    }
    (void)fputc('\n', out);
}

static void answer_not_found(const struct serve_state *state, struct answer *out)
{
    struct output_buffer buffer;

    output_buffer_open(&buffer);
    (void)fprintf(buffer.stream, "there is no such page; there are:\n%s", paths);
    write_formats(state, buffer.stream);
    (void)fputs("/metrics for Prometheus\n", buffer.stream);
    say_buffer(404, type_text, &buffer, out);
}

/* --- the report ----------------------------------------------------------------------------- */

static int format_named(const struct serve_state *state, const char *name)
{
    for (int i = 0; reporter_at((size_t)i) != NULL; i++) {
        if (is_format(state, (size_t)i) && strcmp(reporter_at((size_t)i)->name, name) == 0)
            return i;
    }
    return NO_FORMAT;
}

/* The most welcome format; among equals json, then the order of the registry. */
static int format_accepted(const struct serve_state *state, const char *accept)
{
    int found = format_named(state, "json");
    int best = accept_quality(accept, reporter_at((size_t)found)->content_type);

    if (best == 0)
        found = NO_FORMAT;
    for (int i = 0; reporter_at((size_t)i) != NULL; i++) {
        int quality = accept_quality(accept, reporter_at((size_t)i)->content_type);
        if (quality <= best || !is_format(state, (size_t)i))
            continue;
        best = quality;
        found = i;
    }
    return found;
}

static void send_page(const struct serve_state *state, int format, struct answer *out)
{
    if (state->result == NULL) {
        say_constant(503, "no check has given a result yet\n", out);
        return;
    }
    *out = (struct answer){.status = 200,
                           .type = reporter_at((size_t)format)->content_type,
                           .data = state->result->pages[format].data,
                           .length = state->result->pages[format].length,
                           .result = result_keep(state->result)};
}

static void answer_report(const struct serve_state *state, const struct request *request,
                          struct answer *out)
{
    bool is_named = request->format[0] != '\0';
    int format =
        is_named ? format_named(state, request->format) : format_accepted(state, request->accept);
    struct output_buffer buffer;

    if (format != NO_FORMAT) {
        send_page(state, format, out);
        return;
    }
    output_buffer_open(&buffer);
    (void)fputs("there is no such format; there are:", buffer.stream);
    write_formats(state, buffer.stream);
    say_buffer(is_named ? 400 : 406, type_text, &buffer, out);
}

static void answer_page(const struct serve_state *state, struct answer *out)
{
    int format = format_named(state, "html");

    send_page(state, format == NO_FORMAT ? format_named(state, "text") : format, out);
}

/* --- all of them ---------------------------------------------------------------------------- */

static void answer_readyz(const struct serve_state *state, int64_t now_ms, struct answer *out)
{
    bool is_ready = serve_readiness(state, now_ms) == READINESS_READY;
    struct output_buffer buffer;

    output_buffer_open(&buffer);
    serve_readiness_write(state, now_ms, buffer.stream);
    say_buffer(is_ready ? 200 : 503, type_text, &buffer, out);
}

static void answer_metrics(const struct serve_state *state, int64_t now_ms, struct answer *out)
{
    struct output_buffer buffer;

    output_buffer_open(&buffer);
    metrics_write(state, now_ms, buffer.stream);
    say_buffer(200, metrics_content_type, &buffer, out);
}

static void answer_refusal(int status, struct answer *out)
{
    const struct status_row *row = find_status(status);

    say_constant(row->status, row->refusal, out);
}

void answer_make(const struct serve_state *state, int64_t now_ms, const struct request *request,
                 struct answer *out)
{
    if (request->status != 0)
        answer_refusal(request->status, out);
    else if (strcmp(request->path, "/readyz") == 0)
        answer_readyz(state, now_ms, out);
    else if (strcmp(request->path, "/livez") == 0)
        say_constant(200, "alive\n", out);
    else if (strcmp(request->path, "/metrics") == 0)
        answer_metrics(state, now_ms, out);
    else if (strcmp(request->path, "/report") == 0)
        answer_report(state, request, out);
    else if (strcmp(request->path, "/") == 0)
        answer_page(state, out);
    else
        answer_not_found(state, out);
}

void answer_free(struct answer *answer)
{
    free(answer->owned);
    result_release(answer->result);
    *answer = (struct answer){0};
}

/* --- the head ------------------------------------------------------------------------------- */

size_t answer_head(const struct answer *answer, time_t now, bool keeps_alive,
                   char head[static ANSWER_HEAD_MAX])
{
    char date[DATE_TIME_MAX];

    date_http_format(now, date);
    /* What a page may do in a browser: be looked at. It quotes names from the container. */
    int length = snprintf(head, ANSWER_HEAD_MAX,
                          "HTTP/1.1 %d %s\r\n"
                          "Date: %s\r\n"
                          "Content-Type: %s\r\n"
                          "Content-Length: %zu\r\n"
                          "Cache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                          "frame-ancestors 'none'\r\n"
                          "%s%s\r\n",
                          answer->status, find_status(answer->status)->reason, date, answer->type,
                          answer->length, answer->status == 405 ? "Allow: GET, HEAD\r\n" : "",
                          keeps_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n");

    return (size_t)length;
}
