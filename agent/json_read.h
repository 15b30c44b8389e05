/*
 * JSON documents as a person's input: parsed by cJSON, strictly, with errors that name the place
 * as SOURCE:LINE:COLUMN. Knows nothing of policies or facts.
 */
#ifndef WATERTIGHT_AGENT_JSON_READ_H
#define WATERTIGHT_AGENT_JSON_READ_H

#include <cjson/cJSON.h>
#include <obstack.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

struct json_document {
    const char *source; /* lent: what messages call it */
    const char *text;   /* lent; must outlive the document */
    size_t length;
    bool is_own; /* part of the program: its keys and characters are not looked at again */
    cJSON *root; /* in memory */
    struct obstack memory; /* owned: all of the tree, which is thousands of small pieces */
};

/*
 * Parses what is part of the program, and has passed the reading of a file in a test: that takes
 * twice the time. The checks of characters and of unknown keys below are left out for it.
 */
void json_parse_own(const char *text, size_t length, const char *source, struct json_document *out);

/* Parses text: one strict JSON value, no duplicate key anywhere, nothing behind it. */
bool json_parse(const char *text, size_t length, const char *source, struct json_document *out,
                struct error *err) MUST_USE;
void json_free(struct json_document *document);

/* An error about a node's value, or about its key. Always false. */
bool json_error(const struct json_document *document, const cJSON *node, struct error *err,
                const char *words, ...) PRINTF_LIKE(4, 5);
bool json_error_key(const struct json_document *document, const cJSON *node, struct error *err,
                    const char *words, ...) PRINTF_LIKE(4, 5);

/* The member of that name, or NULL. */
const cJSON *json_member(const cJSON *object, const char *name);

/*
 * Typed reads; what names the thing for the message ("severity"). A node of another type is an
 * error. Texts are lent, are not empty and hold no control character (but newline, where allowed).
 */
bool json_text(const struct json_document *document, const cJSON *node, const char *what,
               const char **out, struct error *err) MUST_USE;
bool json_prose(const struct json_document *document, const cJSON *node, const char *what,
                const char **out, struct error *err) MUST_USE;
bool json_bool(const struct json_document *document, const cJSON *node, const char *what, bool *out,
               struct error *err) MUST_USE;
/* Exact over the whole range of int64_t; 1.0 and 1e3 are integers too. */
bool json_integer(const struct json_document *document, const cJSON *node, const char *what,
                  int64_t *out, struct error *err) MUST_USE;
/* The same over the whole range of uint64_t. */
bool json_unsigned(const struct json_document *document, const cJSON *node, const char *what,
                   uint64_t *out, struct error *err) MUST_USE;
/* An array of texts; *out is zeroed by the caller, who frees it (also on failure). */
bool json_texts(const struct json_document *document, const cJSON *node, const char *what,
                struct strset *out, struct error *err) MUST_USE;
/* Only checks that the node is an object, or an array. */
bool json_object(const struct json_document *document, const cJSON *node, const char *what,
                 struct error *err) MUST_USE;
bool json_array(const struct json_document *document, const cJSON *node, const char *what,
                struct error *err) MUST_USE;

/*
 * Checks that every member's key is one of names (ended by NULL); another is an error with a near
 * match.
 */
bool json_only_keys(const struct json_document *document, const cJSON *object,
                    const char *const *names, struct error *err) MUST_USE;

#endif
