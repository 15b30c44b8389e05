/*
 * Tables in their four forms.
 */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/table.h"

static const struct table_column columns[] = {{.name = "rule", .heading = "Rule"},
                                              {.name = "title", .heading = "What must hold"}};

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

static const struct table_column with_answers[] = {
    {.name = "rule", .heading = "Rule"},
    {.name = "title", .heading = "What must hold"},
    {.name = "docker", .heading = "Docker", .group = "remedy", .is_below = true},
    {.name = "compose", .heading = "Compose", .group = "remedy", .is_below = true},
    {.name = "refs", .heading = "References", .is_list = true, .is_below = true},
};

/* Two rows: one with two references and nothing to set in compose, one without either. */
static struct table answers(void)
{
    struct table table = {.columns = with_answers, .column_count = 5};

    table_add(&table, "a.long-one");
    table_add(&table, "one two three");
    table_add(&table, "--cap-drop=ALL|b");
    table_add(&table, NULL);
    table_add(&table, "CIS 1\nPSS 2.1");
    table_add(&table, "b");
    for (int i = 0; i < 4; i++)
        table_add(&table, NULL);
    return table;
}

static char *table_written(struct table table, void (*write)(const struct table *, FILE *))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    cr_assert_not_null(out);
    write(&table, out);
    (void)fclose(out);
    table_free(&table);
    return text;
}

static char *written(void (*write)(const struct table *table, FILE *out))
{
    return table_written(two_rows(), write);
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

Test(table, what_has_no_room_beside_a_row_stands_below_it_where_it_is_said)
{
    CLEANUP(mem_free_text) char *text = table_written(answers(), write_narrow);

    cr_expect_str_eq(text, "Rule        What must hold\n"
                           "a.long-one  one two three\n"
                           "  Docker      --cap-drop=ALL|b\n"
                           "  References  CIS 1, PSS\n"
                           "              2.1\n"
                           "b           -\n");
}

Test(table, json_groups_keys_and_holds_lists_as_arrays)
{
    CLEANUP(mem_free_text) char *text = table_written(answers(), table_write_json);
    cJSON *array = cJSON_Parse(text);
    CLEANUP(mem_free_text) char *first = cJSON_PrintUnformatted(cJSON_GetArrayItem(array, 0));
    CLEANUP(mem_free_text) char *second = cJSON_PrintUnformatted(cJSON_GetArrayItem(array, 1));

    cr_expect_str_eq(first, "{\"rule\":\"a.long-one\",\"title\":\"one two three\","
                            "\"remedy\":{\"docker\":\"--cap-drop=ALL|b\"},"
                            "\"refs\":[\"CIS 1\",\"PSS 2.1\"]}");
    cr_expect_str_eq(second, "{\"rule\":\"b\",\"title\":null,\"remedy\":{},\"refs\":[]}");
    cJSON_Delete(array);
}

Test(table, markdown_has_every_column_and_joins_lists)
{
    CLEANUP(mem_free_text) char *text = table_written(answers(), table_write_markdown);

    cr_expect_str_eq(text,
                     "| Rule | What must hold | Docker | Compose | References |\n"
                     "|---|---|---|---|---|\n"
                     "| `a.long-one` | one two three | --cap-drop=ALL\\|b |  | CIS 1, PSS 2.1 |\n"
                     "| `b` |  |  |  |  |\n");
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
