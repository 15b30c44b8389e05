/*
 * A strict scanner of JSON text (RFC 8259). It builds nothing: it says whether the text is well
 * formed, where and why not, and where the n-th value stands. cJSON, which builds the tree, knows
 * no positions and lets malformed numbers, control characters and bad UTF-8 pass.
 */
#ifndef WATERTIGHT_AGENT_JSON_SCAN_H
#define WATERTIGHT_AGENT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 64 };

/* Offsets in bytes from the start of the text. */
struct json_place {
    size_t value; /* where the value begins */
    size_t key;   /* where its key begins; the value's own place outside an object */
};

/*
 * Scans length bytes. False when they are not one JSON value: *problem lends a sentence and *at is
 * the offset it speaks of. Otherwise *place is that of the value with this index, counting every
 * value in the order of the text, the outermost being 0; untouched when there are not so many.
 */
bool json_scan(const char *text, size_t length, size_t index, struct json_place *place,
               const char **problem, size_t *at);

#endif
