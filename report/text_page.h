/*
 * What the format text is written with: words that are wrapped, labels in columns, tones.
 */
#ifndef WATERTIGHT_REPORT_TEXT_PAGE_H
#define WATERTIGHT_REPORT_TEXT_PAGE_H

#include "report/reporter.h"

enum { PAGE_INDENT = 8, PAGE_LABEL = 10 }; /* columns of the margin, and of a label */

struct page {
    const struct report *report;
    const struct report_style *style;
    FILE *out;
};

enum tone { TONE_RED, TONE_YELLOW, TONE_GREEN, TONE_BOLD, TONE_DIM };

/* In that tone where the style has colours. */
void page_put_toned(const struct page *page, enum tone tone, const char *text);

/* count columns of blanks; none where that is negative. */
void page_put_blanks(const struct page *page, int count);

/* text, and blanks up to a column of that width. */
void page_put_column(const struct page *page, const char *text, int width);

/*
 * Writes the words of text from *column on, and moves it. Breaks at blanks so that no line passes
 * the width; further lines begin at indent. A word that is longer than a line stands alone. Cleans
 * the text as facts are: a control character would let a hostile name write anywhere on a terminal.
 */
void page_put_words(const struct page *page, int *column, int indent, const char *text);

/* The same, and ends the last line. */
void page_put_wrapped(const struct page *page, int column, int indent, const char *text);

/* A line with a label in the margin's first column. */
void page_put_labelled(const struct page *page, const char *label, const char *text);

#endif
