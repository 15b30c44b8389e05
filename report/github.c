/*
 * The format github: workflow commands on stdout, from which GitHub Actions makes annotations. They
 * are ten of each kind a step at most, so the verdict comes first and then the worst. The format
 * markdown makes the job summary.
 */
#include <stdlib.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/pieces.h"
#include "report/reporter.h"

/*
 * A command ends with its line, and a property at ',' or ':'. Source: GitHub's documentation of
 * workflow commands and of @actions/core, which undo exactly these.
 */
static void put_quoted(const char *text, bool is_property, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *at = clean; *at != '\0'; at++) {
        bool is_special = *at == '%' || *at == '\n' || *at == '\r';
        if (is_special || (is_property && (*at == ':' || *at == ',')))
            (void)fprintf(out, "%%%02X", (unsigned char)*at);
        else
            (void)fputc(*at, out);
    }
}

static void put_command(const char *command, const char *title, const char *message, FILE *out)
{
    (void)fprintf(out, "::%s title=", command);
    put_quoted(title, true, out);
    (void)fputs("::", out);
    put_quoted(message, false, out);
    (void)fputc('\n', out);
}

static void put_verdict(const struct report *report, FILE *out)
{
    static const char *const commands[] = {
        [VERDICT_PASS] = "notice",
        [VERDICT_FAIL] = "error",
        [VERDICT_INCOMPLETE] = "warning",
    };
    CLEANUP(mem_free_text)
    char *title = mem_format("watertight: %s", verdict_name(report->verdict));
    CLEANUP(mem_free_text) char *counts = pieces_counts(report);
    CLEANUP(mem_free_text) char *target = pieces_target(report);
    CLEANUP(mem_free_text)
    char *message = mem_format("policy %s: %s\n%s", report->policy->name, counts, target);

    put_command(commands[report->verdict], title, message, out);
}

/* The command for a finding, or NULL: nothing to do about it. */
static const char *command_of(const struct report *report, const struct finding *finding)
{
    static const char *const commands[] = {
        [STATUS_PASS] = NULL, [STATUS_FAIL] = "error",    [STATUS_UNKNOWN] = "warning",
        [STATUS_SKIP] = NULL, [STATUS_WAIVED] = "notice",
    };

    return pieces_is_below(finding, report->policy) ? "warning" : commands[finding->status];
}

/* The caller frees it. */
static char *message_of(const struct finding *finding)
{
    const struct remedy *remedy = &finding->rule->remedy;
    char *message = mem_copy(finding->message);

    if (finding->status != STATUS_FAIL)
        return message;
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);
    for (size_t i = 0; i <= REMEDIES; i++) {
        struct remedy_line line = {"expected", expected};
        if (i > 0)
            line = pieces_remedy(remedy, i - 1);
        if (line.text == NULL)
            continue;
        char *longer = mem_format("%s\n%s: %s", message, line.name, line.text);
        free(message);
        message = longer;
    }
    return message;
}

static void github_report(const struct report *report, const struct report_style *style, FILE *out)
{
    const struct finding **ranked = pieces_ranked(report->findings);

    (void)style;
    put_verdict(report, out);
    for (size_t i = 0; i < report->findings->count; i++) {
        const char *command = command_of(report, ranked[i]);
        if (command == NULL)
            continue;
        CLEANUP(mem_free_text) char *name = pieces_name(ranked[i]);
        CLEANUP(mem_free_text) char *severity = pieces_severity(ranked[i], report->policy);
        CLEANUP(mem_free_text) char *title = mem_format("%s (%s)", name, severity);
        CLEANUP(mem_free_text) char *message = message_of(ranked[i]);
        put_command(command, title, message, out);
    }
    free(ranked);
}

const struct reporter reporter_github = {
    .name = "github",
    .summary = "workflow commands: annotations of a GitHub Actions run",
    .content_type = "text/plain; charset=utf-8",
    .write = github_report,
};
