/*
 * Words and numbers in the kernel's text files. See digits.h.
 */
#include "probes/digits.h"

#include <string.h>

bool span_line(struct span *text, struct span *line)
{
    if (text->at >= text->end)
        return false;
    const char *newline = memchr(text->at, '\n', (size_t)(text->end - text->at));
    const char *end = newline == NULL ? text->end : newline;
    *line = (struct span){.at = text->at, .end = end};
    text->at = newline == NULL ? end : end + 1;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool span_word(struct span *text, struct span *word)
{
    while (text->at < text->end && is_blank(*text->at))
        text->at++;
    word->at = text->at;
    while (text->at < text->end && !is_blank(*text->at))
        text->at++;
    word->end = text->at;
    return word->at < word->end;
}

bool span_is(struct span span, const char *word)
{
    size_t length = (size_t)(span.end - span.at);

    return strlen(word) == length && memcmp(span.at, word, length) == 0;
}

static unsigned int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned int)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned int)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned int)(c - 'A') + 10;
    return 16;
}

bool span_number(struct span span, unsigned int base, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (span.at >= span.end)
        return false;
    for (const char *c = span.at; c < span.end; c++) {
        unsigned int digit = digit_value(*c);
        if (digit >= base || digit > max || value > (max - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}
