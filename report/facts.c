/*
 * The facts document. See facts.h.
 */
#include "report/facts.h"

#include "report/json_nodes.h"

void report_facts_write(const struct report *report, FILE *out)
{
    cJSON *document = json_must(cJSON_CreateObject());
    cJSON *target = json_must(cJSON_CreateObject());

    json_add(target, "pid", cJSON_CreateNumber(report->pid));
    json_add(target, "self", cJSON_CreateBool(report->is_self));
    if (report->name != NULL)
        json_add(target, "name", json_text_node(report->name));
    json_add(document, "schema", json_text_node("watertight.facts/1"));
    json_add(document, "tool", json_tool_node(report->tool_version));
    json_add(document, "target", target);
    json_add_time(document, report);
    json_add(document, "facts", json_facts_node(report->facts));
    json_write(document, out);
}
