/*
 * Fixed vocabularies. See vocabulary.h.
 */
#include "agent/core/vocabulary.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

static bool number_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%" PRId64, (int64_t)strtoll(word, NULL, 10));
    return strcmp(word, out) == 0;
}

static bool id_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    long long number = strtoll(word, NULL, 10);

    return number_normalize(word, out) && number >= 0 && number <= (long long)UINT32_MAX;
}

/* There are too many to offer one. */
static bool no_word(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    (void)index;
    out[0] = '\0';
    return false;
}

const struct vocabulary vocabulary_number = {
    .name = "number", .normalize = number_normalize, .nth = no_word};
const struct vocabulary vocabulary_id = {
    .name = "numeric id", .normalize = id_normalize, .nth = no_word};

static const char *const truths[] = {"false", "true", NULL};

const struct vocabulary vocabulary_truth = {.name = "truth value", .words = truths};

char *vocabulary_normalize(const struct vocabulary *vocabulary, const char *word)
{
    char standard[VOCABULARY_WORD_MAX];

    if (vocabulary->normalize != NULL)
        return vocabulary->normalize(word, standard) ? mem_copy(standard) : NULL;
    for (size_t i = 0; vocabulary->words == NULL && vocabulary->nth(i, standard); i++) {
        if (strcmp(standard, word) == 0)
            return mem_copy(word);
    }
    for (size_t i = 0; vocabulary->words != NULL && vocabulary->words[i] != NULL; i++) {
        if (strcmp(vocabulary->words[i], word) == 0)
            return mem_copy(word);
    }
    return NULL;
}

struct strset vocabulary_words(const struct vocabulary *vocabulary)
{
    char word[VOCABULARY_WORD_MAX];
    struct strset words = {0};

    for (size_t i = 0; vocabulary->words != NULL && vocabulary->words[i] != NULL; i++)
        strset_add(&words, vocabulary->words[i]);
    for (size_t i = 0; vocabulary->words == NULL && vocabulary->nth(i, word); i++)
        strset_add(&words, word);
    return words;
}
