/*
 * list: what there is, as a table. Observes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/catalogue.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/options.h"
#include "agent/output.h"
#include "agent/policy_json.h"
#include "agent/say.h"
#include "agent/suggest.h"
#include "agent/table.h"
#include "agent/terminal.h"
#include "probes/observe.h"
#include "report/pieces.h"
#include "report/reporter.h"

/* --- the lists ------------------------------------------------------------------------------ */

/* Fills a table, whose columns are set. policy is the option's word, or NULL. */
typedef bool list_function(const char *policy, struct table *out, struct error *err);

static bool list_probes(const char *policy, struct table *out, struct error *err)
{
    const struct probe *probe = NULL;

    (void)policy;
    (void)err;
    for (size_t i = 0; (probe = observe_probe_at(i)) != NULL; i++) {
        table_add(out, probe->name);
        table_add(out, probe->summary);
    }
    return true;
}

static bool list_facts(const char *policy, struct table *out, struct error *err)
{
    static const char *const types[] = {
        [VALUE_NONE] = "none", [VALUE_BOOL] = "boolean", [VALUE_INTEGER] = "integer",
        [VALUE_TEXT] = "text", [VALUE_SET] = "set",
    };
    CLEANUP(fact_catalog_free) struct fact_catalog catalog = observe_catalog();

    (void)policy;
    (void)err;
    for (size_t i = 0; i < catalog.count; i++) {
        const struct fact_key *key = catalog.keys[i];
        table_add(out, key->name);
        table_add(out, types[key->type]);
        table_add(out, key->subject_name);
        table_add(out, key->summary);
    }
    return true;
}

/* One a line; NULL for none. The caller frees it. */
static char *lines_of(char *const *texts, size_t count)
{
    char *lines = count == 0 ? NULL : mem_copy(texts[0]);

    for (size_t i = 1; i < count; i++) {
        CLEANUP(mem_free_text) char *before = lines;
        lines = mem_format("%s\n%s", before, texts[i]);
    }
    return lines;
}

static void add_answers(const struct rule *rule, struct table *out)
{
    CLEANUP(mem_free_text) char *refs = lines_of(rule->refs, rule->ref_count);

    for (size_t i = 0; i < REMEDIES; i++)
        table_add(out, pieces_remedy(&rule->remedy, i).text);
    table_add(out, refs);
}

static bool list_rules(const char *policy, struct table *out, struct error *err)
{
    CLEANUP(fact_catalog_free) struct fact_catalog catalog = observe_catalog();
    CLEANUP(policy_free) struct policy rules = {0};
    CLEANUP(catalogue_free) struct catalogue builtins = {0};

    if (!policy_load(policy == NULL ? CATALOGUE_WHOLE : policy, &catalog, &rules, err) ||
        !catalogue_load(&catalog, &builtins, err))
        return false;
    for (size_t i = 0; i < rules.rule_count; i++) {
        const struct rule *rule = &rules.rules[i];
        const char *first = catalogue_first_with(&builtins, rule->id);
        if (!rule->enabled)
            continue;
        table_add(out, rule->id);
        table_add(out, severity_name(rule->severity));
        table_add(out, first == NULL ? rules.name : first);
        table_add(out, rule->title);
        add_answers(rule, out);
    }
    return true;
}

static bool list_policies(const char *policy, struct table *out, struct error *err)
{
    CLEANUP(fact_catalog_free) struct fact_catalog catalog = observe_catalog();
    CLEANUP(catalogue_free) struct catalogue builtins = {0};

    (void)policy;
    if (!catalogue_load(&catalog, &builtins, err))
        return false;
    for (size_t i = 0; i < builtins.count; i++) {
        table_add(out, builtins.policies[i].name);
        table_add(out, builtins.policies[i].summary);
    }
    return true;
}

static bool list_formats(const char *policy, struct table *out, struct error *err)
{
    const struct reporter *reporter = NULL;

    (void)policy;
    (void)err;
    for (size_t i = 0; (reporter = reporter_at(i)) != NULL; i++) {
        table_add(out, reporter->name);
        table_add(out, reporter->summary);
    }
    return true;
}

enum { COLUMNS_MAX = 8 };

static const struct listing {
    const char *name;
    struct table_column columns[COLUMNS_MAX]; /* ended by one without a name, if fewer */
    list_function *fill;
    bool has_policy;
} listings[] = {
    {"probes",
     {{.name = "probe", .heading = "Probe"}, {.name = "summary", .heading = "What it observes"}},
     list_probes,
     false},
    {"facts",
     {{.name = "fact", .heading = "Fact"},
      {.name = "type", .heading = "Type"},
      {.name = "subject", .heading = "Subject"},
      {.name = "summary", .heading = "What it is"}},
     list_facts,
     false},
    {"rules",
     {{.name = "rule", .heading = "Rule"},
      {.name = "severity", .heading = "Severity"},
      {.name = "policy", .heading = "Policy"},
      {.name = "title", .heading = "What must hold"},
      {.name = "docker", .heading = "Docker", .group = "remedy", .is_below = true},
      {.name = "compose", .heading = "Compose", .group = "remedy", .is_below = true},
      {.name = "kubernetes", .heading = "Kubernetes", .group = "remedy", .is_below = true},
      {.name = "refs", .heading = "References", .is_list = true, .is_below = true}},
     list_rules,
     true},
    {"policies",
     {{.name = "policy", .heading = "Policy"}, {.name = "summary", .heading = "What it asks for"}},
     list_policies,
     false},
    {"formats",
     {{.name = "format", .heading = "Format"}, {.name = "summary", .heading = "What it is for"}},
     list_formats,
     false},
};

enum { LISTING_COUNT = sizeof listings / sizeof listings[0] };

/* --- the forms ------------------------------------------------------------------------------ */

static void write_text(const struct table *table, FILE *out)
{
    table_write_text(table, (size_t)terminal_width(), out);
}

static const struct form {
    const char *name;
    void (*write)(const struct table *table, FILE *out);
} forms[] = {
    {"text", write_text},
    {"json", table_write_json},
    {"names", table_write_names},
    {"markdown", table_write_markdown},
};

static const char *form_name(size_t index)
{
    return index < sizeof forms / sizeof forms[0] ? forms[index].name : NULL;
}

/* --- the command ---------------------------------------------------------------------------- */

static const char *nth_listing(size_t index, const void *context)
{
    (void)context;
    return index < LISTING_COUNT ? listings[index].name : NULL;
}

static bool find_listing(const struct options *options, const struct listing **out,
                         struct error *err)
{
    for (size_t i = 0; i < LISTING_COUNT; i++) {
        *out = &listings[i];
        if (strcmp(listings[i].name, options->operand) != 0)
            continue;
        if (options_has(options, OPTION_POLICY) && !listings[i].has_policy)
            return error_set(err, "list %s has no option --policy", listings[i].name);
        return true;
    }
    const char *near = suggest_nearest(options->operand, nth_listing, NULL);
    if (near != NULL)
        return error_set(err, "list: unknown word \"%s\"; did you mean %s?", options->operand,
                         near);
    return error_set(err,
                     "list: unknown word \"%s\"; it takes probes, facts, rules, policies or "
                     "formats",
                     options->operand);
}

static bool list_fill(const struct options *options, struct outputs *outputs, struct table *table,
                      struct error *err)
{
    const struct listing *listing = NULL;

    if (!find_listing(options, &listing, err) || !outputs_plan(options, form_name, outputs, err))
        return false;
    table->columns = listing->columns;
    while (table->column_count < COLUMNS_MAX && listing->columns[table->column_count].name != NULL)
        table->column_count++;
    return listing->fill(options_word(options, OPTION_POLICY, NULL), table, err);
}

static int list_run(const struct options *options)
{
    CLEANUP(outputs_free) struct outputs outputs = {0};
    CLEANUP(table_free) struct table table = {0};
    struct error err = {0};
    int status = EXIT_WATERTIGHT;

    if (!list_fill(options, &outputs, &table, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < outputs.count; i++) {
        struct output_buffer buffer;
        output_buffer_open(&buffer);
        forms[outputs.rows[i].format].write(&table, buffer.stream);
        if (output_buffer_send(&buffer, outputs.rows[i].destination, &err))
            continue;
        say("%s", err.text);
        status = EXIT_OUTPUT;
    }
    return status;
}

const struct command command_list = {
    .id = COMMAND_LIST,
    .name = "list",
    .operand = "WHAT",
    .summary = "list probes, facts, rules, policies or formats",
    .notes = "WHAT is probes, facts, rules, policies or formats.\n"
             "FORMAT is text (the default), json, names (one a line) or markdown.\n"
             "The rules are those of --policy, or of strict, which has all; beside each stands\n"
             "the first policy that asks for it: baseline, restricted, hardened or strict.\n"
             "Each has what to set for it, and which standards ask for it.\n",
    .run = list_run,
};
