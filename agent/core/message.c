/*
 * The words of a finding. See message.h.
 */
#include "agent/core/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"

enum { PLACEHOLDERS = 4, ELEMENTS_SHOWN = 16 };

static const char *const placeholders[PLACEHOLDERS] = {
    "{subject}",
    "{observed}",
    "{expected}",
    "{excess}",
};

/* The placeholder that text starts with, or PLACEHOLDERS. */
static size_t placeholder_at(const char *text)
{
    size_t i = 0;

    while (i < PLACEHOLDERS && strncmp(text, placeholders[i], strlen(placeholders[i])) != 0)
        i++;
    return i;
}

bool message_is_valid(const char *message, const char **unknown)
{
    for (const char *brace = strchr(message, '{'); brace != NULL; brace = strchr(brace + 1, '{')) {
        *unknown = brace;
        if (placeholder_at(brace) == PLACEHOLDERS)
            return false;
    }
    return true;
}

/* The message with each placeholder replaced by its word. The caller frees it. */
static char *fill(const char *message, const char *const words[PLACEHOLDERS])
{
    size_t length = strlen(message) + 1;

    for (const char *at = message; *at != '\0'; at++) {
        size_t index = placeholder_at(at);
        if (index < PLACEHOLDERS)
            length += strlen(words[index]);
    }
    char *filled = mem_new(length, 1);
    char *end = filled;
    while (*message != '\0') {
        size_t index = placeholder_at(message);
        if (index == PLACEHOLDERS) {
            *end++ = *message++;
            continue;
        }
        end = stpcpy(end, words[index]);
        message += strlen(placeholders[index]);
    }
    return filled;
}

static char *with_detail(const struct fact *fact, const char *sentence)
{
    if (fact->detail == NULL)
        return mem_copy(sentence);
    return mem_format("%s (%s)", sentence, fact->detail);
}

char *message_observed(const struct fact *fact)
{
    const char *between = fact->subject == NULL ? "" : " of ";
    const char *subject = fact->subject == NULL ? "" : fact->subject;
    CLEANUP(mem_free_text) char *words = value_words_some(&fact->value, ELEMENTS_SHOWN);
    CLEANUP(mem_free_text)
    char *sentence = mem_format("%s%s%s is %s", fact->key->name, between, subject,
                                fact->state == FACT_ABSENT ? "absent" : words);

    return with_detail(fact, sentence);
}

char *message_fail(const struct rule *rule, const struct fact *fact, const char *subject,
                   const struct value *operand, const struct strset *excess)
{
    CLEANUP(mem_free_text) char *observed = value_words_some(&fact->value, ELEMENTS_SHOWN);
    CLEANUP(mem_free_text) char *expected = compare_words(rule->op, operand);
    CLEANUP(mem_free_text) char *blamed = strset_join_some(excess, ", ", ELEMENTS_SHOWN);
    CLEANUP(mem_free_text) char *sentence = NULL;

    if (rule->message == NULL || fact->state == FACT_ABSENT) {
        CLEANUP(mem_free_text) char *fact_words = message_observed(fact);
        return mem_format("%s; expected %s", fact_words, expected);
    }
    sentence = fill(rule->message, (const char *const[PLACEHOLDERS]){
                                       subject == NULL ? "" : subject,
                                       observed,
                                       expected,
                                       blamed,
                                   });
    return with_detail(fact, sentence);
}
