/*
 * The format json: the whole report, schema watertight.report/1 (docs/schema/report.schema.json).
 */
#include <string.h>

#include "report/json_nodes.h"
#include "report/pieces.h"
#include "report/reporter.h"

static cJSON *policy_node(const struct policy *policy)
{
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "name", json_text_node(policy->name));
    json_add(node, "source", json_text_node(policy->source));
    return node;
}

static cJSON *target_node(const struct report *report)
{
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "pid", cJSON_CreateNumber(report->pid));
    json_add(node, "self", cJSON_CreateBool(report->is_self));
    json_add(node, "name", json_text_node(report->name));
    json_add(node, "runtime", json_text_node(facts_text(report->facts, "runtime.name")));
    json_add(node, "container_id",
             json_text_node(facts_text(report->facts, "runtime.container_id")));
    return node;
}

static cJSON *summary_node(const struct findings *findings)
{
    cJSON *node = json_must(cJSON_CreateObject());

    for (size_t i = 0; i < STATUS_COUNT; i++)
        json_add(node, status_name((enum status)i),
                 cJSON_CreateNumber((double)findings->totals[i]));
    return node;
}

static cJSON *remedy_node(const struct remedy *remedy)
{
    cJSON *node = json_must(cJSON_CreateObject());

    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(remedy, i);
        if (line.text != NULL)
            json_add(node, line.name, json_text_node(line.text));
    }
    return node;
}

static cJSON *refs_node(const struct rule *rule)
{
    cJSON *node = json_must(cJSON_CreateArray());

    for (size_t i = 0; i < rule->ref_count; i++)
        (void)cJSON_AddItemToArray(node, json_text_node(rule->refs[i]));
    return node;
}

static cJSON *check_node(const struct finding *finding)
{
    const struct rule *rule = finding->rule;
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "id", json_text_node(rule->id));
    json_add(node, "title", json_text_node(rule->title));
    json_add(node, "status", json_text_node(status_name(finding->status)));
    json_add(node, "severity", json_text_node(severity_name(rule->severity)));
    json_add(node, "subject", json_text_node(finding->subject));
    json_add(node, "message", json_text_node(finding->message));
    json_add(node, "operator", json_text_node(operator_name(rule->op)));
    json_add(node, "expected", json_value_node(&finding->expected));
    json_add(node, "observed", json_value_node(&finding->observed));
    json_add(node, "remedy", remedy_node(&rule->remedy));
    json_add(node, "refs", refs_node(rule));
    return node;
}

static cJSON *checks_node(const struct findings *findings)
{
    cJSON *node = json_must(cJSON_CreateArray());

    for (size_t i = 0; i < findings->count; i++)
        (void)cJSON_AddItemToArray(node, check_node(&findings->rows[i]));
    return node;
}

static cJSON *report_node(const struct report *report)
{
    cJSON *document = json_must(cJSON_CreateObject());

    json_add(document, "schema", json_text_node("watertight.report/1"));
    json_add(document, "tool", json_tool_node(report->tool_version));
    json_add(document, "policy", policy_node(report->policy));
    json_add(document, "target", target_node(report));
    json_add_time(document, report);
    json_add(document, "verdict", json_text_node(verdict_name(report->verdict)));
    json_add(document, "headline", json_text_node(report->headline));
    json_add(document, "summary", summary_node(report->findings));
    json_add(document, "checks", checks_node(report->findings));
    json_add(document, "facts", json_facts_node(report->facts));
    return document;
}

static void json_report(const struct report *report, const struct report_style *style, FILE *out)
{
    (void)style;
    json_write(report_node(report), out);
}

/*
 * Schema watertight.reports/1 (docs/schema/reports.schema.json). Each report is printed by itself
 * and forgotten: hundreds of them at once would fill memory with nodes.
 */
static void json_reports(const struct report_set *set, const struct report_style *style, FILE *out)
{
    cJSON *head = json_must(cJSON_CreateObject());
    cJSON *notes = json_must(cJSON_CreateArray());

    (void)style;
    for (size_t i = 0; i < set->notes->count; i++)
        (void)cJSON_AddItemToArray(notes, json_text_node(set->notes->items[i]));
    json_add(head, "schema", json_text_node("watertight.reports/1"));
    json_add(head, "tool", json_tool_node(set->tool_version));
    json_add(head, "policy", policy_node(set->policy));
    json_add(head, "verdict", json_text_node(verdict_name(set->verdict)));
    json_add(head, "notes", notes);
    char *text = json_must_text(cJSON_Print(head));
    /* The object is left open: its last member follows. */
    (void)fprintf(out, "%.*s,\n\t\"reports\":\t[", (int)strlen(text) - 2, text);
    cJSON_free(text);
    cJSON_Delete(head);
    for (size_t i = 0; i < set->count; i++) {
        (void)fputs(i == 0 ? "" : ", ", out);
        json_write(report_node(&set->reports[i]), out);
    }
    (void)fputs("]\n}\n", out);
}

const struct reporter reporter_json = {
    .name = "json",
    .summary = "everything: findings and facts (schema watertight.report/1)",
    .content_type = "application/json",
    .prints_facts = true,
    .write = json_report,
    .write_all = json_reports,
};
