/*
 * The format sarif: SARIF 2.1.0 (OASIS), as GitHub code scanning takes it too. Code scanning makes
 * an alert of every result whatever its kind, and refuses a file with a result that has no physical
 * location: so what passed or was skipped is no result, and each result points to the first line of
 * "container".
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "report/json_nodes.h"
#include "report/pieces.h"
#include "report/reporter.h"

static const char artifact[] = "container";

static cJSON *object(void)
{
    return json_must(cJSON_CreateObject());
}

static cJSON *array_of(cJSON *element)
{
    cJSON *array = json_must(cJSON_CreateArray());

    if (element != NULL && !cJSON_AddItemToArray(array, element))
        out_of_memory();
    return array;
}

/*
 * A message. In it "{0}" is a placeholder, so braces are doubled (3.11.5), and "[text](target)" a
 * link (3.11.6), for which there is no quoting: a blank keeps a hostile name from being one.
 */
static cJSON *message_node(const char *text)
{
    char *quoted = mem_new(strlen(text) * 2 + 1, 1);
    char *end = quoted;
    cJSON *node = object();

    for (const char *at = text; *at != '\0'; at++) {
        *end++ = *at;
        if (*at == '{' || *at == '}')
            *end++ = *at;
        else if (*at == ']' && at[1] == '(')
            *end++ = ' ';
    }
    json_add(node, "text", json_text_node(quoted));
    free(quoted);
    return node;
}

static const char *level_of(const struct rule *rule)
{
    static const char *const levels[] = {
        [SEVERITY_LOW] = "note",
        [SEVERITY_MEDIUM] = "warning",
        [SEVERITY_HIGH] = "error",
        [SEVERITY_CRITICAL] = "error",
    };

    return levels[rule->severity];
}

/* --- rules ---------------------------------------------------------------------------------- */

/* Code scanning's scale: above 9.0 critical, 7.0 high, 4.0 medium, else low. */
static cJSON *rule_properties_node(const struct rule *rule)
{
    static const char *const scores[] = {
        [SEVERITY_LOW] = "3.0",
        [SEVERITY_MEDIUM] = "5.5",
        [SEVERITY_HIGH] = "8.0",
        [SEVERITY_CRITICAL] = "9.5",
    };
    cJSON *node = object();
    cJSON *tags = array_of(json_text_node("security"));

    for (size_t i = 0; i < rule->ref_count; i++)
        (void)cJSON_AddItemToArray(tags, json_text_node(rule->refs[i]));
    json_add(node, "tags", tags);
    json_add(node, "security-severity", json_text_node(scores[rule->severity]));
    json_add(node, "precision", json_text_node("very-high"));
    return node;
}

static cJSON *help_node(const struct rule *rule)
{
    const char *explain = rule->explain == NULL ? rule->title : rule->explain;
    char *text = mem_copy(explain);

    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(&rule->remedy, i);
        if (line.text == NULL)
            continue;
        char *longer = mem_format("%s\n%s: %s", text, line.name, line.text);
        free(text);
        text = longer;
    }
    cJSON *node = message_node(text);
    free(text);
    return node;
}

static cJSON *rule_node(const struct rule *rule)
{
    cJSON *node = object();
    cJSON *configuration = object();

    json_add(configuration, "level", json_text_node(level_of(rule)));
    json_add(node, "id", json_text_node(rule->id));
    json_add(node, "shortDescription", message_node(rule->title));
    json_add(node, "fullDescription",
             message_node(rule->explain == NULL ? rule->title : rule->explain));
    json_add(node, "help", help_node(rule));
    json_add(node, "defaultConfiguration", configuration);
    json_add(node, "properties", rule_properties_node(rule));
    return node;
}

/* --- results -------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits: what tells the alerts of a rule apart, and is the same in every run. */
static uint64_t fingerprint(const char *text)
{
    uint64_t hash = 0xCBF29CE484222325;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001B3;
    return hash;
}

static cJSON *location_node(const char *name)
{
    cJSON *uri = object();
    cJSON *region = object();
    cJSON *physical = object();
    cJSON *logical = object();
    cJSON *node = object();
    CLEANUP(mem_free_text) char *full_name = mem_format("%s/%s", artifact, name);

    json_add(uri, "uri", json_text_node(artifact));
    json_add(region, "startLine", cJSON_CreateNumber(1));
    json_add(physical, "artifactLocation", uri);
    json_add(physical, "region", region);
    json_add(logical, "fullyQualifiedName", json_text_node(full_name));
    json_add(logical, "kind", json_text_node("resource"));
    json_add(node, "physicalLocation", physical);
    json_add(node, "logicalLocations", array_of(logical));
    return node;
}

/* Present in all results or in none (3.27.23). */
static cJSON *suppressions_node(const struct finding *finding)
{
    cJSON *node = NULL;

    if (finding->status == STATUS_WAIVED) {
        node = object();
        json_add(node, "kind", json_text_node("external"));
        json_add(node, "status", json_text_node("accepted"));
        json_add(node, "justification", json_text_node(finding->message));
    }
    return array_of(node);
}

static cJSON *result_properties_node(const struct finding *finding)
{
    cJSON *node = object();
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);

    json_add(node, "status", json_text_node(status_name(finding->status)));
    json_add(node, "severity", json_text_node(severity_name(finding->rule->severity)));
    json_add(node, "subject", json_text_node(finding->subject));
    json_add(node, "expected", json_text_node(expected));
    json_add(node, "observed", json_value_node(&finding->observed));
    return node;
}

/* What could not be determined is "open": there was too little to decide (3.27.9, 3.27.10). */
static cJSON *result_node(const struct finding *finding, size_t rule_index)
{
    bool is_open = finding->status == STATUS_UNKNOWN;
    CLEANUP(mem_free_text) char *name = pieces_name(finding);
    CLEANUP(mem_free_text) char *hash = mem_format("%016" PRIx64 ":1", fingerprint(name));
    CLEANUP(mem_free_text) char *message = mem_format("%s: %s", name, finding->message);
    cJSON *prints = object();
    cJSON *node = object();

    json_add(prints, "primaryLocationLineHash", json_text_node(hash));
    json_add(node, "ruleId", json_text_node(finding->rule->id));
    json_add(node, "ruleIndex", cJSON_CreateNumber((double)rule_index));
    json_add(node, "kind", json_text_node(is_open ? "open" : "fail"));
    json_add(node, "level", json_text_node(is_open ? "none" : level_of(finding->rule)));
    json_add(node, "message", message_node(message));
    json_add(node, "locations", array_of(location_node(name)));
    json_add(node, "partialFingerprints", prints);
    json_add(node, "suppressions", suppressions_node(finding));
    json_add(node, "properties", result_properties_node(finding));
    return node;
}

/* --- the run -------------------------------------------------------------------------------- */

/* The findings of a rule stand together, as the judge puts them. */
static void add_findings(const struct findings *findings, cJSON *rules, cJSON *results)
{
    size_t rule_count = 0;

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        bool is_problem = finding->status != STATUS_PASS && finding->status != STATUS_SKIP;
        if (i == 0 || finding->rule != findings->rows[i - 1].rule) {
            (void)cJSON_AddItemToArray(rules, rule_node(finding->rule));
            rule_count++;
        }
        if (is_problem)
            (void)cJSON_AddItemToArray(results, result_node(finding, rule_count - 1));
    }
}

static cJSON *tool_node(const struct report *report, cJSON *rules)
{
    cJSON *driver = object();
    cJSON *node = object();

    json_add(driver, "name", json_text_node("watertight"));
    json_add(driver, "semanticVersion", json_text_node(report->tool_version));
    json_add(driver, "rules", rules);
    json_add(node, "driver", driver);
    return node;
}

static cJSON *invocations_node(const struct report *report)
{
    cJSON *node = object();
    int64_t started = 0;

    json_add(node, "executionSuccessful", cJSON_CreateTrue());
    if (date_time_parse(report->started, &started))
        json_add(node, "startTimeUtc", json_text_node(report->started));
    return array_of(node);
}

/* The id's part before the last '/' is the category: two policies do not replace each other. */
static cJSON *automation_node(const struct report *report)
{
    CLEANUP(mem_free_text) char *id = mem_format("watertight/%s/", report->policy->name);
    cJSON *node = object();

    json_add(node, "id", json_text_node(id));
    return node;
}

static cJSON *run_properties_node(const struct report *report)
{
    CLEANUP(mem_free_text) char *counts = pieces_counts(report);
    CLEANUP(mem_free_text) char *target = pieces_target(report);
    cJSON *node = object();

    json_add(node, "verdict", json_text_node(verdict_name(report->verdict)));
    json_add(node, "policy", json_text_node(report->policy->name));
    json_add(node, "summary", json_text_node(counts));
    json_add(node, "target", json_text_node(target));
    return node;
}

static void sarif_report(const struct report *report, const struct report_style *style, FILE *out)
{
    cJSON *rules = array_of(NULL);
    cJSON *results = array_of(NULL);
    cJSON *run = object();
    cJSON *document = object();

    (void)style;
    add_findings(report->findings, rules, results);
    json_add(run, "tool", tool_node(report, rules));
    json_add(run, "automationDetails", automation_node(report));
    json_add(run, "invocations", invocations_node(report));
    json_add(run, "results", results);
    json_add(run, "properties", run_properties_node(report));
    json_add(document, "$schema", json_text_node("https://json.schemastore.org/sarif-2.1.0.json"));
    json_add(document, "version", json_text_node("2.1.0"));
    json_add(document, "runs", array_of(run));
    json_write(document, out);
}

const struct reporter reporter_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0, for GitHub code scanning and others; waivers are suppressions",
    .content_type = "application/sarif+json",
    .prints_prose = true,
    .write = sarif_report,
};
