/*
 * Accept. See serve_accept.h.
 */
#include "agent/serve_accept.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { NO_MATCH = -1, ANY = 0, ANY_SUBTYPE = 1, EXACT = 2 };

static const char blanks[] = " \t";

/* How exactly a range of length bytes fits a media type of media_length bytes. */
static int specificity(const char *range, size_t length, const char *media, size_t media_length)
{
    const char *slash = memchr(media, '/', media_length);
    size_t type_length = slash == NULL ? media_length : (size_t)(slash - media) + 1;

    if (length == media_length && strncasecmp(range, media, length) == 0)
        return EXACT;
    if (length == 3 && strncmp(range, "*/*", 3) == 0)
        return ANY;
    bool is_any_subtype = length == type_length + 1 && range[length - 1] == '*' &&
                          strncasecmp(range, media, type_length) == 0;
    return is_any_subtype ? ANY_SUBTYPE : NO_MATCH;
}

/* "0.25" as 250; what is no number from 0 to 1 is 0. */
static int parse_quality(const char *text)
{
    int quality = text[0] == '1' ? ACCEPT_QUALITY_MAX : 0;
    int place = ACCEPT_QUALITY_MAX / 10;

    if (text[0] != '0' && text[0] != '1')
        return 0;
    if (text[1] != '.' || text[0] == '1')
        return quality;
    for (const char *c = text + 2; *c >= '0' && *c <= '9' && place > 0; c++, place /= 10)
        quality += (*c - '0') * place;
    return quality;
}

/* The weight among the parameters of a range: from behind it up to the comma or the end. */
static int weight_of(const char *parameters, size_t length)
{
    const char *end = parameters + length;

    for (const char *at = memchr(parameters, ';', length); at != NULL;
         at = memchr(at, ';', (size_t)(end - at))) {
        at++;
        at += strspn(at, blanks);
        if (end - at >= 2 && (at[0] == 'q' || at[0] == 'Q') && at[1] == '=')
            return parse_quality(at + 2);
        if (at >= end)
            break;
    }
    return ACCEPT_QUALITY_MAX;
}

int accept_quality(const char *accept, const char *media_type)
{
    size_t media_length = strcspn(media_type, "; ");
    int quality = 0;
    int best = NO_MATCH;

    if (accept[0] == '\0')
        return ACCEPT_QUALITY_MAX;
    while (*accept != '\0') {
        accept += strspn(accept, " \t,");
        size_t length = strcspn(accept, ",");
        size_t range = strcspn(accept, "; \t,");
        int fit = specificity(accept, range, media_type, media_length);
        if (range > 0 && fit > best) {
            best = fit;
            quality = weight_of(accept + range, length - range);
        }
        accept += length;
    }
    return quality;
}
