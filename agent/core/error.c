/*
 * Errors as sentences. See error.h.
 */
#include "agent/core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_write(struct error *err, const char *format, va_list arguments)
{
    if (err == NULL)
        return;
    err->code = 0;
    (void)vsnprintf(err->text, sizeof err->text, format, arguments);
}

bool error_set(struct error *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    error_write(err, format, arguments);
    va_end(arguments);
    return false;
}

bool error_sys(struct error *err, const char *format, ...)
{
    int code = errno;
    va_list arguments;

    if (err == NULL)
        return false;
    va_start(arguments, format);
    error_write(err, format, arguments);
    va_end(arguments);
    size_t length = strlen(err->text);
    (void)snprintf(err->text + length, sizeof err->text - length, ": %s", strerror(code));
    err->code = code;
    return false;
}

const char *error_name(int code, char buffer[static 16])
{
    const char *name = strerrorname_np(code);

    if (name != NULL && code != 0)
        return name;
    (void)snprintf(buffer, 16, "errno %d", code);
    return buffer;
}
