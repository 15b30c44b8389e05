/*
 * The format text: what a person reads. The verdict first, then what failed with what was expected
 * and how to fix it, worst first; then what could not be determined, what was waived or skipped;
 * last, in one paragraph, what passed.
 */
#include <ctype.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/reporter.h"

enum { INDENT = 8, LABEL = 10, REMEDY_LABEL = 12, ELEMENTS_SHOWN = 16, ELEMENT_MAX = 40 };

struct page {
    const struct report *report;
    const struct report_style *style;
    FILE *out;
};

enum tone { TONE_RED, TONE_YELLOW, TONE_GREEN, TONE_BOLD, TONE_DIM };

static void put_toned(const struct page *page, enum tone tone, const char *text)
{
    static const char *const codes[] = {
        [TONE_RED] = "1;31", [TONE_YELLOW] = "1;33", [TONE_GREEN] = "1;32",
        [TONE_BOLD] = "1",   [TONE_DIM] = "2",
    };

    if (page->style->color)
        (void)fprintf(page->out, "\033[%sm%s\033[0m", codes[tone], text);
    else
        (void)fputs(text, page->out);
}

/* Columns that the first length bytes take: characters, whatever their width. */
static int columns(const char *text, size_t length)
{
    int count = 0;

    for (size_t i = 0; i < length; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

/* A control character would let a hostile name write anywhere on the terminal. */
static void put_word(const struct page *page, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        (void)fputc(iscntrl((unsigned char)word[i]) ? '?' : word[i], page->out);
}

/*
 * Writes text from column on, breaking at blanks so that no line passes the width; further lines
 * begin at indent. A word that is longer than a line stands alone. Ends the last line.
 */
static void put_wrapped(const struct page *page, int column, int indent, const char *text)
{
    bool is_first = true;

    while (*text != '\0') {
        text += strspn(text, " \n");
        size_t length = strcspn(text, " \n");
        int width = columns(text, length);
        if (length == 0)
            break;
        if (!is_first && column + 1 + width > page->style->width) {
            (void)fprintf(page->out, "\n%*s", indent, "");
            column = indent;
        } else if (!is_first) {
            (void)fputc(' ', page->out);
            column++;
        }
        put_word(page, text, length);
        column += width;
        text += length;
        is_first = false;
    }
    (void)fputc('\n', page->out);
}

static void put_labelled(const struct page *page, const char *label, const char *text)
{
    (void)fprintf(page->out, "%*s", INDENT, "");
    (void)fprintf(page->out, "%-*s", LABEL, label);
    put_wrapped(page, INDENT + LABEL, INDENT + LABEL, text);
}

static void put_verdict(const struct page *page)
{
    static const struct {
        enum tone tone;
        const char *word;
    } words[] = {
        [VERDICT_PASS] = {TONE_GREEN, "PASS"},
        [VERDICT_FAIL] = {TONE_RED, "FAIL"},
        [VERDICT_INCOMPLETE] = {TONE_YELLOW, "INCOMPLETE"},
    };
    const size_t *totals = page->report->findings->totals;
    const char *runtime = facts_text(page->report->facts, "runtime.name");
    const char *id = facts_text(page->report->facts, "runtime.container_id");

    put_toned(page, words[page->report->verdict].tone, words[page->report->verdict].word);
    CLEANUP(mem_free_text)
    char *counts = mem_format("  policy %s: %zu passed, %zu failed, %zu unknown, %zu skipped, "
                              "%zu waived",
                              page->report->policy->name, totals[STATUS_PASS], totals[STATUS_FAIL],
                              totals[STATUS_UNKNOWN], totals[STATUS_SKIP], totals[STATUS_WAIVED]);
    (void)fputs("  ", page->out);
    put_wrapped(page, (int)strlen(words[page->report->verdict].word) + 2, INDENT, counts);
    CLEANUP(mem_free_text)
    char *target = mem_format("process %d%s, runtime %s%s%.12s, %.1f ms", page->report->pid,
                              page->report->is_self ? " (watertight itself)" : "",
                              runtime == NULL ? "unknown" : runtime, id == NULL ? "" : " ",
                              id == NULL ? "" : id, page->report->duration_ms);
    (void)fprintf(page->out, "%*s", INDENT, "");
    put_wrapped(page, INDENT, INDENT, target);
}

static void put_head(const struct page *page, enum tone tone, const char *word,
                     const struct finding *finding)
{
    const struct rule *rule = finding->rule;

    (void)fputc('\n', page->out);
    put_toned(page, tone, word);
    (void)fprintf(page->out, "%*s", INDENT - (int)strlen(word), "");
    put_toned(page, TONE_BOLD, rule->id);
    CLEANUP(mem_free_text)
    char *rest = mem_format("%s%s[%s]", finding->subject == NULL ? "" : finding->subject,
                            finding->subject == NULL ? "" : " ", severity_name(rule->severity));
    (void)fputc(' ', page->out);
    put_wrapped(page, INDENT + (int)strlen(rule->id) + 1, INDENT, rest);
    (void)fprintf(page->out, "%*s", INDENT, "");
    put_wrapped(page, INDENT, INDENT, finding->message);
}

static void put_remedy_line(const struct page *page, const char **label, const char *name,
                            const char *text)
{
    if (text == NULL)
        return;
    (void)fprintf(page->out, "%*s%-*s%-*s", INDENT, "", LABEL, *label, REMEDY_LABEL, name);
    put_wrapped(page, INDENT + LABEL + REMEDY_LABEL, INDENT + LABEL + REMEDY_LABEL, text);
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

/* The same fix is not told twice in a row. */
static void put_remedy(const struct page *page, const struct rule *rule,
                       const struct rule *previous)
{
    const struct remedy *remedy = &rule->remedy;
    const char *label = "fix";

    if (remedy->docker == NULL && remedy->compose == NULL && remedy->kubernetes == NULL)
        return;
    if (previous != NULL && same_remedy(remedy, &previous->remedy)) {
        put_labelled(page, label, "as above");
        return;
    }
    put_remedy_line(page, &label, "docker", remedy->docker);
    put_remedy_line(page, &label, "compose", remedy->compose);
    put_remedy_line(page, &label, "kubernetes", remedy->kubernetes);
}

/*
 * A set in part: not more elements than a person reads, and none as long as the folders of an
 * overlay. The format json has all of them.
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
    CLEANUP(mem_free_text) char *words = strset_join(&shown, ", ");
    if (shown.count == observed->set.count)
        return mem_copy(words);
    return mem_format("%s and %zu more", words, observed->set.count - shown.count);
}

static void put_failure(const struct page *page, const struct finding *finding,
                        const struct rule *previous)
{
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);
    CLEANUP(mem_free_text) char *observed = observed_words(&finding->observed);
    bool is_absent = finding->observed.type == VALUE_NONE;

    put_head(page, TONE_RED, "FAIL", finding);
    put_labelled(page, "expected", expected);
    put_labelled(page, "observed", is_absent ? "no such thing" : observed);
    put_remedy(page, finding->rule, previous);
}

static void put_failures(const struct page *page)
{
    const struct findings *findings = page->report->findings;
    const struct rule *previous = NULL;

    for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_LOW; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            const struct finding *finding = &findings->rows[i];
            if (finding->status != STATUS_FAIL || (int)finding->rule->severity != severity)
                continue;
            put_failure(page, finding, previous);
            previous = finding->rule;
        }
    }
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

static void put_passes(const struct page *page)
{
    const struct findings *findings = page->report->findings;
    size_t left = findings->totals[STATUS_PASS];
    int column = INDENT;

    if (left == 0)
        return;
    (void)fputc('\n', page->out);
    put_toned(page, TONE_GREEN, "PASS");
    (void)fprintf(page->out, "%*s", INDENT - 4, "");
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        if (finding->status != STATUS_PASS)
            continue;
        CLEANUP(mem_free_text)
        char *item =
            mem_format("%s%s%s%s", finding->rule->id, finding->subject == NULL ? "" : " ",
                       finding->subject == NULL ? "" : finding->subject, --left == 0 ? "" : ",");
        int width = columns(item, strlen(item));
        bool is_next = column > INDENT;
        if (is_next && column + 1 + width > page->style->width) {
            (void)fprintf(page->out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (is_next) {
            (void)fputc(' ', page->out);
            column++;
        }
        put_word(page, item, strlen(item));
        column += width;
    }
    (void)fputc('\n', page->out);
}

static void text_report(const struct report *report, const struct report_style *style, FILE *out)
{
    struct page page = {.report = report, .style = style, .out = out};

    put_verdict(&page);
    put_failures(&page);
    put_others(&page, STATUS_UNKNOWN, TONE_YELLOW, "UNKNOWN");
    put_others(&page, STATUS_WAIVED, TONE_DIM, "WAIVED");
    put_others(&page, STATUS_SKIP, TONE_DIM, "SKIP");
    put_passes(&page);
}

const struct reporter reporter_text = {
    .name = "text",
    .summary = "for a person: the verdict, what failed and how to fix it",
    .write = text_report,
};
