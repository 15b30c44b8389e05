/*
 * The pieces that the JSON documents share, as cJSON nodes. For report/ and agent/.
 */
#ifndef WATERTIGHT_REPORT_JSON_NODES_H
#define WATERTIGHT_REPORT_JSON_NODES_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "agent/core/report.h"

/* A value; null for VALUE_NONE. Integers are exact. */
cJSON *json_value_node(const struct value *value);

/*
 * A text, or null for NULL. Cleaned as facts are: the name of a policy's file may be no UTF-8, and
 * cJSON prints every byte as it is.
 */
cJSON *json_text_node(const char *text);

/* {"name":"watertight","version":…} */
cJSON *json_tool_node(const char *version);

/* The rows, in their order. */
cJSON *json_facts_node(const struct facts *facts);

/* Adds started and duration_ms. */
void json_add_time(cJSON *object, const struct report *report);

/* cJSON gives NULL only when memory is out: that ends the program. */
cJSON *json_must(cJSON *node);

/* The same for a printed text. */
char *json_must_text(char *text);

/* Adds a node to an object, which takes it over. */
void json_add(cJSON *object, const char *name, cJSON *node);

/* Prints the document with a newline behind it, and deletes it. */
void json_write(cJSON *document, FILE *out);

#endif
