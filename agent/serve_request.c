/*
 * Request heads. See serve_request.h.
 */
#include "agent/serve_request.h"

#include <string.h>
#include <strings.h>

struct text {
    const char *at;
    const char *end;
};

/* What the headers said. */
struct headers {
    int hosts;
    bool wants_close, wants_keep_alive;
};

static size_t text_length(struct text text)
{
    return (size_t)(text.end - text.at);
}

static bool text_is(struct text text, const char *word)
{
    return text_length(text) == strlen(word) && strncasecmp(text.at, word, strlen(word)) == 0;
}

/* RFC 9110, 5.6.2: the characters of methods and of headers' names. */
static bool is_token_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct text text)
{
    for (const char *c = text.at; c < text.end; c++) {
        if (!is_token_character(*c))
            return false;
    }
    return text.at < text.end;
}

/* The line at the cursor, without its end; false when its end has not come. */
static bool next_line(struct text *rest, struct text *line)
{
    const char *newline = memchr(rest->at, '\n', text_length(*rest));

    if (newline == NULL)
        return false;
    *line = (struct text){rest->at, newline};
    if (line->end > line->at && line->end[-1] == '\r')
        line->end--;
    rest->at = newline + 1;
    return true;
}

/* What is before the separator, and leaves the cursor behind it; the rest when there is none. */
static struct text next_part(struct text *rest, char separator)
{
    const char *found = memchr(rest->at, separator, text_length(*rest));
    struct text part = {rest->at, found == NULL ? rest->end : found};

    rest->at = found == NULL ? rest->end : found + 1;
    return part;
}

static struct text trim(struct text text)
{
    while (text.at < text.end && (*text.at == ' ' || *text.at == '\t'))
        text.at++;
    while (text.at < text.end && (text.end[-1] == ' ' || text.end[-1] == '\t'))
        text.end--;
    return text;
}

/* --- the target ----------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Decodes %XX into out, at most size - 1 bytes of it: a longer text equals no path of ours, cut or
 * not. False for what is no encoding, and for %00, which would end the text before its end.
 */
static bool decode(struct text text, char *out, size_t size)
{
    size_t used = 0;

    for (const char *c = text.at; c < text.end; c++) {
        char byte = *c;
        if (byte == '%') {
            int high = text.end - c > 2 ? hex_digit(c[1]) : -1;
            int low = high < 0 ? -1 : hex_digit(c[2]);
            if (low < 0 || high + low == 0)
                return false;
            byte = (char)(high * 16 + low);
            c += 2;
        }
        if (used + 1 < size)
            out[used++] = byte;
    }
    out[used] = '\0';
    return true;
}

/* "http://host/path" is what a proxy is sent; servers must take it too (RFC 9112, 3.2.2). */
static struct text skip_authority(struct text target)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t length = strlen(schemes[i]);
        if (text_length(target) <= length || strncasecmp(target.at, schemes[i], length) != 0)
            continue;
        const char *host = target.at + length;
        const char *slash = memchr(host, '/', (size_t)(target.end - host));
        target.at = slash == NULL ? target.end : slash;
        break;
    }
    return target;
}

static int read_target(struct text target, struct request *out)
{
    target = skip_authority(target);
    if (target.at == target.end || *target.at != '/')
        return 400;
    struct text path = next_part(&target, '?');
    if (!decode(path, out->path, sizeof out->path))
        return 400;
    while (target.at < target.end) {
        struct text value = next_part(&target, '&');
        struct text name = next_part(&value, '=');
        if (text_is(name, "format") && !decode(value, out->format, sizeof out->format))
            return 400;
    }
    return 0;
}

/* --- lines ---------------------------------------------------------------------------------- */

static int read_request_line(struct text line, struct request *out, bool *is_old)
{
    struct text method = next_part(&line, ' ');
    struct text target = next_part(&line, ' ');

    if (!is_token(method) || target.at == target.end)
        return 400;
    if (text_length(line) != strlen("HTTP/1.1") || strncmp(line.at, "HTTP/", 5) != 0)
        return 400;
    if (line.at[5] != '1' || line.at[6] != '.')
        return 505;
    *is_old = line.at[7] == '0';
    out->is_head = text_length(method) == 4 && strncmp(method.at, "HEAD", 4) == 0;
    if (!out->is_head && (text_length(method) != 3 || strncmp(method.at, "GET", 3) != 0))
        return 405;
    return read_target(target, out);
}

static void read_connection(struct text value, struct headers *headers)
{
    while (value.at < value.end) {
        struct text word = trim(next_part(&value, ','));
        headers->wants_close = headers->wants_close || text_is(word, "close");
        headers->wants_keep_alive = headers->wants_keep_alive || text_is(word, "keep-alive");
    }
}

/* A body is refused, not skipped: two readings of where it ends are how requests are smuggled. */
static int read_content_length(struct text value)
{
    for (const char *c = value.at; c < value.end; c++) {
        if (*c < '0' || *c > '9')
            return 400;
    }
    if (value.at == value.end)
        return 400;
    while (value.at < value.end && *value.at == '0')
        value.at++;
    return value.at == value.end ? 0 : 413;
}

static int read_header(struct text line, struct request *out, struct headers *headers)
{
    if (memchr(line.at, ':', text_length(line)) == NULL)
        return 400;
    struct text name = next_part(&line, ':');
    struct text value = trim(line);
    /* Also a folded line, and a blank before the colon: both "must" be refused (RFC 9112, 5). */
    if (!is_token(name))
        return 400;
    if (text_is(name, "host"))
        headers->hosts++;
    else if (text_is(name, "connection"))
        read_connection(value, headers);
    else if (text_is(name, "content-length"))
        return read_content_length(value);
    else if (text_is(name, "transfer-encoding"))
        return 413;
    else if (text_is(name, "accept") && text_length(value) < sizeof out->accept) {
        memcpy(out->accept, value.at, text_length(value));
        out->accept[text_length(value)] = '\0';
    }
    return 0;
}

/* Up to and with the blank line; everything while that has not come. */
static struct text head_of(const char *data, size_t length)
{
    struct text rest = {data, data + length};
    struct text line = {0};
    bool has_begun = false;

    while (next_line(&rest, &line)) {
        if (has_begun && line.at == line.end)
            return (struct text){data, rest.at};
        has_begun = has_begun || line.at < line.end;
    }
    return (struct text){data, data + length};
}

/* Binary junk, such as the hello of TLS, is known by its first bytes: no need to wait for lines. */
static bool has_control(struct text text)
{
    for (const char *c = text.at; c < text.end; c++) {
        if (((unsigned char)*c < ' ' && *c != '\r' && *c != '\n' && *c != '\t') || *c == 0x7f)
            return true;
        if (*c == '\r' && c + 1 < text.end && c[1] != '\n')
            return true;
    }
    return false;
}

static enum request_state refuse(int status, struct request *out)
{
    out->status = status;
    out->keeps_alive = false;
    return REQUEST_REFUSED;
}

enum request_state request_parse(const char *data, size_t length, struct request *out)
{
    struct text rest = head_of(data, length);
    struct headers headers = {0};
    struct text line = {0};
    bool is_old = false;

    *out = (struct request){0};
    if (has_control(rest))
        return refuse(400, out);
    /* A blank line before a request is borne (RFC 9112, 2.2). */
    while (rest.at < rest.end && (*rest.at == '\r' || *rest.at == '\n'))
        rest.at++;
    if (!next_line(&rest, &line)) {
        if (length >= REQUEST_MAX)
            return refuse(414, out);
        return REQUEST_PARTIAL;
    }
    int status = read_request_line(line, out, &is_old);
    while (status == 0 && next_line(&rest, &line)) {
        if (line.at == line.end) {
            out->length = (size_t)(rest.at - data);
            out->keeps_alive = !headers.wants_close && (!is_old || headers.wants_keep_alive);
            bool has_hosts = headers.hosts == 1 || (is_old && headers.hosts == 0);
            return has_hosts ? REQUEST_WHOLE : refuse(400, out);
        }
        status = read_header(line, out, &headers);
    }
    if (status != 0)
        return refuse(status, out);
    return length >= REQUEST_MAX ? refuse(431, out) : REQUEST_PARTIAL;
}
