/*
 * Policies from JSON: the document, what it extends, its and the order of reading. Parameters,
 * rules and waivers are read by policy_{param,rule,waiver}_json.c. See policy_json.h.
 */
#include "agent/policy_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/embedded_policies.h"
#include "agent/file_read.h"
#include "agent/json_read.h"
#include "agent/policy_param_json.h"
#include "agent/policy_rule_json.h"
#include "agent/policy_value_json.h"
#include "agent/policy_waiver_json.h"
#include "agent/suggest.h"

enum { POLICY_SIZE_MAX = 1024 * 1024, POLICY_EXTENDS_MAX = 8 };

static const char schema_name[] = "watertight.policy/1";

/* One document on its way into a policy. depth counts what led here by "extends". */
struct policy_source {
    const char *name; /* what messages and the report call it */
    const char *text;
    size_t length;
    int depth;
    bool is_own; /* part of the program */
};

static bool load(const char *name_or_file, const struct fact_catalog *catalog, int depth,
                 struct policy *out, struct error *err) MUST_USE;

static const struct embedded_policy *find_builtin(const char *name)
{
    const struct embedded_policy *policy = NULL;

    for (size_t i = 0; (policy = embedded_policy_at(i)) != NULL; i++) {
        if (strcmp(policy->name, name) == 0)
            return policy;
    }
    return NULL;
}

static const char *nth_builtin(size_t index, const void *context)
{
    (void)context;
    return policy_builtin_at(index);
}

const char *policy_builtin_at(size_t index)
{
    const struct embedded_policy *policy = embedded_policy_at(index);

    return policy == NULL ? NULL : policy->name;
}

static bool check_head(const struct json_document *document, struct error *err)
{
    static const char *const names[] = {"schema", "name",    "summary", "extends", "params",
                                        "rules",  "waivers", "fail_on", NULL};
    const cJSON *root = document->root;
    const cJSON *schema = json_member(root, "schema");
    const char *text = NULL;

    if (!json_object(document, root, "a policy", err) ||
        !json_only_keys(document, root, names, err))
        return false;
    if (schema == NULL)
        return json_error(document, root, err, "\"schema\": \"%s\" is missing", schema_name);
    if (!json_text(document, schema, "schema", &text, err))
        return false;
    if (strcmp(text, schema_name) != 0)
        return json_error(document, schema, err, "schema must be \"%s\", not \"%s\"", schema_name,
                          text);
    if (json_member(root, "name") == NULL)
        return json_error(document, root, err, "\"name\" is missing");
    return true;
}

/* "FILE:LINE:COLUMN: words" */
static bool has_place(const char *text)
{
    static const char digits[] = "0123456789";

    for (const char *at = strchr(text, ':'); at != NULL; at = strchr(at + 1, ':')) {
        size_t line = strspn(at + 1, digits);
        const char *rest = at + 1 + line;
        size_t column = rest[0] == ':' ? strspn(rest + 1, digits) : 0;
        if (line > 0 && column > 0 && strncmp(rest + 1 + column, ": ", 2) == 0)
            return true;
    }
    return false;
}

static bool read_extends(const struct policy_reading *reading, const struct policy_source *source,
                         const cJSON *node, struct error *err)
{
    const char *base = NULL;
    struct error inner = {0};

    if (node == NULL)
        return true;
    if (!json_text(reading->document, node, "extends", &base, err))
        return false;
    if (source->depth >= POLICY_EXTENDS_MAX)
        return json_error(reading->document, node, err,
                          "policies extend each other more than %d deep", POLICY_EXTENDS_MAX);
    if (strcmp(base, "-") == 0)
        return json_error(reading->document, node, err, "extends cannot be standard input");
    CLEANUP(mem_free_text)
    char *path = find_builtin(base) == NULL ? file_beside(source->name, base) : mem_copy(base);
    if (load(path, reading->catalog, source->depth + 1, reading->policy, &inner))
        return true;
    /* An error inside another file names its own place; one about the name is named here. */
    if (has_place(inner.text))
        return error_set(err, "%s", inner.text);
    return json_error(reading->document, node, err, "%s", inner.text);
}

static bool read_rules(const struct policy_reading *reading, const cJSON *rules, struct error *err)
{
    const cJSON *node = NULL;

    if (rules == NULL)
        return true;
    if (!json_object(reading->document, rules, "rules", err))
        return false;
    cJSON_ArrayForEach(node, rules)
    {
        if (!policy_rule_read(reading, node, err))
            return false;
    }
    return true;
}

/* Whether the policy checks anything: a pass must mean that something was looked at. */
static bool check_any_rule(const struct policy_reading *reading, struct error *err)
{
    for (size_t i = 0; i < reading->policy->rule_count; i++) {
        if (reading->policy->rules[i].enabled)
            return true;
    }
    return json_error(reading->document, reading->document->root, err,
                      "the policy has no enabled rule: it would check nothing");
}

static bool read_document(const struct policy_reading *reading, const struct policy_source *source,
                          struct error *err)
{
    const cJSON *root = reading->document->root;
    const cJSON *params = json_member(root, "params");
    const cJSON *fail_on = json_member(root, "fail_on");
    const cJSON *summary = json_member(root, "summary");
    const char *name = NULL;
    const char *text = NULL;

    if (!check_head(reading->document, err) ||
        !json_text(reading->document, json_member(root, "name"), "name", &name, err))
        return false;
    if (summary != NULL && !json_text(reading->document, summary, "summary", &text, err))
        return false;
    if (!read_extends(reading, source, json_member(root, "extends"), err))
        return false;
    size_t inherited = reading->policy->param_count;
    if (!policy_params_read(reading, params, err) ||
        !read_rules(reading, json_member(root, "rules"), err) ||
        !policy_params_check(reading, params, inherited, err) ||
        !policy_waivers_read(reading, json_member(root, "waivers"), err))
        return false;
    if (fail_on != NULL && !policy_severity_read(reading, fail_on, &reading->policy->fail_on, err))
        return false;
    free(reading->policy->name);
    reading->policy->name = mem_copy(name);
    free(reading->policy->summary);
    reading->policy->summary = mem_copy(text == NULL ? "" : text);
    return check_any_rule(reading, err);
}

/* Reads a document on top of what is in policy already. */
static bool read_source(const struct policy_source *source, const struct fact_catalog *catalog,
                        struct policy *policy, struct error *err)
{
    struct json_document document;
    struct policy_reading reading = {.document = &document, .catalog = catalog, .policy = policy};

    if (source->is_own)
        json_parse_own(source->text, source->length, source->name, &document);
    else if (!json_parse(source->text, source->length, source->name, &document, err))
        return false;
    bool ok = read_document(&reading, source, err);
    json_free(&document);
    return ok;
}

static bool load_file(const char *file, const struct fact_catalog *catalog, int depth,
                      struct policy *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct policy_source source = {.name = strcmp(file, "-") == 0 ? "standard input" : file,
                                   .depth = depth};

    if (!file_read(file, POLICY_SIZE_MAX, &text, &source.length, err))
        return false;
    source.text = text;
    return read_source(&source, catalog, out, err);
}

static bool load(const char *name_or_file, const struct fact_catalog *catalog, int depth,
                 struct policy *out, struct error *err)
{
    const struct embedded_policy *builtin = find_builtin(name_or_file);

    if (builtin != NULL) {
        struct policy_source source = {.name = builtin->name,
                                       .text = builtin->text,
                                       .length = (size_t)(builtin->end - builtin->text),
                                       .depth = depth,
                                       .is_own = true};
        return read_source(&source, catalog, out, err);
    }
    bool is_path = strpbrk(name_or_file, "/.") != NULL || strcmp(name_or_file, "-") == 0;
    if (is_path || access(name_or_file, F_OK) == 0)
        return load_file(name_or_file, catalog, depth, out, err);
    const char *near = suggest_nearest(name_or_file, nth_builtin, NULL);
    return error_set(err, "unknown policy \"%s\"%s%s%s", name_or_file,
                     near == NULL ? " (and there is no such file)" : "; did you mean \"",
                     near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

/* Where a policy of the user's has no other words for a built-in rule. */
static void explain_builtin(struct policy *policy)
{
    const struct embedded_policy *builtin = NULL;

    for (size_t i = 0; (builtin = embedded_policy_at(i)) != NULL; i++) {
        struct json_document document;
        json_parse_own(builtin->prose, (size_t)(builtin->prose_end - builtin->prose), builtin->name,
                       &document);
        for (size_t k = 0; k < policy->rule_count; k++) {
            struct rule *rule = &policy->rules[k];
            const cJSON *text = json_member(document.root, rule->id);
            if (rule->explain == NULL && text != NULL)
                rule->explain = mem_copy(text->valuestring);
        }
        json_free(&document);
    }
}

bool policy_load(const char *name_or_file, const struct fact_catalog *catalog, struct policy *out,
                 struct error *err)
{
    if (!policy_load_brief(name_or_file, catalog, out, err))
        return false;
    explain_builtin(out);
    return true;
}

bool policy_load_brief(const char *name_or_file, const struct fact_catalog *catalog,
                       struct policy *out, struct error *err)
{
    *out = (struct policy){0};
    if (!load(name_or_file, catalog, 0, out, err)) {
        policy_free(out);
        return false;
    }
    policy_complete(out);
    out->source = mem_copy(find_builtin(name_or_file) != NULL ? "builtin" : name_or_file);
    return true;
}

bool policy_parse(const char *text, size_t length, const char *source,
                  const struct fact_catalog *catalog, struct policy *out, struct error *err)
{
    struct policy_source whole = {.name = source, .text = text, .length = length};

    *out = (struct policy){0};
    if (!read_source(&whole, catalog, out, err)) {
        policy_free(out);
        return false;
    }
    policy_complete(out);
    out->source = mem_copy(source);
    return true;
}
