/*
 * The words of a finding. See message.h.
 */
#include "agent/core/message.h"

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "agent/core/placeholder.h"

enum { PLACEHOLDERS = 4, ELEMENTS_SHOWN = 16 };

bool message_is_valid(const char *message, const char **unknown)
{
    static const struct placeholder known[PLACEHOLDERS] = {{.name = "{subject}"},
                                                           {.name = "{observed}"},
                                                           {.name = "{expected}"},
                                                           {.name = "{excess}"}};

    *unknown = placeholder_unknown(message, known, PLACEHOLDERS);
    return *unknown == NULL;
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
    const struct placeholder words[PLACEHOLDERS] = {
        {"{subject}", subject == NULL ? "" : subject},
        {"{observed}", observed},
        {"{expected}", expected},
        {"{excess}", blamed},
    };
    sentence = placeholder_fill(rule->message, words, PLACEHOLDERS);
    return with_detail(fact, sentence);
}
