/*
 * One error: a sentence for a person. Functions that can fail take `struct error *err` last and
 * return bool, so that building and returning an error is one expression:
 *
 *     return error_set(err, "unknown policy \"%s\"", name);
 *
 * This file neither prints nor exits; only agent/ does.
 */
#ifndef WATERTIGHT_AGENT_CORE_ERROR_H
#define WATERTIGHT_AGENT_CORE_ERROR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

enum { ERROR_TEXT_MAX = 1024 };

struct error {
    char text[ERROR_TEXT_MAX]; /* UTF-8, one line, no trailing newline; cut when longer */
    int code;                  /* errno of the failed system call, 0 when there was none */
};

/*
 * Writes a sentence into err (which may be NULL: the caller does not want the words) and returns
 * false, always.
 */
bool error_set(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Like error_set, and appends ": " and the words of errno, which is read before anything else. */
bool error_sys(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * The kernel's name of an errno value ("EACCES"), or "errno N" in buffer when it has none.
 * The result is a constant or lies in buffer. Source: errno(3).
 */
const char *error_name(int code, char buffer[static 16]);

#endif
