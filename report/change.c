/*
 * Lines of change. See change.h.
 */
#include "report/change.h"

#include "report/json_nodes.h"

static cJSON *container_node(const struct report_change_container *container)
{
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "pid", cJSON_CreateNumber(container->pid));
    json_add(node, "name", json_text_node(container->name));
    json_add(node, "runtime", json_text_node(container->runtime));
    json_add(node, "container_id", json_text_node(container->id));
    return node;
}

void report_change_write(const struct report_change *change, FILE *out)
{
    cJSON *line = json_must(cJSON_CreateObject());

    json_add(line, "schema", json_text_node("watertight.change/1"));
    json_add(line, "time", json_text_node(change->time));
    json_add(line, "kind", json_text_node(change->kind));
    if (change->container != NULL)
        json_add(line, "container", container_node(change->container));
    if (change->id != NULL) {
        json_add(line, "id", json_text_node(change->id));
        json_add(line, "subject", json_text_node(change->subject));
        json_add(line, "severity", json_text_node(severity_name(change->severity)));
    }
    json_add(line, "from", json_text_node(change->from));
    json_add(line, "to", json_text_node(change->to));
    if (change->id != NULL)
        json_add(line, "message", json_text_node(change->message));
    char *text = json_must_text(cJSON_PrintUnformatted(line));
    (void)fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(line);
}
