/*
 * The format policyreport: a PolicyReport of wgpolicyk8s.io/v1alpha2 as JSON, for `kubectl apply`.
 * In a Pod that is told its name (POD_NAME, POD_NAMESPACE, POD_UID), the report is about that Pod
 * and goes with it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "report/json_nodes.h"
#include "report/pieces.h"
#include "report/reporter.h"

enum { NAME_PART_MAX = 100 }; /* two of them and a prefix stay below a name's 253 characters */

enum result { RESULT_PASS, RESULT_FAIL, RESULT_WARN, RESULT_ERROR, RESULT_SKIP, RESULT_COUNT };

static const char *const result_names[] = {
    [RESULT_PASS] = "pass",   [RESULT_FAIL] = "fail", [RESULT_WARN] = "warn",
    [RESULT_ERROR] = "error", [RESULT_SKIP] = "skip",
};

/* warn is what is not met and does not count: here what is below the policy's threshold. */
static enum result result_of(const struct report *report, const struct finding *finding)
{
    static const enum result results[] = {
        [STATUS_PASS] = RESULT_PASS, [STATUS_FAIL] = RESULT_FAIL,   [STATUS_UNKNOWN] = RESULT_ERROR,
        [STATUS_SKIP] = RESULT_SKIP, [STATUS_WAIVED] = RESULT_SKIP,
    };

    return pieces_is_below(finding, report->policy) ? RESULT_WARN : results[finding->status];
}

static void add_words(cJSON *object, const char *name, const char *words)
{
    if (words != NULL)
        json_add(object, name, json_text_node(words));
}

/* --- metadata and scope --------------------------------------------------------------------- */

/*
 * A name that Kubernetes takes: lower-case letters, digits, '-' and '.', each part between dots
 * beginning and ending with a letter or digit (RFC 1123, "DNS subdomain"). Dots become '-', so that
 * there is one part. The caller frees it.
 */
static char *dns_name(const char *text)
{
    char *name = mem_copy_n(text, strnlen(text, NAME_PART_MAX));
    size_t length = 0;

    for (const char *at = name; *at != '\0'; at++) {
        bool is_plain = isascii(*at) && isalnum((unsigned char)*at);
        if (is_plain)
            name[length++] = (char)tolower((unsigned char)*at);
        else if (length > 0 && name[length - 1] != '-')
            name[length++] = '-';
    }
    while (length > 0 && name[length - 1] == '-')
        length--;
    name[length] = '\0';
    return name;
}

/* "watertight-POLICY-TARGET", the same in each run in the same place. The caller frees it. */
static char *report_name(const struct report *report)
{
    const char *id = facts_text(report->facts, "runtime.container_id");
    CLEANUP(mem_free_text) char *container = id == NULL ? NULL : mem_format("%.12s", id);
    CLEANUP(mem_free_text) char *process = mem_format("pid-%d", report->pid);
    const char *target = container == NULL ? process : container;
    CLEANUP(mem_free_text)
    char *target_name = dns_name(report->pod.name == NULL ? target : report->pod.name);
    CLEANUP(mem_free_text) char *policy_name = dns_name(report->policy->name);

    return mem_format("watertight%s%s%s%s", policy_name[0] == '\0' ? "" : "-", policy_name,
                      target_name[0] == '\0' ? "" : "-", target_name);
}

static cJSON *pod_node(const struct report_pod *pod)
{
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "apiVersion", json_text_node("v1"));
    json_add(node, "kind", json_text_node("Pod"));
    json_add(node, "name", json_text_node(pod->name));
    add_words(node, "uid", pod->uid);
    return node;
}

/* The garbage collector removes the report with its Pod; that needs the uid. */
static cJSON *owners_node(const struct report_pod *pod)
{
    cJSON *node = json_must(cJSON_CreateArray());

    (void)cJSON_AddItemToArray(node, pod_node(pod));
    return node;
}

static cJSON *metadata_node(const struct report *report)
{
    CLEANUP(mem_free_text) char *name = report_name(report);
    cJSON *labels = json_must(cJSON_CreateObject());
    cJSON *annotations = json_must(cJSON_CreateObject());
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(labels, "app.kubernetes.io/managed-by", json_text_node("watertight"));
    json_add(annotations, "watertight/verdict", json_text_node(verdict_name(report->verdict)));
    json_add(annotations, "watertight/version", json_text_node(report->tool_version));
    add_words(annotations, "watertight/container-id",
              facts_text(report->facts, "runtime.container_id"));
    json_add(node, "name", json_text_node(name));
    add_words(node, "namespace", report->pod.namespace);
    json_add(node, "labels", labels);
    json_add(node, "annotations", annotations);
    if (report->pod.name != NULL && report->pod.uid != NULL)
        json_add(node, "ownerReferences", owners_node(&report->pod));
    return node;
}

static cJSON *scope_node(const struct report_pod *pod)
{
    cJSON *node = pod_node(pod);

    add_words(node, "namespace", pod->namespace);
    return node;
}

/* --- results -------------------------------------------------------------------------------- */

static cJSON *properties_node(const struct finding *finding)
{
    const struct rule *rule = finding->rule;
    CLEANUP(mem_free_text) char *expected = compare_words(rule->op, &finding->expected);
    CLEANUP(mem_free_text) char *observed = pieces_observed(finding);
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "title", json_text_node(rule->title));
    json_add(node, "status", json_text_node(status_name(finding->status)));
    add_words(node, "subject", finding->subject);
    json_add(node, "expected", json_text_node(expected));
    if (finding->status == STATUS_FAIL)
        json_add(node, "observed", json_text_node(observed));
    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(&rule->remedy, i);
        add_words(node, line.name, line.text);
    }
    return node;
}

/* NULL where the facts tell no time. */
static cJSON *timestamp_node(const struct report *report)
{
    int64_t seconds = 0;

    if (!date_time_parse(report->started, &seconds))
        return NULL;
    cJSON *node = json_must(cJSON_CreateObject());
    json_add(node, "seconds", cJSON_CreateNumber((double)seconds));
    json_add(node, "nanos", cJSON_CreateNumber(0));
    return node;
}

static cJSON *result_node(const struct report *report, const struct finding *finding,
                          const cJSON *timestamp)
{
    const char *id = finding->rule->id;
    CLEANUP(mem_free_text) char *category = mem_copy_n(id, strcspn(id, "."));
    enum result result = result_of(report, finding);
    cJSON *node = json_must(cJSON_CreateObject());

    json_add(node, "source", json_text_node("watertight"));
    json_add(node, "policy", json_text_node(report->policy->name));
    json_add(node, "rule", json_text_node(id));
    json_add(node, "category", json_text_node(category));
    json_add(node, "severity", json_text_node(severity_name(finding->rule->severity)));
    if (timestamp != NULL)
        json_add(node, "timestamp", cJSON_Duplicate(timestamp, true));
    json_add(node, "result", json_text_node(result_names[result]));
    json_add(node, "scored", cJSON_CreateBool(result != RESULT_WARN && result != RESULT_SKIP));
    json_add(node, "message", json_text_node(finding->message));
    json_add(node, "properties", properties_node(finding));
    return node;
}

static void policyreport_report(const struct report *report, const struct report_style *style,
                                FILE *out)
{
    const struct findings *findings = report->findings;
    size_t counts[RESULT_COUNT] = {0};
    cJSON *timestamp = timestamp_node(report);
    cJSON *results = json_must(cJSON_CreateArray());
    cJSON *summary = json_must(cJSON_CreateObject());
    cJSON *document = json_must(cJSON_CreateObject());

    (void)style;
    for (size_t i = 0; i < findings->count; i++) {
        counts[result_of(report, &findings->rows[i])]++;
        (void)cJSON_AddItemToArray(results, result_node(report, &findings->rows[i], timestamp));
    }
    for (size_t i = 0; i < RESULT_COUNT; i++)
        json_add(summary, result_names[i], cJSON_CreateNumber((double)counts[i]));
    json_add(document, "apiVersion", json_text_node("wgpolicyk8s.io/v1alpha2"));
    json_add(document, "kind", json_text_node("PolicyReport"));
    json_add(document, "metadata", metadata_node(report));
    if (report->pod.name != NULL)
        json_add(document, "scope", scope_node(&report->pod));
    json_add(document, "summary", summary);
    json_add(document, "results", results);
    json_write(document, out);
    cJSON_Delete(timestamp);
}

const struct reporter reporter_policyreport = {
    .name = "policyreport",
    .summary = "a PolicyReport of wgpolicyk8s.io/v1alpha2 as JSON, for kubectl apply",
    .content_type = "application/json",
    .write = policyreport_report,
};
