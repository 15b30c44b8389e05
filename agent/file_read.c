/*
 * Whole input files. See file_read.h.
 */
#include "agent/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/mem.h"

static void close_fd(int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

/* Appends what the descriptor gives until its end, or until more than max bytes have come. */
static bool read_to_end(int fd, size_t max, char **text, size_t *length)
{
    size_t capacity = 0;

    for (;;) {
        if (*length + 1 >= capacity) {
            capacity = capacity == 0 ? 16384 : capacity * 2;
            *text = mem_resize(*text, capacity);
        }
        ssize_t count = read(fd, *text + *length, capacity - *length - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        *length += (size_t)count;
        (*text)[*length] = '\0';
        if (count == 0 || *length > max)
            return true;
    }
}

bool file_read(const char *file, size_t max, char **out, size_t *length, struct error *err)
{
    bool is_stdin = strcmp(file, "-") == 0;
    CLEANUP(close_fd) int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    CLEANUP(mem_free_text) char *text = NULL;
    size_t count = 0;

    if (fd < 0)
        return error_sys(err, "cannot open %s", file);
    if (!read_to_end(fd, max, &text, &count))
        return error_sys(err, "cannot read %s", is_stdin ? "standard input" : file);
    if (count > max)
        return error_set(err, "%s is larger than %zu bytes", file, max);
    *out = text;
    text = NULL;
    *length = count;
    return true;
}

char *file_beside(const char *source, const char *name)
{
    const char *slash = strrchr(source, '/');

    if (name[0] == '/' || slash == NULL)
        return mem_copy(name);
    return mem_format("%.*s%s", (int)(slash - source + 1), source, name);
}
