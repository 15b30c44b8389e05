/*
 * Tables in their four forms.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/table.h"

static const struct table_column columns[] = {{"rule", "Rule"}, {"title", "What must hold"}};

/* Two rows: quotes and bars, a character of two bytes, and a cell with nothing in it. */
static struct table two_rows(void)
{
    struct table table = {.columns = columns, .column_count = 2};

    table_add(&table, "a.long-one");
    table_add(&table, "one two three \"four\" a|b");
    table_add(&table, "ü");
    table_add(&table, NULL);
    return table;
}

static char *written(void (*write)(const struct table *table, FILE *out))
{
    struct table table = two_rows();
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    cr_assert_not_null(out);
    write(&table, out);
    (void)fclose(out);
    table_free(&table);
    return text;
}

static void write_narrow(const struct table *table, FILE *out)
{
    table_write_text(table, 26, out);
}

Test(table, text_is_aligned_and_its_last_column_wrapped)
{
    CLEANUP(mem_free_text) char *text = written(write_narrow);

    cr_expect_str_eq(text, "Rule        What must hold\n"
                           "a.long-one  one two three\n"
                           "            \"four\" a|b\n"
                           "ü           -\n");
}

Test(table, json_is_valid_and_says_null_for_nothing)
{
    CLEANUP(mem_free_text) char *text = written(table_write_json);
    cJSON *array = cJSON_Parse(text);

    cr_assert_eq(cJSON_GetArraySize(array), 2);
    const cJSON *first = cJSON_GetArrayItem(array, 0);
    const cJSON *second = cJSON_GetArrayItem(array, 1);
    cr_expect_str_eq(cJSON_GetObjectItem(first, "title")->valuestring,
                     "one two three \"four\" a|b");
    cr_expect_str_eq(cJSON_GetObjectItem(second, "rule")->valuestring, "ü");
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(second, "title")));
    cJSON_Delete(array);
}

Test(table, names_are_the_first_column)
{
    CLEANUP(mem_free_text) char *text = written(table_write_names);

    cr_expect_str_eq(text, "a.long-one\nü\n");
}

Test(table, markdown_escapes_bars)
{
    CLEANUP(mem_free_text) char *text = written(table_write_markdown);

    cr_expect_str_eq(text, "| Rule | What must hold |\n"
                           "|---|---|\n"
                           "| `a.long-one` | one two three \"four\" a\\|b |\n"
                           "| `ü` |  |\n");
}

Test(table, a_word_wider_than_the_page_stands_alone)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    table_wrap("a verylongword b", 2, 2, 8, out);
    (void)fclose(out);
    cr_expect_str_eq(text, "a\n  verylongword\n  b\n");
    free(text);
}
