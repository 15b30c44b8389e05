/*
 * Tables of text: what `list` prints, in four forms.
 */
#ifndef WATERTIGHT_AGENT_TABLE_H
#define WATERTIGHT_AGENT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct table_column {
    const char *name;    /* the JSON key */
    const char *heading; /* what a person reads above it, or before it */
    const char *group;   /* the JSON object that the key stands in; NULL: the row itself */
    bool is_list;        /* its cells hold one text a line: an array in JSON */
    bool is_below;       /* in text, not beside the others; such columns come last */
};

struct table {
    const struct table_column *columns; /* lent */
    size_t column_count;
    char **cells; /* owned, row after row; a cell is NULL where there is nothing to say */
    size_t cell_count, cell_capacity;
};

/* Appends a copy of text (or NULL): the next cell of the row, then the first of the next row. */
void table_add(struct table *table, const char *text);

/*
 * Columns side by side, the last one wrapped so that lines have at most width columns; below each
 * row, what has no room beside it and is said.
 */
void table_write_text(const struct table *table, size_t width, FILE *out);
/* An array of objects. A key in a group is left out where there is nothing to say. */
void table_write_json(const struct table *table, FILE *out);
/* The first column, one a line: for scripts. */
void table_write_names(const struct table *table, FILE *out);
/* A Markdown table; the first column is code. */
void table_write_markdown(const struct table *table, FILE *out);

/*
 * Writes text wrapped at blanks to lines of at most width columns, the second and later ones after
 * indent blanks. The cursor stands at column `at`. Ends with a newline.
 */
void table_wrap(const char *text, size_t at, size_t indent, size_t width, FILE *out);

void table_free(struct table *table);

#endif
