/*
 * The format markdown: GitHub Flavored Markdown, for the job summary of GitHub Actions
 * (--format markdown=FILE, appended to $GITHUB_STEP_SUMMARY) and for comments on a merge request.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/pieces.h"
#include "report/reporter.h"

static bool is_word(char character)
{
    return isascii(character) && isalnum((unsigned char)character);
}

/*
 * A character reference never counts as markup (CommonMark 2.5), in a table's cell either; a
 * backslash would do for less. "www." would become a link without any mark, so its dot goes too.
 */
static void put_text(const char *text, FILE *out)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);

    for (const char *at = clean; *at != '\0'; at++) {
        bool is_www = *at == '.' && at > clean && (at[-1] == 'w' || at[-1] == 'W');
        bool is_link = *at == ':' && at[1] != ' '; /* or an emoji */
        /* Inside a word, as in CAP_CHOWN, no emphasis begins or ends. */
        bool is_inside = *at == '_' && at > clean && is_word(at[-1]) && is_word(at[1]);
        bool is_mark = strchr("\\`*_{}[]<>#|~&@$", *at) != NULL && !is_inside;
        if (*at == '\n')
            (void)fputc(' ', out);
        else if (is_www || is_link || is_mark)
            (void)fprintf(out, "&#%d;", *at);
        else
            (void)fputc(*at, out);
    }
}

static void put_code(const char *text, FILE *out)
{
    (void)fputs("<code>", out);
    put_text(text, out);
    (void)fputs("</code>", out);
}

static void put_head(const struct report *report, FILE *out)
{
    static const char *const marks[] = {
        [VERDICT_PASS] = "✅",
        [VERDICT_FAIL] = "❌",
        [VERDICT_INCOMPLETE] = "⚠️",
    };
    CLEANUP(mem_free_text) char *counts = pieces_counts(report);
    CLEANUP(mem_free_text) char *target = pieces_target(report);

    (void)fprintf(out, "## %s watertight: %s\n\nPolicy **", marks[report->verdict],
                  verdict_name(report->verdict));
    put_text(report->policy->name, out);
    (void)fputs("**: ", out);
    put_text(counts, out);
    (void)fputs("  \n", out);
    put_text(target, out);
    (void)fputs("\n", out);
}

static void put_remedies(const struct rule *rule, FILE *out)
{
    const char *separator = "";

    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(&rule->remedy, i);
        if (line.text == NULL)
            continue;
        (void)fprintf(out, "%s%s: ", separator, line.name);
        put_code(line.text, out);
        separator = "<br>";
    }
}

static void put_failure(const struct report *report, const struct finding *finding, FILE *out)
{
    CLEANUP(mem_free_text) char *name = pieces_name(finding);
    CLEANUP(mem_free_text) char *severity = pieces_severity(finding, report->policy);
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);

    (void)fputs("| ", out);
    put_code(name, out);
    (void)fputs(" | ", out);
    put_text(severity, out);
    (void)fputs(" | ", out);
    put_text(finding->message, out);
    (void)fputs("<br>expected: ", out);
    put_text(expected, out);
    (void)fputs(" | ", out);
    put_remedies(finding->rule, out);
    (void)fputs(" |\n", out);
}

static void put_failures(const struct report *report, const struct finding *const *ranked,
                         FILE *out)
{
    size_t count = report->findings->totals[STATUS_FAIL];

    if (count == 0)
        return;
    (void)fputs("\n### Failed\n\n| Check | Severity | What is wrong | How to fix it |\n"
                "|---|---|---|---|\n",
                out);
    for (size_t i = 0; i < count; i++)
        put_failure(report, ranked[i], out);
}

static void put_others(const struct report *report, const struct finding *const *ranked,
                       enum status status, const char *title, FILE *out)
{
    if (report->findings->totals[status] == 0)
        return;
    (void)fprintf(out, "\n### %s\n\n| Check | Severity | Why |\n|---|---|---|\n", title);
    for (size_t i = 0; i < report->findings->count; i++) {
        if (ranked[i]->status != status)
            continue;
        CLEANUP(mem_free_text) char *name = pieces_name(ranked[i]);
        (void)fputs("| ", out);
        put_code(name, out);
        (void)fprintf(out, " | %s | ", severity_name(ranked[i]->rule->severity));
        put_text(ranked[i]->message, out);
        (void)fputs(" |\n", out);
    }
}

static void put_passes(const struct report *report, const struct finding *const *ranked, FILE *out)
{
    if (report->findings->totals[STATUS_PASS] == 0)
        return;
    (void)fprintf(out, "\n<details><summary>%zu passed</summary>\n\n",
                  report->findings->totals[STATUS_PASS]);
    for (size_t i = 0; i < report->findings->count; i++) {
        if (ranked[i]->status != STATUS_PASS)
            continue;
        CLEANUP(mem_free_text) char *name = pieces_name(ranked[i]);
        (void)fputs("- ", out);
        put_code(name, out);
        (void)fputs(" ", out);
        put_text(ranked[i]->rule->title, out);
        (void)fputc('\n', out);
    }
    (void)fputs("\n</details>\n", out);
}

static void markdown_report(const struct report *report, const struct report_style *style,
                            FILE *out)
{
    const struct finding **ranked = pieces_ranked(report->findings);

    (void)style;
    put_head(report, out);
    put_failures(report, ranked, out);
    put_others(report, ranked, STATUS_UNKNOWN, "Not determined", out);
    put_others(report, ranked, STATUS_WAIVED, "Waived", out);
    put_others(report, ranked, STATUS_SKIP, "Skipped", out);
    put_passes(report, ranked, out);
    free(ranked);
}

const struct reporter reporter_markdown = {
    .name = "markdown",
    .summary = "tables, for the job summary of GitHub Actions and for comments",
    .content_type = "text/markdown; charset=utf-8",
    .write = markdown_report,
};
