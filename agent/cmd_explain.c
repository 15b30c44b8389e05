/*
 * explain: what a rule means, why it matters, how to fix it. Observes nothing.
 */
#include <string.h>

#include "agent/catalogue.h"
#include "agent/commands.h"
#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "agent/options.h"
#include "agent/output.h"
#include "agent/policy_json.h"
#include "agent/say.h"
#include "agent/suggest.h"
#include "agent/table.h"
#include "agent/terminal.h"
#include "probes/observe.h"

enum { INDENT = 2, LABEL = 12, FIELD = INDENT + LABEL + 1 };

static void write_field(const char *label, const char *text, size_t width, FILE *out)
{
    (void)fprintf(out, "%*s%-*s ", INDENT, "", LABEL, label);
    table_wrap(text, FIELD, FIELD, width, out);
}

/* "At all times: user.uid.effective, user.uid.real". */
static void write_facts(const struct rule *rule, size_t width, FILE *out)
{
    CLEANUP(mem_free_text) char *names = mem_copy("");

    for (size_t i = 0; i < rule->fact_count; i++) {
        CLEANUP(mem_free_text) char *before = names;
        names = mem_format("%s%s%s", before, i == 0 ? "" : ", ", rule->facts[i]->name);
    }
    write_field("looks at", names, width, out);
}

/* "runtime.sandbox is none of gvisor"; the caller frees it. */
static char *condition_words(const struct policy *policy, const struct condition *condition)
{
    CLEANUP(mem_free_text)
    char *words = compare_words(condition->op, policy_operand(policy, &condition->operand));

    return mem_format("%s%s%s is %s",
                      condition->fact == NULL ? condition->param : condition->fact->name,
                      condition->subject == NULL ? "" : " of ",
                      condition->subject == NULL ? "" : condition->subject, words);
}

/* Alternatives stand in one field, joined by "or". */
static void write_conditions(const struct policy *policy, const struct rule *rule, size_t width,
                             FILE *out)
{
    for (size_t i = 0; i < rule->when_count;) {
        CLEANUP(mem_free_text) char *text = condition_words(policy, &rule->when[i++]);
        while (i < rule->when_count && rule->when[i].is_alternative) {
            CLEANUP(mem_free_text) char *before = text;
            CLEANUP(mem_free_text) char *next = condition_words(policy, &rule->when[i++]);
            text = mem_format("%s, or %s", before, next);
        }
        write_field("only if", text, width, out);
    }
}

static void write_demand(const struct policy *policy, const struct rule *rule, size_t width,
                         FILE *out)
{
    const struct value *subjects = policy_operand(policy, &rule->subjects);
    CLEANUP(mem_free_text)
    char *expected = compare_words(rule->op, policy_operand(policy, &rule->operand));

    write_facts(rule, width, out);
    if (subjects->type == VALUE_SET) {
        CLEANUP(mem_free_text) char *words = value_words(subjects);
        write_field("of", words, width, out);
    }
    write_field("expects", expected, width, out);
    write_conditions(policy, rule, width, out);
    if (rule->absent != ABSENT_UNKNOWN)
        write_field("if absent", absent_name(rule->absent), width, out);
}

static void write_paragraph(const char *heading, const char *text, size_t width, FILE *out)
{
    if (text == NULL)
        return;
    (void)fprintf(out, "\n%s\n%*s", heading, INDENT, "");
    table_wrap(text, INDENT, INDENT, width, out);
}

static void write_remedy(const struct remedy *remedy, size_t width, FILE *out)
{
    if (remedy->docker == NULL && remedy->compose == NULL && remedy->kubernetes == NULL)
        return;
    (void)fputs("\nHow to fix it\n", out);
    if (remedy->docker != NULL)
        write_field("docker", remedy->docker, width, out);
    if (remedy->compose != NULL)
        write_field("compose", remedy->compose, width, out);
    if (remedy->kubernetes != NULL)
        write_field("kubernetes", remedy->kubernetes, width, out);
}

static void write_rule(const struct policy *policy, const struct rule *rule, const char *first,
                       size_t width, FILE *out)
{
    CLEANUP(mem_free_text)
    char *origin = first == NULL
                       ? mem_format("%s%s", policy->name, rule->enabled ? "" : " (disabled)")
                       : mem_format("%s, and the built-in policies above it", first);

    (void)fprintf(out, "%s: ", rule->id);
    table_wrap(rule->title, strlen(rule->id) + 2, INDENT, width, out);
    (void)fputc('\n', out);
    write_field("severity", severity_name(rule->severity), width, out);
    write_field("policy", origin, width, out);
    write_demand(policy, rule, width, out);
    write_paragraph("What it means", rule->explain, width, out);
    write_remedy(&rule->remedy, width, out);
    if (rule->ref_count > 0)
        (void)fputs("\nReferences\n", out);
    for (size_t i = 0; i < rule->ref_count; i++)
        (void)fprintf(out, "%*s%s\n", INDENT, "", rule->refs[i]);
}

static const char *nth_rule(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->rule_count ? policy->rules[index].id : NULL;
}

static bool find_rule(const struct policy *policy, const char *id, const struct rule **out,
                      struct error *err)
{
    *out = policy_rule(policy, id);
    if (*out != NULL)
        return true;
    const char *near = suggest_nearest(id, nth_rule, policy);
    if (near != NULL)
        return error_set(err, "policy %s has no rule \"%s\"; did you mean %s?", policy->name, id,
                         near);
    return error_set(err, "policy %s has no rule \"%s\"; \"watertight list rules\" lists them",
                     policy->name, id);
}

static int explain_run(const struct options *options)
{
    const char *name = options_word(options, OPTION_POLICY, CATALOGUE_WHOLE);
    CLEANUP(fact_catalog_free) struct fact_catalog catalog = observe_catalog();
    CLEANUP(policy_free) struct policy policy = {0};
    CLEANUP(catalogue_free) struct catalogue builtins = {0};
    const struct rule *rule = NULL;
    struct output_buffer buffer;
    struct error err = {0};

    if (!policy_load(name, &catalog, &policy, &err) || !catalogue_load(&catalog, &builtins, &err) ||
        !find_rule(&policy, options->operand, &rule, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    output_buffer_open(&buffer);
    write_rule(&policy, rule, catalogue_first_with(&builtins, rule->id), (size_t)terminal_width(),
               buffer.stream);
    if (output_buffer_send(&buffer, "-", &err))
        return EXIT_WATERTIGHT;
    say("%s", err.text);
    return EXIT_OUTPUT;
}

const struct command command_explain = {
    .id = COMMAND_EXPLAIN,
    .name = "explain",
    .operand = "RULE",
    .summary = "say what a rule means, why it matters, how to fix it",
    .notes = "RULE is an id, such as user.non-root; \"watertight list rules\" lists them.\n"
             "It is looked up in --policy, or in strict, which has all built-in rules.\n",
    .run = explain_run,
};
