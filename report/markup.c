/*
 * Text inside XML and HTML. See markup.h.
 */
#include "report/markup.h"

#include <string.h>

#include "agent/core/fact.h"
#include "agent/core/mem.h"

/* What stands for a character; NULL when it may stand as it is. */
static const char *reference_of(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;"; /* HTML 4 has no &apos; */
    case '\n':
        return "&#10;"; /* an attribute's own line break would be read as a blank */
    default:
        return NULL;
    }
}

void markup_put(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *at = clean; *at != '\0'; at++) {
        const char *reference = reference_of(*at);
        /* U+FFFE and U+FFFF are the only valid UTF-8 left that is no Char of XML 1.0. */
        bool is_noncharacter =
            strncmp(at, "\xEF\xBF\xBE", 3) == 0 || strncmp(at, "\xEF\xBF\xBF", 3) == 0;
        if (reference != NULL) {
            (void)fputs(reference, out);
        } else if (is_noncharacter) {
            (void)fprintf(out, "\\xef\\xbf\\x%02x", (unsigned char)at[2]);
            at += 2;
        } else {
            (void)fputc(*at, out);
        }
    }
}
