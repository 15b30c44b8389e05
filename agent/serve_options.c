/*
 * Options of serve. See serve_options.h.
 */
#include "agent/serve_options.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "agent/core/mem.h"

static const char unix_prefix[] = "unix:";

const char *ready_when_name(size_t index)
{
    static const char *const names[] = {
        [READY_WHEN_PASS] = "pass",       [READY_WHEN_NO_CRITICAL] = "no-critical",
        [READY_WHEN_NO_HIGH] = "no-high", [READY_WHEN_NO_MEDIUM] = "no-medium",
        [READY_WHEN_NO_LOW] = "no-low",
    };

    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

/* Digits only: strtoul(3) alone would take blanks and signs. */
static bool parse_digits(const char *text, unsigned long max, const char **end, unsigned long *out)
{
    char *behind = NULL;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *out = strtoul(text, &behind, 10);
    *end = behind;
    return errno == 0 && *out <= max;
}

bool interval_parse(const char *text, int64_t *out)
{
    static const struct {
        const char *name;
        int64_t milliseconds;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    const char *unit = NULL;
    unsigned long number = 0;

    if (!parse_digits(text, INTERVAL_MS_MAX, &unit, &number))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].name, unit) != 0)
            continue;
        *out = (int64_t)number * units[i].milliseconds;
        return *out >= INTERVAL_MS_MIN && *out <= INTERVAL_MS_MAX;
    }
    return false;
}

static bool parse_unix(const char *path, struct sockaddr_storage *out, socklen_t *length,
                       struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path[0] == '\0')
        return error_set(err, "a path is missing behind \"%s\"", unix_prefix);
    if (strlen(path) >= sizeof address.sun_path)
        return error_set(err, "the path of a socket has at most %zu bytes",
                         sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path));
    memcpy(out, &address, sizeof address);
    *length = sizeof address;
    return true;
}

/* host of length bytes, brackets and all. */
static bool parse_host(const char *host, size_t length, in_port_t port,
                       struct sockaddr_storage *out, socklen_t *out_length)
{
    bool is_v6 = length >= 2 && host[0] == '[' && host[length - 1] == ']';
    CLEANUP(mem_free_text)
    char *bare = is_v6 ? mem_copy_n(host + 1, length - 2) : mem_copy_n(host, length);

    if (is_v6) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port};
        if (inet_pton(AF_INET6, bare, &address.sin6_addr) != 1)
            return false;
        memcpy(out, &address, sizeof address);
        *out_length = sizeof address;
        return true;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    if (inet_pton(AF_INET, bare, &address.sin_addr) != 1)
        return false;
    memcpy(out, &address, sizeof address);
    *out_length = sizeof address;
    return true;
}

bool address_parse(const char *text, struct sockaddr_storage *out, socklen_t *length,
                   struct error *err)
{
    const char *end = NULL;
    unsigned long port = 0;

    *out = (struct sockaddr_storage){0};
    if (strncmp(text, unix_prefix, sizeof unix_prefix - 1) == 0)
        return parse_unix(text + sizeof unix_prefix - 1, out, length, err);
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !parse_digits(colon + 1, UINT16_MAX, &end, &port) || *end != '\0')
        return error_set(err, "\"%s\" has no port, such as 127.0.0.1:9797", text);
    if (colon == text)
        return error_set(err, "\"%s\" has no address; 0.0.0.0%s and [::]%s are all of them", text,
                         text, text);
    if (!parse_host(text, (size_t)(colon - text), htons((in_port_t)port), out, length))
        return error_set(err,
                         "\"%.*s\" is no numeric address, such as 127.0.0.1, [::1] or unix:PATH",
                         (int)(colon - text), text);
    return true;
}

const char *address_words(const struct sockaddr_storage *address,
                          char buffer[static ADDRESS_TEXT_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->ss_family == AF_UNIX) {
        struct sockaddr_un local;
        memcpy(&local, address, sizeof local);
        (void)snprintf(buffer, ADDRESS_TEXT_MAX, "%s%.*s", unix_prefix, (int)sizeof local.sun_path,
                       local.sun_path);
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        (void)snprintf(buffer, ADDRESS_TEXT_MAX, "[%s]:%d", host, ntohs(v6.sin6_port));
    } else {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        (void)snprintf(buffer, ADDRESS_TEXT_MAX, "%s:%d", host, ntohs(v4.sin_port));
    }
    return buffer;
}

bool serve_options_read(const struct options *options, struct serve_options *out, struct error *err)
{
    const char *interval = options_word(options, OPTION_INTERVAL, "30s");
    const char *listen = options_word(options, OPTION_LISTEN, "127.0.0.1:9797");
    const char *ready_when = options_word(options, OPTION_READY_WHEN, ready_when_name(0));
    struct error reason = {0};

    *out = (struct serve_options){.ready_when = READY_WHEN_PASS};
    if (!interval_parse(interval, &out->interval_ms)) {
        CLEANUP(mem_free_text) char *origin = options_origin(options, OPTION_INTERVAL);
        return error_set(err, "%s: \"%s\" is no interval from 100ms to 24h, such as 500ms, 30s, 5m",
                         origin, interval);
    }
    if (!address_parse(listen, &out->address, &out->address_length, &reason)) {
        CLEANUP(mem_free_text) char *origin = options_origin(options, OPTION_LISTEN);
        return error_set(err, "%s: %s", origin, reason.text);
    }
    /* Only known words get here: they are the option's choices. */
    for (size_t i = 0; ready_when_name(i) != NULL; i++) {
        if (strcmp(ready_when_name(i), ready_when) == 0)
            out->ready_when = (enum ready_when)i;
    }
    return true;
}
