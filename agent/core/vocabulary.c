/*
 * Fixed vocabularies. See vocabulary.h.
 */
#include "agent/core/vocabulary.h"

#include <string.h>

#include "agent/core/mem.h"

char *vocabulary_normalize(const struct vocabulary *vocabulary, const char *word)
{
    char standard[VOCABULARY_WORD_MAX];

    if (vocabulary->words == NULL)
        return vocabulary->normalize(word, standard) ? mem_copy(standard) : NULL;
    for (size_t i = 0; vocabulary->words[i] != NULL; i++) {
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
