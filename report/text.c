/*
 * The format text: what a person reads. The verdict first, then what failed with what was expected
 * and how to fix it, worst first; then what could not be determined, what was waived or skipped;
 * last, in one paragraph, what passed.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/pieces.h"
#include "report/text_page.h"

enum { REMEDY_LABEL = 12, ELEMENTS_SHOWN = 6, ELEMENT_MAX = 40, VERDICT_WIDTH = 12 };

static const char *const verdict_words[] = {
    [VERDICT_PASS] = "PASS",
    [VERDICT_FAIL] = "FAIL",
    [VERDICT_INCOMPLETE] = "INCOMPLETE",
};

static void put_verdict_word(const struct page *page, enum verdict verdict)
{
    static const enum tone tones[] = {
        [VERDICT_PASS] = TONE_GREEN, [VERDICT_FAIL] = TONE_RED, [VERDICT_INCOMPLETE] = TONE_YELLOW};

    page_put_toned(page, tones[verdict], verdict_words[verdict]);
}

static void put_verdict(const struct page *page)
{
    const struct report *report = page->report;
    CLEANUP(mem_free_text) char *counts = pieces_counts(report);
    CLEANUP(mem_free_text) char *target = pieces_target(report);
    CLEANUP(mem_free_text) char *first = mem_format("%s: %s", report->policy->name, counts);
    CLEANUP(mem_free_text) char *second = mem_format("%s, %.1f ms", target, report->duration_ms);

    put_verdict_word(page, report->verdict);
    (void)fputs("  policy", page->out);
    page_put_wrapped(page, (int)strlen(verdict_words[report->verdict]) + 8, PAGE_INDENT, first);
    page_put_blanks(page, PAGE_INDENT);
    page_put_wrapped(page, PAGE_INDENT, PAGE_INDENT, second);
    if (report->headline == NULL)
        return;
    page_put_blanks(page, PAGE_INDENT);
    page_put_wrapped(page, PAGE_INDENT, PAGE_INDENT, report->headline);
}

/*
 * A process that `exec` started may be confined otherwise than the workload: then the verdict is
 * not the workload's, and the reader must know.
 */
static void put_first_process(const struct page *page)
{
    const struct facts *facts = page->report->facts;
    const struct fact *name = facts_find(facts, "process.init_name", NULL);
    bool is_named = name != NULL && name->state == FACT_KNOWN;
    const char *detail = is_named ? name->detail : NULL;
    CLEANUP(strset_free) struct strset others = {0};

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (strcmp(row->key->name, "process.init") == 0 && row->state == FACT_KNOWN &&
            strcmp(row->value.text, "different") == 0)
            strset_add(&others, row->subject);
    }
    if (others.count == 0)
        return;
    CLEANUP(mem_free_text) char *list = strset_join(&others, ", ");
    CLEANUP(mem_free_text)
    char *words = mem_format("process 1 (%s%s%s) is another and differs in %s",
                             is_named ? name->value.text : "unknown", detail == NULL ? "" : "; ",
                             detail == NULL ? "" : detail, list);
    page_put_blanks(page, PAGE_INDENT);
    page_put_wrapped(page, PAGE_INDENT, PAGE_INDENT, words);
}

static void put_head(const struct page *page, enum tone tone, const char *word,
                     const struct finding *finding)
{
    const struct rule *rule = finding->rule;

    (void)fputc('\n', page->out);
    page_put_toned(page, tone, word);
    page_put_blanks(page, PAGE_INDENT - (int)strlen(word));
    page_put_toned(page, TONE_BOLD, rule->id);
    CLEANUP(mem_free_text) char *severity = pieces_severity(finding, page->report->policy);
    CLEANUP(mem_free_text)
    char *rest = mem_format("%s [%s]", finding->subject == NULL ? "" : finding->subject, severity);
    page_put_wrapped(page, PAGE_INDENT + (int)strlen(rule->id), PAGE_INDENT, rest);
    page_put_blanks(page, PAGE_INDENT);
    page_put_wrapped(page, PAGE_INDENT, PAGE_INDENT, finding->message);
}

static void put_remedy_line(const struct page *page, const char **label, const char *name,
                            const char *text)
{
    if (text == NULL)
        return;
    page_put_blanks(page, PAGE_INDENT);
    page_put_column(page, *label, PAGE_LABEL);
    page_put_column(page, name, REMEDY_LABEL);
    page_put_wrapped(page, PAGE_INDENT + PAGE_LABEL + REMEDY_LABEL,
                     PAGE_INDENT + PAGE_LABEL + REMEDY_LABEL, text);
    *label = "";
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_remedy(const struct remedy *a, const struct remedy *b)
{
    return same_text(a->docker, b->docker) && same_text(a->compose, b->compose) &&
           same_text(a->kubernetes, b->kubernetes);
}

/*
 * Told once in a report, then referred to. told holds the count failures that were printed before.
 */
static void put_remedy(const struct page *page, const struct rule *rule,
                       const struct finding *const *told, size_t count)
{
    const struct remedy *remedy = &rule->remedy;
    const char *label = "fix";

    if (remedy->docker == NULL && remedy->compose == NULL && remedy->kubernetes == NULL)
        return;
    if (count > 0 && same_remedy(remedy, &told[count - 1]->rule->remedy)) {
        page_put_labelled(page, label, "as above");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same_remedy(remedy, &told[i]->rule->remedy))
            continue;
        CLEANUP(mem_free_text) char *words = mem_format("as for %s", told[i]->rule->id);
        page_put_labelled(page, label, words);
        return;
    }
    for (size_t i = 0; i < REMEDIES; i++) {
        struct remedy_line line = pieces_remedy(remedy, i);
        put_remedy_line(page, &label, line.name, line.text);
    }
}

/*
 * A set in part, since the message names those that are wrong: not more elements than a person
 * reads, and none as long as the folders of an overlay. The format json has all of them.
 */
static char *observed_words(const struct value *observed)
{
    CLEANUP(strset_free) struct strset shown = {0};

    if (observed->type != VALUE_SET || observed->set.count == 0)
        return value_words(observed);
    for (size_t i = 0; i < observed->set.count && shown.count < ELEMENTS_SHOWN; i++) {
        if (strlen(observed->set.items[i]) <= ELEMENT_MAX)
            strset_add(&shown, observed->set.items[i]);
    }
    if (shown.count == 0)
        return mem_format("%zu too long to show here", observed->set.count);
    CLEANUP(mem_free_text) char *words = strset_join(&shown, ", ");
    if (shown.count == observed->set.count)
        return mem_copy(words);
    return mem_format("%s and %zu more", words, observed->set.count - shown.count);
}

static void put_failure(const struct page *page, const struct finding *const *told, size_t count)
{
    const struct finding *finding = told[count];
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);
    CLEANUP(mem_free_text) char *observed = observed_words(&finding->observed);
    bool is_absent = finding->observed.type == VALUE_NONE;

    put_head(page, TONE_RED, "FAIL", finding);
    page_put_labelled(page, "expected", expected);
    page_put_labelled(page, "observed", is_absent ? "no such thing" : observed);
    put_remedy(page, finding->rule, told, count);
}

static void put_failures(const struct page *page)
{
    const struct findings *findings = page->report->findings;
    const struct finding **told = mem_new(findings->totals[STATUS_FAIL] + 1, sizeof *told);
    size_t count = 0;

    for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_LOW; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            const struct finding *finding = &findings->rows[i];
            if (finding->status != STATUS_FAIL || (int)finding->rule->severity != severity)
                continue;
            told[count] = finding;
            put_failure(page, told, count++);
        }
    }
    free(told);
}

static void put_others(const struct page *page, enum status status, enum tone tone,
                       const char *word)
{
    const struct findings *findings = page->report->findings;

    for (size_t i = 0; i < findings->count; i++) {
        if (findings->rows[i].status == status)
            put_head(page, tone, word, &findings->rows[i]);
    }
}

/*
 * A rule with its subject, or with the number of its subjects: there may be dozens. The findings of
 * a rule stand together, from *first on; *first moves behind them. NULL: none passed.
 */
static char *next_passes(const struct findings *findings, size_t *first, size_t *count)
{
    const struct rule *rule = findings->rows[*first].rule;
    const char *subject = NULL;

    *count = 0;
    for (; *first < findings->count && findings->rows[*first].rule == rule; (*first)++) {
        if (findings->rows[*first].status != STATUS_PASS)
            continue;
        subject = findings->rows[*first].subject;
        (*count)++;
    }
    if (*count == 0)
        return NULL;
    if (*count > 1)
        return mem_format("%s (%zu)", rule->id, *count);
    return subject == NULL ? mem_copy(rule->id) : mem_format("%s %s", rule->id, subject);
}

static void put_passes(const struct page *page)
{
    const struct findings *findings = page->report->findings;
    size_t left = findings->totals[STATUS_PASS];
    int column = PAGE_INDENT;

    if (left == 0)
        return;
    (void)fputc('\n', page->out);
    page_put_toned(page, TONE_GREEN, "PASS");
    page_put_blanks(page, PAGE_INDENT - 4);
    for (size_t i = 0; i < findings->count;) {
        size_t count = 0;
        CLEANUP(mem_free_text) char *passes = next_passes(findings, &i, &count);
        if (passes == NULL)
            continue;
        left -= count;
        CLEANUP(mem_free_text) char *item = mem_format("%s%s", passes, left == 0 ? "" : ",");
        page_put_words(page, &column, PAGE_INDENT, item);
    }
    (void)fputc('\n', page->out);
}

static void text_report(const struct report *report, const struct report_style *style, FILE *out)
{
    struct page page = {.report = report, .style = style, .out = out};

    put_verdict(&page);
    put_first_process(&page);
    put_failures(&page);
    put_others(&page, STATUS_UNKNOWN, TONE_YELLOW, "UNKNOWN");
    put_others(&page, STATUS_WAIVED, TONE_DIM, "WAIVED");
    put_others(&page, STATUS_SKIP, TONE_DIM, "SKIP");
    put_passes(&page);
}

/* What all have in common, and a line for each container. */
static void put_overview(const struct page *page, const struct report_set *set)
{
    size_t counts[] = {[VERDICT_PASS] = 0, [VERDICT_FAIL] = 0, [VERDICT_INCOMPLETE] = 0};

    for (size_t i = 0; i < set->count; i++)
        counts[set->reports[i].verdict]++;
    put_verdict_word(page, set->verdict);
    CLEANUP(mem_free_text)
    char *words = mem_format("%s: %zu containers: %zu passed, %zu failed, %zu incomplete; %.1f ms",
                             set->policy->name, set->count, counts[VERDICT_PASS],
                             counts[VERDICT_FAIL], counts[VERDICT_INCOMPLETE], set->duration_ms);
    (void)fputs("  policy", page->out);
    page_put_wrapped(page, (int)strlen(verdict_words[set->verdict]) + 8, PAGE_INDENT, words);
    for (size_t i = 0; i < set->notes->count; i++) {
        page_put_blanks(page, PAGE_INDENT);
        page_put_wrapped(page, PAGE_INDENT, PAGE_INDENT, set->notes->items[i]);
    }
    (void)fputs(set->count == 0 ? "" : "\n", page->out);
    for (size_t i = 0; i < set->count; i++) {
        struct page one = {.report = &set->reports[i], .style = page->style, .out = page->out};
        CLEANUP(mem_free_text) char *target = pieces_target(one.report);
        CLEANUP(mem_free_text) char *totals = pieces_counts(one.report);
        CLEANUP(mem_free_text) char *line = mem_format("%s: %s", target, totals);
        int width = (int)strlen(verdict_words[one.report->verdict]);
        put_verdict_word(page, one.report->verdict);
        page_put_blanks(page, VERDICT_WIDTH - width);
        page_put_wrapped(page, VERDICT_WIDTH, VERDICT_WIDTH, line);
    }
}

static void text_reports(const struct report_set *set, const struct report_style *style, FILE *out)
{
    struct page page = {.style = style, .out = out};

    put_overview(&page, set);
    for (size_t i = 0; i < set->count; i++) {
        (void)fputs("\n", out);
        text_report(&set->reports[i], style, out);
    }
}

const struct reporter reporter_text = {
    .name = "text",
    .summary = "for a person: the verdict, what failed and how to fix it",
    .content_type = "text/plain; charset=utf-8",
    .write = text_report,
    .write_all = text_reports,
};
