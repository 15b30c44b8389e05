/*
 * The policy in force for a person, and as JSON. See seccomp_print.h; seccomp_export.c has the
 * profile.
 */
#include "agent/seccomp_print.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/seccomp_facts.h"
#include "agent/seccomp_groups.h"
#include "agent/table.h"
#include "report/json_nodes.h"

enum { INDENT = 2, COLUMN = 19 }; /* where the calls of a group begin */

/* The calls of a group, NULL: of no group, among those with one answer. The caller frees the set.
 */
static struct strset calls_in(const struct seccomp_group *group, const struct strset *calls)
{
    struct strset in = {0};
    struct strset grouped = {0};

    for (size_t i = 0; group == NULL && seccomp_group_at(i) != NULL; i++) {
        for (const char *const *call = seccomp_group_at(i)->calls; *call != NULL; call++)
            strset_add(&grouped, *call);
    }
    for (const char *const *call = group == NULL ? NULL : group->calls;
         call != NULL && *call != NULL; call++)
        strset_add(&grouped, *call);
    in = group == NULL ? strset_minus(calls, &grouped) : strset_common(calls, &grouped);
    strset_free(&grouped);
    return in;
}

/* --- for a person --------------------------------------------------------------------------- */

static void print_head(const struct facts *facts, FILE *out)
{
    const char *mode = facts_text(facts, "seccomp.mode");
    const struct fact *filters = facts_find(facts, "seccomp.filters", NULL);

    if (mode != NULL && strcmp(mode, "disabled") == 0) {
        (void)fputs("No filter is loaded: the kernel lets every system call through.\n", out);
        return;
    }
    if (filters != NULL && filters->state == FACT_KNOWN) {
        CLEANUP(mem_free_text) char *count = value_words(&filters->value);
        (void)fprintf(out, "Filters loaded: %s.", count);
    } else {
        (void)fputs("A filter is loaded.", out);
    }
    (void)fputs(" What the kernel answers to each system call:\n\n", out);
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (seccomp_facts_is(row, "seccomp.syscalls"))
            (void)fprintf(out, "%*s%5zu  %s\n", INDENT, "", row->value.set.count, row->subject);
    }
}

/* One line, or more, of a group: an action and its calls. */
static void print_action(const char *action, const struct strset *calls, bool is_counted,
                         size_t width, FILE *out)
{
    CLEANUP(mem_free_text)
    char *words = is_counted ? mem_format("%zu others", calls->count) : strset_join(calls, ", ");
    int printed = fprintf(out, "%*s%-*s", INDENT, "", COLUMN - INDENT - 1, action);

    if (printed >= COLUMN)
        (void)fputc('\n', out);
    (void)fprintf(out, "%*s", printed >= COLUMN ? COLUMN : COLUMN - printed, "");
    table_wrap(words, COLUMN, COLUMN, width, out);
}

/* Of calls in no group only those that are refused are named: there are too many others. */
static void print_group(const struct facts *facts, const struct seccomp_group *group, size_t width,
                        FILE *out)
{
    bool is_empty = true;

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!seccomp_facts_is(row, "seccomp.syscalls"))
            continue;
        CLEANUP(strset_free) struct strset calls = calls_in(group, &row->value.set);
        if (calls.count == 0)
            continue;
        if (is_empty)
            (void)fprintf(out, "\n%s: %s\n", group == NULL ? "others" : group->name,
                          group == NULL ? "all that is in no group" : group->summary);
        is_empty = false;
        bool is_counted = group == NULL && strcmp(row->subject, "allow") == 0;
        print_action(row->subject, &calls, is_counted, width, out);
    }
}

/* Where arguments change the answer. */
static void print_arguments(const struct facts *facts, size_t width, FILE *out)
{
    bool is_empty = true;

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!seccomp_facts_is(row, "seccomp.calls"))
            continue;
        CLEANUP(mem_free_text)
        char *name = seccomp_facts_bare(row->subject);
        if (strcmp(seccomp_facts_answer(facts, name), row->value.text) == 0)
            continue;
        CLEANUP(strset_free) struct strset one = {0};
        strset_add(&one, row->subject);
        if (is_empty)
            (void)fputs("\narguments: calls whose answer depends on them\n", out);
        is_empty = false;
        print_action(row->value.text, &one, false, width, out);
    }
}

void seccomp_print_text(const struct facts *facts, size_t width, FILE *out)
{
    const char *mode = facts_text(facts, "seccomp.mode");

    print_head(facts, out);
    if (mode != NULL && strcmp(mode, "disabled") == 0)
        return;
    for (size_t i = 0; seccomp_group_at(i) != NULL; i++)
        print_group(facts, seccomp_group_at(i), width, out);
    print_group(facts, NULL, width, out);
    print_arguments(facts, width, out);
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void add_actions(const struct facts *facts, const struct seccomp_group *group,
                        cJSON *actions)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!seccomp_facts_is(row, "seccomp.syscalls"))
            continue;
        struct strset calls = {0};
        if (group == NULL)
            strset_add_all(&calls, &row->value.set);
        else
            calls = calls_in(group, &row->value.set);
        bool is_empty = calls.count == 0;
        struct value value = value_set(&calls);
        if (!is_empty)
            json_add(actions, row->subject, json_value_node(&value));
        value_free(&value);
    }
}

static cJSON *known_node(const struct facts *facts, const char *key)
{
    static const struct value none;
    const struct fact *row = facts_find(facts, key, NULL);

    return json_value_node(row == NULL ? &none : &row->value);
}

void seccomp_print_json(const struct facts *facts, FILE *out)
{
    cJSON *document = json_must(cJSON_CreateObject());
    cJSON *syscalls = json_must(cJSON_CreateObject());
    cJSON *calls = json_must(cJSON_CreateObject());
    cJSON *groups = json_must(cJSON_CreateObject());

    add_actions(facts, NULL, syscalls);
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (seccomp_facts_is(row, "seccomp.calls"))
            json_add(calls, row->subject, json_value_node(&row->value));
    }
    for (size_t i = 0; seccomp_group_at(i) != NULL; i++) {
        cJSON *actions = json_must(cJSON_CreateObject());
        add_actions(facts, seccomp_group_at(i), actions);
        json_add(groups, seccomp_group_at(i)->name, actions);
    }
    json_add(document, "schema", json_text_node("watertight.seccomp/1"));
    json_add(document, "tool", json_tool_node(WATERTIGHT_VERSION));
    json_add(document, "mode", known_node(facts, "seccomp.mode"));
    json_add(document, "filters", known_node(facts, "seccomp.filters"));
    json_add(document, "syscalls", syscalls);
    json_add(document, "calls", calls);
    json_add(document, "groups", groups);
    json_write(document, out);
}
