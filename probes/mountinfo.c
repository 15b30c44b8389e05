/*
 * The parser of mountinfo. See mountinfo.h.
 */
#include "probes/mountinfo.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/mount_visible.h"

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The kernel writes blanks, newlines, backslashes and '#' as a backslash and three octal digits. */
static void unescape(char *text)
{
    char *to = text;

    while (*text != '\0') {
        if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && is_octal(text[2]) &&
            is_octal(text[3])) {
            *to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 4;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
}

/* The next word of the line as a terminated, unescaped text inside the buffer; NULL at its end. */
static char *take_text(struct span *line)
{
    struct span word;

    if (!span_word(line, &word))
        return NULL;
    /* The byte behind a word is a blank or the line's newline, which nothing reads again. */
    char *text = (char *)word.at;
    if (line->at < line->end)
        line->at++;
    text[word.end - word.at] = '\0';
    unescape(text);
    return text;
}

static bool take_number(struct span *line, uint64_t max, uint64_t *out)
{
    struct span word;

    return span_word(line, &word) && span_number(word, 10, max, out);
}

static bool take_device(struct span *line, struct mount_entry *entry)
{
    struct span word;
    uint64_t major = 0;
    uint64_t minor = 0;

    if (!span_word(line, &word))
        return false;
    const char *colon = memchr(word.at, ':', (size_t)(word.end - word.at));
    if (colon == NULL)
        return false;
    struct span left = {.at = word.at, .end = colon};
    struct span right = {.at = colon + 1, .end = word.end};
    if (!span_number(left, 10, UINT32_MAX, &major) || !span_number(right, 10, UINT32_MAX, &minor))
        return false;
    entry->major = (unsigned int)major;
    entry->minor = (unsigned int)minor;
    return true;
}

/* The optional fields, up to the "-" that ends them, as one terminated text. */
static char *take_propagation(struct span *line)
{
    struct span word;
    char *first = NULL;
    char *end = NULL;

    while (span_word(line, &word)) {
        if (span_is(word, "-")) {
            if (first == NULL)
                first = end = (char *)word.at;
            *end = '\0';
            return first;
        }
        if (first == NULL)
            first = (char *)word.at;
        end = (char *)word.end;
    }
    return NULL;
}

static bool parse_line(struct span line, struct mount_entry *entry)
{
    uint64_t id = 0;
    uint64_t parent = 0;
    struct span rest;

    if (!take_number(&line, INT32_MAX, &id) || !take_number(&line, INT32_MAX, &parent) ||
        !take_device(&line, entry))
        return false;
    entry->id = (int)id;
    entry->parent_id = (int)parent;
    entry->root = take_text(&line);
    entry->mount_point = take_text(&line);
    entry->options = take_text(&line);
    entry->propagation = take_propagation(&line);
    entry->type = take_text(&line);
    /* The kernel prints an empty source as nothing between two blanks, or "none". */
    struct span tail = line;
    entry->source = take_text(&line);
    entry->super_options = take_text(&line);
    if (entry->super_options == NULL && entry->source != NULL && tail.at[0] == ' ') {
        entry->super_options = entry->source;
        entry->source = entry->super_options + strlen(entry->super_options);
    }
    return entry->root != NULL && entry->mount_point != NULL && entry->options != NULL &&
           entry->propagation != NULL && entry->type != NULL && entry->super_options != NULL &&
           !span_word(&line, &rest);
}

bool mount_table_parse(char *text, size_t length, struct mount_table *out, struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;

    out->text = text;
    while (span_line(&rest, &line)) {
        struct mount_entry entry = {0};
        if (memchr(line.at, '\0', (size_t)(line.end - line.at)) != NULL ||
            !parse_line(line, &entry)) {
            (void)error_set(err, "mountinfo: line %zu is malformed", out->count + 1);
            mount_table_free(out);
            return false;
        }
        out->entries = mem_grow(out->entries, out->count, &out->capacity, sizeof *out->entries);
        out->entries[out->count++] = entry;
    }
    out->visible = mount_visible(out->entries, out->count, &out->visible_count);
    return true;
}

const struct mount_entry *mount_table_find(const struct mount_table *table, const char *mount_point)
{
    for (size_t i = 0; i < table->visible_count; i++) {
        if (strcmp(table->visible[i]->mount_point, mount_point) == 0)
            return table->visible[i];
    }
    return NULL;
}

void mount_table_free(struct mount_table *table)
{
    free(table->entries);
    free(table->visible);
    free(table->text);
    *table = (struct mount_table){0};
}
