/*
 * The formats of a change: flags of docker run, fragments of Compose and Kubernetes, and all three
 * for a person. In each, what begins with "#" is said to a person and the rest is the change.
 */
#include "report/fix_format.h"

#include <string.h>

#include "agent/core/mem.h"
#include "report/yaml.h"

enum { INDENT = 2 };

/* --- what is said --------------------------------------------------------------------------- */

/* On one line, whatever a path is called: a line of its own would be taken for a flag. */
static void put_line(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *c = clean; *c != '\0'; c++)
        (void)fputc(*c == '\n' ? ' ' : *c, out);
}

static void put_removals(const struct fix_change *change, int indent, FILE *out)
{
    for (size_t i = 0; i < change->remove.count; i++) {
        const struct tree *what = &change->remove.children[i];
        (void)fprintf(out, "%*s# remove: ", indent, "");
        put_line(what->scalar.text, out);
        yaml_write_sources(&what->sources, out);
    }
}

static void put_rest_line(const char *label, const struct finding *finding, const char *reason,
                          int indent, FILE *out)
{
    (void)fprintf(out, "%*s# %s: %s", indent, "", label, finding->rule->id);
    if (finding->subject != NULL) {
        (void)fputc(' ', out);
        put_line(finding->subject, out);
    }
    (void)fputs(": ", out);
    put_line(reason, out);
    (void)fputc('\n', out);
}

static void put_rest(const struct fix_change *change, int indent, FILE *out)
{
    for (size_t i = 0; i < change->rest_count; i++)
        put_rest_line("cannot be fixed", change->rest[i].finding, change->rest[i].reason, indent,
                      out);
}

static void put_unknown(const struct findings *findings, int indent, FILE *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->rows[i].status == STATUS_UNKNOWN)
            put_rest_line("not known", &findings->rows[i], findings->rows[i].message, indent, out);
    }
}

/* --- the change ----------------------------------------------------------------------------- */

/* Quoted for a shell, where that is needed. */
static void put_word(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);
    size_t length = strspn(clean, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789%+,-./:=@_");

    if (clean[length] == '\0') {
        (void)fputs(clean, out);
        return;
    }
    (void)fputc('\'', out);
    for (const char *c = clean; *c != '\0'; c++) {
        if (*c == '\'')
            (void)fputs("'\\''", out);
        else
            (void)fputc(*c == '\n' ? ' ' : *c, out);
    }
    (void)fputc('\'', out);
}

static void put_flag(const char *name, const struct tree *value, int indent, FILE *out)
{
    CLEANUP(mem_free_text) char *words = value_words(&value->scalar);
    CLEANUP(mem_free_text)
    char *flag = value->scalar.type == VALUE_BOOL ? mem_format("--%s", name)
                                                  : mem_format("--%s=%s", name, words);

    (void)fprintf(out, "%*s", indent, "");
    put_word(flag, out);
    yaml_write_sources(&value->sources, out);
}

static void put_flags(const struct tree *options, int indent, FILE *out)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct tree *option = &options->children[i];
        if (option->kind == TREE_SCALAR)
            put_flag(option->key, option, indent, out);
        for (size_t k = 0; k < option->count; k++)
            put_flag(option->key, &option->children[k], indent, out);
    }
}

/* What goes comes first: some of it is then added again, with another value. */
static void put_change(const struct fix *fix, enum fix_target target, int indent, FILE *out)
{
    const struct fix_change *change = &fix->changes[target];

    put_removals(change, indent, out);
    if (target == FIX_DOCKER)
        put_flags(&change->add, indent, out);
    else
        yaml_write(&change->add, indent, out);
    put_rest(change, indent, out);
}

/* --- the formats ---------------------------------------------------------------------------- */

static void put_one(const struct fix *fix, enum fix_target target, const struct findings *findings,
                    const struct policy *policy, FILE *out)
{
    if (fix->failed == 0)
        (void)fprintf(out, "# nothing fails under policy %s\n", policy->name);
    put_change(fix, target, 0, out);
    put_unknown(findings, 0, out);
}

static void docker_write(const struct fix *fix, const struct findings *findings,
                         const struct policy *policy, FILE *out)
{
    put_one(fix, FIX_DOCKER, findings, policy, out);
}

static void compose_write(const struct fix *fix, const struct findings *findings,
                          const struct policy *policy, FILE *out)
{
    put_one(fix, FIX_COMPOSE, findings, policy, out);
}

static void kubernetes_write(const struct fix *fix, const struct findings *findings,
                             const struct policy *policy, FILE *out)
{
    put_one(fix, FIX_KUBERNETES, findings, policy, out);
}

static void text_write(const struct fix *fix, const struct findings *findings,
                       const struct policy *policy, FILE *out)
{
    static const char *const headings[FIX_TARGETS] = {
        [FIX_DOCKER] = "docker run, behind its other flags",
        [FIX_COMPOSE] = "Compose, where the service is called app",
        [FIX_KUBERNETES] = "Kubernetes, where the container is called app",
    };

    if (fix->failed == 0)
        (void)fprintf(out, "Nothing fails under policy %s.\n", policy->name);
    else
        (void)fprintf(out, "What answers %zu failed check%s of policy %s:\n", fix->failed,
                      fix->failed == 1 ? "" : "s", policy->name);
    for (size_t i = 0; i < FIX_TARGETS && fix->failed > 0; i++) {
        (void)fprintf(out, "\n%s:\n", headings[i]);
        put_change(fix, (enum fix_target)i, INDENT, out);
    }
    if (fix->unknown > 0)
        (void)fputs("\nWhat could not be determined cannot be fixed:\n", out);
    put_unknown(findings, INDENT, out);
}

static const struct fix_format formats[] = {
    {"text", FIX_DOCKER, FIX_KUBERNETES, text_write},
    {"docker", FIX_DOCKER, FIX_DOCKER, docker_write},
    {"compose", FIX_COMPOSE, FIX_COMPOSE, compose_write},
    {"kubernetes", FIX_KUBERNETES, FIX_KUBERNETES, kubernetes_write},
};

const struct fix_format *fix_format_at(size_t index)
{
    return index < sizeof formats / sizeof formats[0] ? &formats[index] : NULL;
}
