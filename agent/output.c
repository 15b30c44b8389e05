/*
 * Output. See output.h.
 */
#include "agent/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/atomic_file.h"
#include "agent/core/mem.h"
#include "agent/suggest.h"

enum { INHERITED_MAX = 256 }; /* descriptors that a shell or an engine may have opened for us */

static const char to_stdout[] = "-";

/* --- planning ------------------------------------------------------------------------------- */

struct format_names {
    const char *(*at)(size_t index);
};

static const char *nth_format(size_t index, const void *context)
{
    const struct format_names *names = context;

    return names->at(index);
}

static bool find_format(const char *name, const char *(*format_at)(size_t index),
                        const char *origin, size_t *out, struct error *err)
{
    const struct format_names names = {.at = format_at};

    for (*out = 0; format_at(*out) != NULL; (*out)++) {
        if (strcmp(format_at(*out), name) == 0)
            return true;
    }
    const char *near = suggest_nearest(name, nth_format, &names);
    if (near == NULL)
        return error_set(err, "%s: unknown format \"%s\"", origin, name);
    return error_set(err, "%s: unknown format \"%s\"; did you mean %s?", origin, name, near);
}

/* What tells two destinations apart: the real path, also of a file that is not there yet. */
static char *place_of(const char *destination)
{
    char *real = strcmp(destination, to_stdout) == 0 ? NULL : realpath(destination, NULL);

    if (real != NULL || strcmp(destination, to_stdout) == 0)
        return real != NULL ? real : mem_copy(destination);
    const char *slash = strrchr(destination, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - destination) + 1;
    CLEANUP(mem_free_text) char *folder = mem_format("%.*s.", (int)length, destination);
    CLEANUP(mem_free_text) char *real_folder = realpath(folder, NULL);
    if (real_folder == NULL)
        return mem_copy(destination);
    return mem_format("%s/%s", real_folder, destination + length);
}

static bool check_apart(const struct outputs *outputs, const char *destination, const char *origin,
                        struct error *err)
{
    CLEANUP(mem_free_text) char *place = place_of(destination);

    for (size_t i = 0; i < outputs->count; i++) {
        CLEANUP(mem_free_text) char *other = place_of(outputs->rows[i].destination);
        if (strcmp(place, other) == 0)
            return error_set(err, "%s: two outputs go to %s", origin,
                             strcmp(place, to_stdout) == 0 ? "stdout" : destination);
    }
    return true;
}

static bool plan_one(const char *word, const char *(*format_at)(size_t index), const char *origin,
                     struct outputs *out, struct error *err)
{
    size_t length = strcspn(word, "=");
    CLEANUP(mem_free_text) char *name = mem_copy_n(word, length);
    const char *destination = word[length] == '=' ? word + length + 1 : to_stdout;
    struct output output = {0};

    if (!find_format(name, format_at, origin, &output.format, err))
        return false;
    if (destination[0] == '\0')
        return error_set(err, "%s: a file's name is missing behind \"%s\"", origin, word);
    if (!check_apart(out, destination, origin, err))
        return false;
    output.destination = mem_copy(destination);
    out->rows = mem_grow(out->rows, out->count, &out->capacity, sizeof *out->rows);
    out->rows[out->count++] = output;
    return true;
}

bool outputs_plan(const struct options *options, const char *(*format_at)(size_t index),
                  struct outputs *out, struct error *err)
{
    const struct option_values *words = &options->values[OPTION_FORMAT];
    CLEANUP(mem_free_text) char *origin = options_origin(options, OPTION_FORMAT);

    if (words->count == 0)
        return plan_one("text", format_at, origin, out, err);
    for (size_t i = 0; i < words->count; i++) {
        if (!plan_one(words->items[i], format_at, origin, out, err))
            return false;
    }
    return true;
}

void outputs_free(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        free(outputs->rows[i].destination);
    free(outputs->rows);
    *outputs = (struct outputs){0};
}

bool output_is_stdout(const struct output *output)
{
    return strcmp(output->destination, to_stdout) == 0;
}

/* --- writing -------------------------------------------------------------------------------- */

/*
 * Closing is where some file systems (NFS, FUSE) report what they could not store: for stdout, of a
 * duplicate, so that the descriptor itself is not freed for somebody else's file.
 */
static bool write_and_close(int fd, const char *data, size_t length)
{
    bool ok = atomic_file_write_all(fd, data, length);
    int code = errno;

    if (close(fd) < 0 && ok)
        return false;
    errno = code;
    return ok;
}

static bool write_inherited(int fd, const char *name, const char *data, size_t length,
                            struct error *err)
{
    if (!atomic_file_write_all(fd, data, length))
        return error_sys(err, "cannot write to %s", name);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (copy >= 0 && close(copy) < 0 && errno != EINTR)
        return error_sys(err, "cannot write to %s", name);
    return true;
}

/*
 * The descriptor that we were started with for writing to this very file, or -1. "/dev/stderr" may
 * be somebody's log: a file to go on with, not one to replace.
 */
static int find_inherited(const struct stat *file)
{
    struct stat status;

    for (int fd = STDOUT_FILENO; fd < INHERITED_MAX; fd++) {
        if (fstat(fd, &status) < 0 || status.st_dev != file->st_dev ||
            status.st_ino != file->st_ino)
            continue;
        int flags = fcntl(fd, F_GETFL);
        if (flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY)
            return fd;
    }
    return -1;
}

static bool write_through(const char *path, const char *data, size_t length, struct error *err)
{
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return error_sys(err, "cannot open %s", path);
    if (!write_and_close(fd, data, length))
        return error_sys(err, "cannot write to %s", path);
    return true;
}

/* What a file that open(2) creates would get. */
static mode_t new_file_mode(void)
{
    mode_t mask = umask(0);

    (void)umask(mask);
    return (mode_t)(0644 & ~mask);
}

bool output_write(const char *destination, const char *data, size_t length, struct error *err)
{
    struct stat status;

    if (strcmp(destination, to_stdout) == 0)
        return write_inherited(STDOUT_FILENO, "stdout", data, length, err);
    if (lstat(destination, &status) < 0) {
        if (errno != ENOENT)
            return error_sys(err, "cannot write %s", destination);
        return atomic_file_write(destination, data, length, new_file_mode(), err);
    }
    /* It exists, be it as a link: one that points nowhere is somebody's mistake. */
    if (stat(destination, &status) < 0)
        return error_sys(err, "cannot write %s", destination);
    if (!S_ISREG(status.st_mode))
        return write_through(destination, data, length, err);
    int inherited = find_inherited(&status);
    if (inherited >= 0)
        return write_inherited(inherited, destination, data, length, err);
    CLEANUP(mem_free_text) char *real = realpath(destination, NULL);
    if (real == NULL)
        return error_sys(err, "cannot write %s", destination);
    return atomic_file_write(real, data, length, status.st_mode & 0777, err);
}

/* open_memstream(3) can lose bytes in silence when memory is out; this ends the program instead. */
static ssize_t append(void *cookie, const char *bytes, size_t count)
{
    struct output_buffer *buffer = cookie;

    while (buffer->capacity - buffer->length <= count) {
        buffer->capacity = buffer->capacity == 0 ? 8192 : buffer->capacity * 2;
        buffer->data = mem_resize(buffer->data, buffer->capacity);
    }
    memcpy(buffer->data + buffer->length, bytes, count);
    buffer->length += count;
    buffer->data[buffer->length] = '\0';
    return (ssize_t)count;
}

void output_buffer_open(struct output_buffer *out)
{
    *out = (struct output_buffer){0};
    out->stream = fopencookie(out, "w", (cookie_io_functions_t){.write = append});
    if (out->stream == NULL)
        out_of_memory();
}

void output_buffer_close(struct output_buffer *buffer)
{
    bool is_whole = ferror(buffer->stream) == 0;

    /* A stream into memory fails for want of memory only: that of its own buffer. */
    if (fclose(buffer->stream) != 0 || !is_whole)
        out_of_memory();
    buffer->stream = NULL;
}

bool output_buffer_send(struct output_buffer *buffer, const char *destination, struct error *err)
{
    output_buffer_close(buffer);
    bool ok = output_write(destination, buffer->data, buffer->length, err);
    free(buffer->data);
    *buffer = (struct output_buffer){0};
    return ok;
}
