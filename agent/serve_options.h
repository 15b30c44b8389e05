/*
 * What the options of serve mean: an interval, an address, and when a result counts as ready. Pure:
 * opens nothing, resolves no name.
 */
#ifndef WATERTIGHT_AGENT_SERVE_OPTIONS_H
#define WATERTIGHT_AGENT_SERVE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "agent/core/error.h"
#include "agent/options.h"

/*
 * no-SEVERITY: no check of at least that severity failed or is unknown: what could not be seen may
 * be such a failure.
 */
enum ready_when {
    READY_WHEN_PASS, /* the verdict is pass */
    READY_WHEN_NO_CRITICAL,
    READY_WHEN_NO_HIGH,
    READY_WHEN_NO_MEDIUM,
    READY_WHEN_NO_LOW
};

enum { INTERVAL_MS_MIN = 100, INTERVAL_MS_MAX = 24 * 60 * 60 * 1000 };

struct serve_options {
    int64_t interval_ms;
    enum ready_when ready_when;
    struct sockaddr_storage address; /* AF_INET, AF_INET6 or AF_UNIX, by a path */
    socklen_t address_length;
};

/* Reads --interval, --listen and --ready-when, or their defaults. Errors name the option. */
bool serve_options_read(const struct options *options, struct serve_options *out,
                        struct error *err) MUST_USE;

/* "500ms", "30s", "5m", "2h" as milliseconds; false for anything else or out of the limits. */
bool interval_parse(const char *text, int64_t *out) MUST_USE;

/* "127.0.0.1:9797", "[::1]:9797", "unix:/run/watertight.sock". Port 0: the kernel picks one. */
bool address_parse(const char *text, struct sockaddr_storage *out, socklen_t *length,
                   struct error *err) MUST_USE;

enum { ADDRESS_TEXT_MAX = 128 };

/* An address as address_parse reads it. The result is in buffer. */
const char *address_words(const struct sockaddr_storage *address,
                          char buffer[static ADDRESS_TEXT_MAX]);

/* The words of --ready-when by index, which is an enum ready_when; NULL past the end. */
const char *ready_when_name(size_t index);

#endif
