/*
 * Texts with placeholders in braces, as rules hold them: "{subject} is not protected".
 */
#ifndef WATERTIGHT_AGENT_CORE_PLACEHOLDER_H
#define WATERTIGHT_AGENT_CORE_PLACEHOLDER_H

#include <stddef.h>

struct placeholder {
    const char *name; /* with its braces: "{subject}" */
    const char *word; /* what stands in its place */
};

/* The text with each placeholder of the rows replaced. The caller frees it. */
char *placeholder_fill(const char *text, const struct placeholder *rows, size_t count);

/* The first brace in text that begins none of the placeholders, from there on, or NULL. */
const char *placeholder_unknown(const char *text, const struct placeholder *rows, size_t count);

#endif
