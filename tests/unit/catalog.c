/*
 * A small catalogue of facts. See catalog.h.
 */
#include "tests/unit/catalog.h"

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"

static const char *const color_words[] = {"red", "green", "blue", NULL};
static const struct vocabulary colors = {.name = "colour", .words = color_words};

const struct fact_key key_bool = {.name = "test.bool", .type = VALUE_BOOL, .summary = "a bool"};
const struct fact_key key_integer = {
    .name = "test.integer", .type = VALUE_INTEGER, .summary = "an integer"};
const struct fact_key key_other = {
    .name = "test.other", .type = VALUE_INTEGER, .summary = "another integer"};
const struct fact_key key_text = {.name = "test.text", .type = VALUE_TEXT, .summary = "a text"};
const struct fact_key key_set = {.name = "test.set", .type = VALUE_SET, .summary = "a set"};
const struct fact_key key_word = {
    .name = "test.word", .type = VALUE_TEXT, .vocabulary = &colors, .summary = "a colour"};
const struct fact_key key_path = {.name = "test.path",
                                  .type = VALUE_TEXT,
                                  .subjects = SUBJECTS_REQUESTED,
                                  .subject_name = "path",
                                  .summary = "a text for each path"};
const struct fact_key key_everywhere = {.name = "test.everywhere",
                                        .type = VALUE_INTEGER,
                                        .subjects = SUBJECTS_ALL,
                                        .subject_name = "place",
                                        .summary = "an integer for each place"};

struct fact_catalog test_catalog(void)
{
    const struct fact_key *const keys[] = {&key_bool, &key_integer, &key_other, &key_text,
                                           &key_set,  &key_word,    &key_path,  &key_everywhere};
    struct fact_catalog catalog = {.count = sizeof keys / sizeof keys[0]};

    catalog.keys = mem_new(catalog.count, sizeof *catalog.keys);
    for (size_t i = 0; i < catalog.count; i++)
        catalog.keys[i] = keys[i];
    return catalog;
}
