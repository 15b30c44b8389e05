/*
 * Numbers in the kernel's text files: scanned from a cursor, bounded by an end, never beyond it.
 */
#ifndef WATERTIGHT_PROBES_DIGITS_H
#define WATERTIGHT_PROBES_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/core/error.h"

/* A piece of text: from `at` up to, not including, `end`. */
struct span {
    const char *at;
    const char *end;
};

/* The next line of text, without its newline; false at the end of the text. */
bool span_line(struct span *text, struct span *line);

/* The next word, without the blanks around it; false when only blanks are left. */
bool span_word(struct span *text, struct span *word);

bool span_is(struct span span, const char *word);

/* The whole span as a number of base 10 or 16, at most max; false for anything else. */
bool span_number(struct span span, unsigned int base, uint64_t max, uint64_t *out) MUST_USE;

#endif
