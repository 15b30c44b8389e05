/*
 * Facts as rows. See fact.h.
 */
#include "agent/core/fact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/* How many bytes from the start of text make one valid UTF-8 character (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].first_low || text[0] > forms[i].first_high)
            continue;
        if (text[1] < forms[i].second_low || text[1] > forms[i].second_high)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if (text[k] < 0x80 || text[k] > 0xBF)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* C0 controls but newline, DEL, and the C1 controls U+0080 to U+009F, which terminals obey too. */
static bool is_control(const unsigned char *text, size_t length)
{
    if (length == 1)
        return (text[0] < 0x20 && text[0] != '\n') || text[0] == 0x7F;
    return length == 2 && text[0] == 0xC2 && text[1] < 0xA0;
}

/* Nearly all texts are of these characters only, of which none needs a second look. */
static bool is_printable_ascii(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

char *fact_clean_text(const char *text)
{
    if (is_printable_ascii(text))
        return mem_copy(text);
    char *clean = mem_new(strlen(text) * 4 + 1, 1);
    char *end = clean;
    const unsigned char *from = (const unsigned char *)text;

    while (*from != '\0') {
        size_t length = utf8_length(from);
        bool is_bad = length == 0 || is_control(from, length);
        size_t step = length == 0 ? 1 : length;
        for (size_t i = 0; i < step; i++) {
            if (is_bad)
                end += sprintf(end, "\\x%02x", from[i]);
            else
                *end++ = (char)from[i];
        }
        from += step;
    }
    return clean;
}

static struct fact *facts_put(struct facts *facts, const struct fact_key *key, const char *subject,
                              enum fact_state state)
{
    facts->rows = mem_grow(facts->rows, facts->count, &facts->capacity, sizeof *facts->rows);
    struct fact *row = &facts->rows[facts->count++];
    *row = (struct fact){.key = key, .state = state};
    if (subject != NULL)
        row->subject = fact_clean_text(subject);
    return row;
}

struct fact *facts_put_bool(struct facts *facts, const struct fact_key *key, const char *subject,
                            bool value)
{
    struct fact *row = facts_put(facts, key, subject, FACT_KNOWN);

    row->value = value_bool(value);
    return row;
}

struct fact *facts_put_integer(struct facts *facts, const struct fact_key *key, const char *subject,
                               int64_t value)
{
    struct fact *row = facts_put(facts, key, subject, FACT_KNOWN);

    row->value = value_integer(value);
    return row;
}

struct fact *facts_put_text(struct facts *facts, const struct fact_key *key, const char *subject,
                            const char *value)
{
    struct fact *row = facts_put(facts, key, subject, FACT_KNOWN);

    row->value = (struct value){.type = VALUE_TEXT, .text = fact_clean_text(value)};
    return row;
}

/* As fact_clean_text, for each element; takes the set over. */
static struct strset clean_set(struct strset *set)
{
    struct strset clean = {0};
    size_t plain = 0;

    while (plain < set->count && is_printable_ascii(set->items[plain]))
        plain++;
    if (plain == set->count) {
        clean = *set;
        *set = (struct strset){0};
        return clean;
    }
    for (size_t i = 0; i < set->count; i++) {
        CLEANUP(mem_free_text) char *text = fact_clean_text(set->items[i]);
        strset_add(&clean, text);
    }
    strset_free(set);
    return clean;
}

struct fact *facts_put_set(struct facts *facts, const struct fact_key *key, const char *subject,
                           struct strset *set)
{
    struct strset clean = clean_set(set);
    struct fact *row = facts_put(facts, key, subject, FACT_KNOWN);
    row->value = value_set(&clean);
    return row;
}

struct fact *facts_put_absent(struct facts *facts, const struct fact_key *key, const char *subject)
{
    return facts_put(facts, key, subject, FACT_ABSENT);
}

struct fact *facts_put_unknown(struct facts *facts, const struct fact_key *key, const char *subject,
                               const char *reason)
{
    struct fact *row = facts_put(facts, key, subject, FACT_UNKNOWN);

    row->reason = fact_clean_text(reason);
    return row;
}

void fact_set_detail(struct fact *fact, const char *detail)
{
    free(fact->detail);
    fact->detail = fact_clean_text(detail);
}

static bool is_subject(const struct fact *row, const char *subject)
{
    if (row->subject == NULL || subject == NULL)
        return row->subject == NULL && subject == NULL;
    return strcmp(row->subject, subject) == 0;
}

const struct fact *facts_find(const struct facts *facts, const char *key, const char *subject)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (strcmp(row->key->name, key) == 0 && is_subject(row, subject))
            return row;
    }
    return NULL;
}

const char *facts_text(const struct facts *facts, const char *key)
{
    const struct fact *row = facts_find(facts, key, NULL);

    if (row == NULL || row->value.type != VALUE_TEXT)
        return NULL;
    return row->value.text;
}

const struct fact_key *fact_catalog_find(const struct fact_catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (strcmp(catalog->keys[i]->name, name) == 0)
            return catalog->keys[i];
    }
    return NULL;
}

void fact_catalog_free(struct fact_catalog *catalog)
{
    free(catalog->keys);
    *catalog = (struct fact_catalog){0};
}

const char *fact_state_name(enum fact_state state)
{
    static const char *const names[] = {
        [FACT_KNOWN] = "known", [FACT_ABSENT] = "absent", [FACT_UNKNOWN] = "unknown"};

    return names[state];
}

static void free_row(struct fact *row)
{
    free(row->subject);
    value_free(&row->value);
    free(row->reason);
    free(row->detail);
}

void facts_remove(struct facts *facts, const struct fact_key *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < facts->count; i++) {
        if (facts->rows[i].key == key)
            free_row(&facts->rows[i]);
        else
            facts->rows[kept++] = facts->rows[i];
    }
    facts->count = kept;
}

/* How many of the first rows there are up to the last one of a key; 0 without one. */
static size_t count_through(const struct facts *facts, const struct fact_key *key)
{
    size_t count = facts->count;

    while (count > 0 && facts->rows[count - 1].key != key)
        count--;
    return count;
}

void facts_replace(struct facts *facts, struct facts *by)
{
    struct fact *rows = mem_new(facts->count + by->count, sizeof *rows);
    size_t count = 0;
    size_t moved = 0;

    for (size_t i = 0; i < facts->count; i++) {
        size_t through = count_through(by, facts->rows[i].key);
        if (through == 0) {
            rows[count++] = facts->rows[i];
            continue;
        }
        free_row(&facts->rows[i]);
        while (moved < through)
            rows[count++] = by->rows[moved++];
    }
    for (; moved < by->count; moved++)
        free_row(&by->rows[moved]);
    free(facts->rows);
    free(by->rows);
    *facts = (struct facts){.rows = rows, .count = count, .capacity = count};
    *by = (struct facts){0};
}

void facts_free(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        free_row(&facts->rows[i]);
    free(facts->rows);
    *facts = (struct facts){0};
}
