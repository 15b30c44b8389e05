/*
 * Tables. See table.h.
 */
#include "agent/table.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "report/json_nodes.h"

enum { GAP = 2 }; /* blanks between columns, and before what stands below a row */

void table_add(struct table *table, const char *text)
{
    table->cells =
        mem_grow(table->cells, table->cell_count, &table->cell_capacity, sizeof *table->cells);
    table->cells[table->cell_count++] = mem_copy(text);
}

static size_t row_count(const struct table *table)
{
    assert(table->column_count > 0);
    return table->cell_count / table->column_count;
}

static const char *cell(const struct table *table, size_t row, size_t column)
{
    return table->cells[row * table->column_count + column];
}

/* Columns on a screen: bytes that do not continue a UTF-8 character. */
static size_t columns_of(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void table_wrap(const char *text, size_t at, size_t indent, size_t width, FILE *out)
{
    bool is_first = true;

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        size_t columns = columns_of(text, length);
        if (!is_first && at + 1 + columns > width) {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            is_first = true;
        }
        (void)fprintf(out, "%s%.*s", is_first ? "" : " ", (int)length, text);
        at += columns + (is_first ? 0 : 1);
        is_first = false;
        text += length;
    }
    (void)fputc('\n', out);
}

/* In one line: a list's texts with commas between them. NULL for nothing. The caller frees it. */
static char *cell_line(const struct table *table, size_t row, size_t column)
{
    char *line = mem_copy(cell(table, row, column));
    char *end = NULL;

    while (table->columns[column].is_list && line != NULL && (end = strchr(line, '\n')) != NULL) {
        CLEANUP(mem_free_text) char *before = line;
        *end = '\0';
        line = mem_format("%s, %s", before, end + 1);
    }
    return line;
}

static size_t column_width(const struct table *table, size_t column)
{
    const char *heading = table->columns[column].heading;
    size_t widest = columns_of(heading, strlen(heading));

    for (size_t row = 0; row < row_count(table); row++) {
        const char *text = cell(table, row, column);
        size_t width = text == NULL ? 1 : columns_of(text, strlen(text));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void write_padded(const char *text, size_t width, FILE *out)
{
    size_t columns = columns_of(text, strlen(text));

    (void)fprintf(out, "%s%*s", text, (int)(width - columns + GAP), "");
}

/* The columns that stand side by side come first. */
static size_t beside_count(const struct table *table)
{
    size_t count = table->column_count;

    while (count > 1 && table->columns[count - 1].is_below)
        count--;
    return count;
}

static void write_below(const struct table *table, size_t row, size_t width, FILE *out)
{
    size_t label = 0;

    for (size_t i = beside_count(table); i < table->column_count; i++) {
        size_t columns = columns_of(table->columns[i].heading, strlen(table->columns[i].heading));
        label = columns > label ? columns : label;
    }
    for (size_t i = beside_count(table); i < table->column_count; i++) {
        CLEANUP(mem_free_text) char *line = cell_line(table, row, i);
        size_t indent = GAP + label + GAP;
        if (line == NULL)
            continue;
        (void)fprintf(out, "%*s", GAP, "");
        write_padded(table->columns[i].heading, label, out);
        table_wrap(line, indent, indent, width, out);
    }
}

void table_write_text(const struct table *table, size_t width, FILE *out)
{
    size_t last = beside_count(table) - 1;
    size_t *widths = mem_new(table->column_count, sizeof *widths);
    size_t indent = 0;

    for (size_t i = 0; i < last; i++) {
        widths[i] = column_width(table, i);
        indent += widths[i] + GAP;
        write_padded(table->columns[i].heading, widths[i], out);
    }
    (void)fprintf(out, "%s\n", table->columns[last].heading);
    for (size_t row = 0; row < row_count(table); row++) {
        for (size_t i = 0; i < last; i++) {
            const char *text = cell(table, row, i);
            write_padded(text == NULL ? "-" : text, widths[i], out);
        }
        const char *text = cell(table, row, last);
        table_wrap(text == NULL ? "-" : text, indent, indent, width, out);
        write_below(table, row, width, out);
    }
    free(widths);
}

/* The texts of a list, one a line; none for NULL. */
static cJSON *list_node(const char *text)
{
    cJSON *array = json_must(cJSON_CreateArray());

    while (text != NULL) {
        const char *end = strchrnul(text, '\n');
        CLEANUP(mem_free_text) char *item = mem_copy_n(text, (size_t)(end - text));
        (void)cJSON_AddItemToArray(array, json_text_node(item));
        text = *end == '\0' ? NULL : end + 1;
    }
    return array;
}

/* The object that the column's key stands in: the row's own, or one in it, made when it is new. */
static cJSON *group_of(cJSON *object, const struct table_column *column)
{
    if (column->group == NULL)
        return object;
    if (cJSON_GetObjectItemCaseSensitive(object, column->group) == NULL)
        json_add(object, column->group, json_must(cJSON_CreateObject()));
    return cJSON_GetObjectItemCaseSensitive(object, column->group);
}

static cJSON *row_node(const struct table *table, size_t row)
{
    cJSON *object = json_must(cJSON_CreateObject());

    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        const char *text = cell(table, row, i);
        cJSON *group = group_of(object, column);
        if (column->is_list)
            json_add(group, column->name, list_node(text));
        else if (text != NULL || group == object)
            json_add(group, column->name, json_text_node(text));
    }
    return object;
}

void table_write_json(const struct table *table, FILE *out)
{
    cJSON *array = json_must(cJSON_CreateArray());

    for (size_t row = 0; row < row_count(table); row++)
        (void)cJSON_AddItemToArray(array, row_node(table, row));
    json_write(array, out);
}

void table_write_names(const struct table *table, FILE *out)
{
    for (size_t row = 0; row < row_count(table); row++)
        (void)fprintf(out, "%s\n", cell(table, row, 0));
}

/* A bar would end the cell. */
static void write_markdown_cell(const char *text, bool is_code, FILE *out)
{
    (void)fputs(is_code ? "| `" : "| ", out);
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++)
        (void)fprintf(out, "%s%c", *c == '|' ? "\\" : "", *c);
    (void)fputs(is_code ? "` " : " ", out);
}

void table_write_markdown(const struct table *table, FILE *out)
{
    for (size_t i = 0; i < table->column_count; i++)
        write_markdown_cell(table->columns[i].heading, false, out);
    (void)fputs("|\n", out);
    for (size_t i = 0; i < table->column_count; i++)
        (void)fputs("|---", out);
    (void)fputs("|\n", out);
    for (size_t row = 0; row < row_count(table); row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            CLEANUP(mem_free_text) char *line = cell_line(table, row, i);
            write_markdown_cell(line, i == 0, out);
        }
        (void)fputs("|\n", out);
    }
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->cell_count = 0;
    table->cell_capacity = 0;
}
