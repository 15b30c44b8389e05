/*
 * Where what a command prints goes: composed in memory, then written whole to stdout or a file.
 * Knows nothing of what is printed.
 */
#ifndef WATERTIGHT_AGENT_OUTPUT_H
#define WATERTIGHT_AGENT_OUTPUT_H

#include <stdio.h>

#include "agent/core/error.h"
#include "agent/options.h"

/* One --format: which one, and where to. */
struct output {
    size_t format;     /* index of its name */
    char *destination; /* owned; "-": stdout */
};

struct outputs {
    struct output *rows; /* owned; in the order of the options */
    size_t count, capacity;
};

/*
 * Reads the words of --format, or `text` to stdout without any. format_at gives the formats' names
 * by index, NULL past the end. An unknown name, or two outputs to one place, is an error. The
 * caller frees out, also on failure.
 */
bool outputs_plan(const struct options *options, const char *(*format_at)(size_t index),
                  struct outputs *out, struct error *err) MUST_USE;
void outputs_free(struct outputs *outputs);

bool output_is_stdout(const struct output *output);

/*
 * Writes all of data to stdout ("-") or a file. A regular file, or one that does not exist yet, is
 * replaced atomically (a symbolic link: what it points at); anything else, such as a device, is
 * written to.
 */
bool output_write(const char *destination, const char *data, size_t length,
                  struct error *err) MUST_USE;

/* A stream into memory, and what came through it. */
struct output_buffer {
    FILE *stream;
    char *data; /* what was flushed, terminated; NULL before */
    size_t length, capacity;
};

/* Opens the stream. out must stay where it is: the stream writes into it. */
void output_buffer_open(struct output_buffer *out);
/* Closes the stream; what came through it is data, NULL when nothing did, which the caller frees.
 */
void output_buffer_close(struct output_buffer *buffer);
/* Closes the stream, writes what came through it to the destination, and frees it. */
bool output_buffer_send(struct output_buffer *buffer, const char *destination,
                        struct error *err) MUST_USE;

#endif
