/*
 * Shared pieces of the JSON documents. See json_nodes.h.
 */
#include "report/json_nodes.h"

#include <inttypes.h>

#include "agent/core/mem.h"

cJSON *json_must(cJSON *node)
{
    if (node == NULL)
        out_of_memory();
    return node;
}

char *json_must_text(char *text)
{
    if (text == NULL)
        out_of_memory();
    return text;
}

void json_add(cJSON *object, const char *name, cJSON *node)
{
    if (!cJSON_AddItemToObject(object, name, json_must(node)))
        out_of_memory();
}

static void append(cJSON *array, cJSON *node)
{
    if (!cJSON_AddItemToArray(array, json_must(node)))
        out_of_memory();
}

/* Printable ASCII throughout, as nearly every text is: there is nothing to clean. */
static bool is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

cJSON *json_text_node(const char *text)
{
    if (text == NULL)
        return json_must(cJSON_CreateNull());
    if (is_plain(text))
        return json_must(cJSON_CreateString(text));
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);
    return json_must(cJSON_CreateString(clean));
}

static cJSON *set_node(const struct strset *set)
{
    cJSON *array = json_must(cJSON_CreateArray());

    for (size_t i = 0; i < set->count; i++)
        append(array, json_text_node(set->items[i]));
    return array;
}

/* cJSON's numbers are doubles, which are not exact beyond 2^53. */
static cJSON *integer_node(int64_t integer)
{
    CLEANUP(mem_free_text) char *digits = mem_format("%" PRId64, integer);

    return json_must(cJSON_CreateRaw(digits));
}

cJSON *json_value_node(const struct value *value)
{
    switch (value->type) {
    case VALUE_NONE:
        break;
    case VALUE_BOOL:
        return json_must(cJSON_CreateBool(value->boolean));
    case VALUE_INTEGER:
        return integer_node(value->integer);
    case VALUE_TEXT:
        return json_text_node(value->text);
    case VALUE_SET:
        return set_node(&value->set);
    }
    return json_must(cJSON_CreateNull());
}

cJSON *json_tool_node(const char *version)
{
    cJSON *tool = json_must(cJSON_CreateObject());

    json_add(tool, "name", json_text_node("watertight"));
    json_add(tool, "version", json_text_node(version));
    return tool;
}

static cJSON *fact_node(const struct fact *fact)
{
    cJSON *row = json_must(cJSON_CreateObject());

    json_add(row, "key", json_text_node(fact->key->name));
    if (fact->subject != NULL)
        json_add(row, "subject", json_text_node(fact->subject));
    json_add(row, "state", json_text_node(fact_state_name(fact->state)));
    if (fact->state == FACT_KNOWN)
        json_add(row, "value", json_value_node(&fact->value));
    if (fact->reason != NULL)
        json_add(row, "reason", json_text_node(fact->reason));
    if (fact->detail != NULL)
        json_add(row, "detail", json_text_node(fact->detail));
    return row;
}

cJSON *json_facts_node(const struct facts *facts)
{
    cJSON *array = json_must(cJSON_CreateArray());

    for (size_t i = 0; i < facts->count; i++)
        append(array, fact_node(&facts->rows[i]));
    return array;
}

void json_add_time(cJSON *object, const struct report *report)
{
    CLEANUP(mem_free_text) char *duration = mem_format("%.2f", report->duration_ms);

    json_add(object, "started", json_text_node(report->started));
    json_add(object, "duration_ms", cJSON_CreateRaw(duration));
}

void json_write(cJSON *document, FILE *out)
{
    char *text = json_must_text(cJSON_Print(document));

    (void)fputs(text, out);
    (void)fputc('\n', out);
    cJSON_free(text);
    cJSON_Delete(document);
}
