/*
 * Placeholders. See placeholder.h.
 */
#include "agent/core/placeholder.h"

#include <string.h>

#include "agent/core/mem.h"

/* The row whose placeholder text starts with, or NULL. */
static const struct placeholder *row_at(const char *text, const struct placeholder *rows,
                                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(text, rows[i].name, strlen(rows[i].name)) == 0)
            return &rows[i];
    }
    return NULL;
}

char *placeholder_fill(const char *text, const struct placeholder *rows, size_t count)
{
    size_t length = strlen(text) + 1;

    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        const struct placeholder *row = row_at(at, rows, count);
        if (row != NULL)
            length += strlen(row->word);
    }
    char *filled = mem_new(length, 1);
    char *end = filled;
    while (*text != '\0') {
        const struct placeholder *row = row_at(text, rows, count);
        if (row != NULL) {
            end = stpcpy(end, row->word);
            text += strlen(row->name);
            continue;
        }
        /* What stands before the next brace, with the one that begins no placeholder. */
        size_t plain = 1 + strcspn(text + 1, "{");
        end = mempcpy(end, text, plain);
        text += plain;
    }
    return filled;
}

const char *placeholder_unknown(const char *text, const struct placeholder *rows, size_t count)
{
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        if (row_at(at, rows, count) == NULL)
            return at;
    }
    return NULL;
}
