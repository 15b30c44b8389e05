/*
 * Words, labels and tones of the format text. See text_page.h.
 *
 * The stream is the caller's own, so that no other thread is locked out; and blanks are copied, not
 * formatted: a report is written with hundreds of these calls.
 */
#include "report/text_page.h"

#include <string.h>

#include "agent/core/mem.h"

void page_put_toned(const struct page *page, enum tone tone, const char *text)
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

void page_put_blanks(const struct page *page, int count)
{
    static const char blanks[] = "                ";
    enum { BLANKS = sizeof blanks - 1 };

    for (; count > BLANKS; count -= BLANKS)
        (void)fwrite_unlocked(blanks, 1, BLANKS, page->out);
    if (count > 0)
        (void)fwrite_unlocked(blanks, 1, (size_t)count, page->out);
}

void page_put_column(const struct page *page, const char *text, int width)
{
    (void)fputs_unlocked(text, page->out);
    page_put_blanks(page, width - (int)strlen(text));
}

/* Columns that the first length bytes take: characters, whatever their width. */
static int columns(const char *text, size_t length)
{
    int count = 0;

    for (size_t i = 0; i < length; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

void page_put_words(const struct page *page, int *column, int indent, const char *text)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(text);
    const char *word = clean + strspn(clean, " \n");

    while (*word != '\0') {
        size_t length = strcspn(word, " \n");
        int width = columns(word, length);
        bool is_next = *column > indent;
        if (is_next && *column + 1 + width > page->style->width) {
            (void)fputc_unlocked('\n', page->out);
            page_put_blanks(page, indent);
            *column = indent;
        } else if (is_next) {
            (void)fputc_unlocked(' ', page->out);
            (*column)++;
        }
        (void)fwrite_unlocked(word, 1, length, page->out);
        *column += width;
        word += length;
        word += strspn(word, " \n");
    }
}

void page_put_wrapped(const struct page *page, int column, int indent, const char *text)
{
    page_put_words(page, &column, indent, text);
    (void)fputc_unlocked('\n', page->out);
}

void page_put_labelled(const struct page *page, const char *label, const char *text)
{
    page_put_blanks(page, PAGE_INDENT);
    page_put_column(page, label, PAGE_LABEL);
    page_put_wrapped(page, PAGE_INDENT + PAGE_LABEL, PAGE_INDENT + PAGE_LABEL, text);
}
