/*
 * Values: what facts, operands and parameters hold. See value.h.
 */
#include "agent/core/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

struct value value_bool(bool boolean)
{
    return (struct value){.type = VALUE_BOOL, .boolean = boolean};
}

struct value value_integer(int64_t integer)
{
    return (struct value){.type = VALUE_INTEGER, .integer = integer};
}

struct value value_text(const char *text)
{
    return (struct value){.type = VALUE_TEXT, .text = mem_copy(text)};
}

struct value value_set(struct strset *set)
{
    struct value value = {.type = VALUE_SET, .set = *set};

    *set = (struct strset){0};
    return value;
}

struct value value_copy(const struct value *value)
{
    if (value->type == VALUE_TEXT)
        return value_text(value->text);
    if (value->type != VALUE_SET)
        return *value;
    struct strset copy = {0};
    strset_add_all(&copy, &value->set);
    return value_set(&copy);
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_NONE:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INTEGER:
        return a->integer == b->integer;
    case VALUE_TEXT:
        return strcmp(a->text, b->text) == 0;
    case VALUE_SET:
        return strset_equal(&a->set, &b->set);
    }
    return false;
}

char *value_words(const struct value *value)
{
    switch (value->type) {
    case VALUE_NONE:
        break;
    case VALUE_BOOL:
        return mem_copy(value->boolean ? "true" : "false");
    case VALUE_INTEGER:
        return mem_format("%" PRId64, value->integer);
    case VALUE_TEXT:
        return mem_copy(value->text);
    case VALUE_SET:
        return value->set.count == 0 ? mem_copy("none") : strset_join(&value->set, ", ");
    }
    return mem_copy("");
}

char *value_words_some(const struct value *value, size_t max)
{
    if (value->type == VALUE_SET && value->set.count > max)
        return strset_join_some(&value->set, ", ", max);
    return value_words(value);
}

struct strset value_as_set(const struct value *value)
{
    struct strset set = {0};

    if (value->type == VALUE_SET) {
        strset_add_all(&set, &value->set);
        return set;
    }
    if (value->type == VALUE_NONE)
        return set;
    char *words = value_words(value);
    strset_add(&set, words);
    free(words);
    return set;
}

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {
        [VALUE_NONE] = "nothing", [VALUE_BOOL] = "boolean",     [VALUE_INTEGER] = "integer",
        [VALUE_TEXT] = "text",    [VALUE_SET] = "set of texts",
    };

    return names[type];
}

void value_free(struct value *value)
{
    if (value->type == VALUE_TEXT)
        free(value->text);
    if (value->type == VALUE_SET)
        strset_free(&value->set);
    *value = (struct value){0};
}
