/*
 * Near matches by optimal string alignment distance. See suggest.h.
 */
#include "agent/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "agent/core/mem.h"

enum { LONGEST = 64 };

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* The number of edits between two words, both at most LONGEST long. */
static size_t edits(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1] = {0}; /* the last two rows and the one being filled */
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);

    for (size_t k = 0; k <= b_length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            size_t change = same_letter(a[i - 1], b[k - 1]) ? 0 : 1;
            row[k] = smallest(last[k] + 1, row[k - 1] + 1, last[k - 1] + change);
            bool is_exchange = i > 1 && k > 1 && same_letter(a[i - 1], b[k - 2]) &&
                               same_letter(a[i - 2], b[k - 1]);
            if (is_exchange && before[k - 2] + 1 < row[k])
                row[k] = before[k - 2] + 1;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *suggest_nearest(const char *word, const char *(*nth)(size_t index, const void *context),
                            const void *context)
{
    size_t length = strlen(word);
    size_t least = 1 + length / 4 < 4 ? 2 + length / 4 : 5; /* one more than is accepted */
    const char *nearest = NULL;

    if (length > LONGEST)
        return NULL;
    const char *candidate = NULL;
    for (size_t i = 0; (candidate = nth(i, context)) != NULL; i++) {
        if (strlen(candidate) > LONGEST)
            continue;
        size_t distance = edits(word, candidate);
        if (distance < least && distance < length) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

static const char *nth_word(size_t index, const void *context)
{
    const struct strset *words = context;

    return index < words->count ? words->items[index] : NULL;
}

char *suggest_word(const struct vocabulary *vocabulary, const char *word)
{
    struct strset words = vocabulary_words(vocabulary);
    const char *near = suggest_nearest(word, nth_word, &words);

    if (near == NULL && vocabulary->prefix != NULL) {
        CLEANUP(mem_free_text) char *whole = mem_format("%s%s", vocabulary->prefix, word);
        near = suggest_nearest(whole, nth_word, &words);
    }
    char *found = mem_copy(near);
    strset_free(&words);
    return found;
}
