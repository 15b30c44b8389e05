/*
 * Operators over values. See compare.h.
 */
#include "agent/core/compare.h"

#include "agent/core/mem.h"

/* The elements that speak against the operator (a set operator). */
static struct strset blamed(enum rule_op op, const struct strset *elements,
                            const struct strset *operand)
{
    if (op == OPERATOR_SUBSET_OF)
        return strset_minus(elements, operand);
    if (op == OPERATOR_CONTAINS_ALL)
        return strset_minus(operand, elements);
    return strset_common(operand, elements);
}

static bool holds_set(enum rule_op op, const struct value *observed, const struct value *operand,
                      struct strset *excess)
{
    CLEANUP(strset_free) struct strset one = {0};
    bool is_set = observed->type == VALUE_SET;

    if (!is_set)
        one = value_as_set(observed);
    CLEANUP(strset_free)
    struct strset guilty = blamed(op, is_set ? &observed->set : &one, &operand->set);
    if (excess != NULL)
        strset_add_all(excess, &guilty);
    return guilty.count == 0;
}

static bool is_one_of(const struct value *observed, const struct value *operand)
{
    CLEANUP(mem_free_text) char *word = value_words(observed);

    return strset_has(&operand->set, word);
}

bool compare_holds(enum rule_op op, const struct value *observed, const struct value *operand,
                   struct strset *excess)
{
    enum value_type wanted = VALUE_NONE;

    if (!compare_fits(op, observed->type, &wanted) || operand->type != wanted)
        return false;
    switch (op) {
    case OPERATOR_IS:
        return value_equal(observed, operand);
    case OPERATOR_IS_NOT:
        return !value_equal(observed, operand);
    case OPERATOR_AT_LEAST:
        return observed->integer >= operand->integer;
    case OPERATOR_AT_MOST:
        return observed->integer <= operand->integer;
    case OPERATOR_EMPTY:
        return observed->set.count == 0;
    case OPERATOR_SUBSET_OF:
    case OPERATOR_CONTAINS_ALL:
    case OPERATOR_CONTAINS_NONE:
        return holds_set(op, observed, operand, excess);
    case OPERATOR_ONE_OF:
        return is_one_of(observed, operand);
    }
    return false;
}

bool compare_fits(enum rule_op op, enum value_type fact, enum value_type *operand)
{
    *operand = VALUE_SET;
    switch (op) {
    case OPERATOR_IS:
    case OPERATOR_IS_NOT:
        *operand = fact;
        return fact != VALUE_NONE;
    case OPERATOR_AT_LEAST:
    case OPERATOR_AT_MOST:
        *operand = VALUE_INTEGER;
        return fact == VALUE_INTEGER;
    case OPERATOR_EMPTY:
        *operand = VALUE_NONE;
        return fact == VALUE_SET;
    case OPERATOR_CONTAINS_ALL:
        return fact == VALUE_SET;
    case OPERATOR_SUBSET_OF:
    case OPERATOR_CONTAINS_NONE:
        return fact == VALUE_SET || fact == VALUE_TEXT || fact == VALUE_INTEGER;
    case OPERATOR_ONE_OF:
        return fact == VALUE_TEXT || fact == VALUE_INTEGER;
    }
    return false;
}

char *compare_words(enum rule_op op, const struct value *operand)
{
    static const char *const prefixes[] = {
        [OPERATOR_IS] = "",
        [OPERATOR_IS_NOT] = "not ",
        [OPERATOR_AT_LEAST] = "at least ",
        [OPERATOR_AT_MOST] = "at most ",
        [OPERATOR_EMPTY] = "none",
        [OPERATOR_SUBSET_OF] = "none but ",
        [OPERATOR_CONTAINS_ALL] = "all of ",
        [OPERATOR_CONTAINS_NONE] = "none of ",
        [OPERATOR_ONE_OF] = "one of ",
    };
    CLEANUP(mem_free_text) char *words = value_words(operand);
    bool is_none = operand->type == VALUE_SET && operand->set.count == 0;

    return mem_format("%s%s", op == OPERATOR_SUBSET_OF && is_none ? "" : prefixes[op], words);
}
