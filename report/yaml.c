/*
 * YAML. See yaml.h.
 */
#include "report/yaml.h"

#include <inttypes.h>

#include "agent/core/fact.h"
#include "agent/core/mem.h"

enum { STEP = 2 };

/* Quoted as JSON is; what else is not printable was cleaned when it became a fact. */
static void put_text(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    if (tree_text_is_plain(clean)) {
        (void)fputs(clean, out);
        return;
    }
    (void)fputc('"', out);
    for (const char *c = clean; *c != '\0'; c++) {
        if (*c == '\n') {
            (void)fputs("\\n", out);
            continue;
        }
        if (*c == '"' || *c == '\\')
            (void)fputc('\\', out);
        (void)fputc(*c, out);
    }
    (void)fputc('"', out);
}

static void put_scalar(const struct value *value, FILE *out)
{
    if (value->type == VALUE_BOOL)
        (void)fputs(value->boolean ? "true" : "false", out);
    else if (value->type == VALUE_INTEGER)
        (void)fprintf(out, "%" PRId64, value->integer);
    else
        put_text(value->text, out);
}

void yaml_write_sources(const struct strset *sources, FILE *out)
{
    CLEANUP(mem_free_text) char *names = strset_join(sources, ", ");

    (void)fprintf(out, "%s%s\n", sources->count == 0 ? "" : "  # ", names);
}

static void put_children(const struct tree *tree, int indent, bool is_begun, FILE *out);

/* What stands behind "key:" or "-", from the cursor on. */
static void put_node(const struct tree *node, int indent, FILE *out)
{
    if (node->count > 0) {
        (void)fputc('\n', out);
        put_children(node, indent, false, out);
        return;
    }
    (void)fputc(' ', out);
    if (node->kind == TREE_SCALAR)
        put_scalar(&node->scalar, out);
    else
        (void)fputs(node->kind == TREE_MAP ? "{}" : "[]", out);
    yaml_write_sources(&node->sources, out);
}

/* is_begun: the cursor stands where the first child begins. */
static void put_children(const struct tree *tree, int indent, bool is_begun, FILE *out)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree *child = &tree->children[i];
        (void)fprintf(out, "%*s", i == 0 && is_begun ? 0 : indent, "");
        if (tree->kind == TREE_MAP) {
            put_text(child->key, out);
            (void)fputc(':', out);
            put_node(child, indent + STEP, out);
        } else if (child->kind == TREE_MAP && child->count > 0) {
            (void)fputs("- ", out);
            put_children(child, indent + STEP, true, out);
        } else {
            (void)fputc('-', out);
            put_node(child, indent + STEP, out);
        }
    }
}

void yaml_write(const struct tree *map, int indent, FILE *out)
{
    put_children(map, indent, false, out);
}
