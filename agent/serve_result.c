/*
 * Results. See serve_result.h. Both ends are one program on one machine, so numbers are as they lie
 * in memory. The reader trusts none of them: the writer may have been killed, or worse.
 */
#include "agent/serve_result.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/output.h"
#include "report/reporter.h"

enum { TEXT_WIDTH = 80, ROW_MIN = 5 * sizeof(uint32_t) };

static const uint32_t head_mark = 0x57415431, tail_mark = 0x31544157, no_text = UINT32_MAX;

/* --- writing -------------------------------------------------------------------------------- */

static void put_number(uint32_t number, FILE *out)
{
    (void)fwrite(&number, sizeof number, 1, out);
}

static void put_bytes(const char *data, size_t length, FILE *out)
{
    put_number((uint32_t)length, out);
    (void)fwrite(data, 1, length, out);
    (void)fputc('\0', out);
}

static void put_text(const char *text, FILE *out)
{
    if (text == NULL)
        put_number(no_text, out);
    else
        put_bytes(text, strlen(text), out);
}

static void put_page(const struct reporter *reporter, const struct report *report, FILE *out)
{
    const struct report_style style = {.color = false, .width = TEXT_WIDTH};
    struct output_buffer page;

    output_buffer_open(&page);
    reporter->write(report, &style, page.stream);
    output_buffer_close(&page);
    put_bytes(page.data == NULL ? "" : page.data, page.length, out);
    free(page.data);
}

void result_encode(const struct report *report, FILE *out)
{
    const struct findings *findings = report->findings;

    put_number(head_mark, out);
    put_number((uint32_t)report->verdict, out);
    put_number((uint32_t)report->policy->fail_on, out);
    put_text(report->started, out);
    put_number((uint32_t)findings->count, out);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        put_number((uint32_t)finding->status, out);
        put_number((uint32_t)finding->rule->severity, out);
        put_text(finding->rule->id, out);
        put_text(finding->subject, out);
        put_text(finding->message, out);
    }
    for (size_t i = 0; reporter_at(i) != NULL; i++)
        put_page(reporter_at(i), report, out);
    put_number(tail_mark, out);
}

/* --- reading -------------------------------------------------------------------------------- */

/* What is left to read; is_bad once something did not fit, and everything read then is empty. */
struct cursor {
    char *at;
    char *end;
    bool is_bad;
};

static uint32_t get_number(struct cursor *cursor)
{
    uint32_t number = 0;

    if ((size_t)(cursor->end - cursor->at) < sizeof number || cursor->is_bad) {
        cursor->is_bad = true;
        return 0;
    }
    memcpy(&number, cursor->at, sizeof number);
    cursor->at += sizeof number;
    return number;
}

/* A number that must be at most max. */
static uint32_t get_choice(struct cursor *cursor, uint32_t max)
{
    uint32_t number = get_number(cursor);

    cursor->is_bad = cursor->is_bad || number > max;
    return cursor->is_bad ? 0 : number;
}

static struct result_page get_bytes(struct cursor *cursor, uint32_t length)
{
    struct result_page bytes = {cursor->at, length};

    if (cursor->is_bad || (size_t)(cursor->end - cursor->at) <= length ||
        cursor->at[length] != '\0') {
        cursor->is_bad = true;
        return (struct result_page){"", 0};
    }
    cursor->at += length + 1;
    return bytes;
}

/* A text without a byte 0 in it; NULL only where there may be none. */
static const char *get_text(struct cursor *cursor, bool is_optional)
{
    uint32_t length = get_number(cursor);

    if (length == no_text && is_optional)
        return NULL;
    struct result_page bytes = get_bytes(cursor, length);
    cursor->is_bad = cursor->is_bad || strlen(bytes.data) != bytes.length;
    return bytes.data;
}

static void get_checks(struct cursor *cursor, struct result *result)
{
    size_t count = get_number(cursor);

    /* Before memory is asked for: so many cannot be in what is left. */
    if (count > (size_t)(cursor->end - cursor->at) / ROW_MIN) {
        cursor->is_bad = true;
        return;
    }
    result->checks = mem_new(count, sizeof *result->checks);
    result->check_count = count;
    for (size_t i = 0; i < count && !cursor->is_bad; i++) {
        struct result_check *check = &result->checks[i];
        check->status = (enum status)get_choice(cursor, STATUS_COUNT - 1);
        check->severity = (enum severity)get_choice(cursor, SEVERITY_CRITICAL);
        check->id = get_text(cursor, false);
        check->subject = get_text(cursor, true);
        check->message = get_text(cursor, false);
    }
}

static void get_pages(struct cursor *cursor, struct result *result)
{
    while (reporter_at(result->page_count) != NULL)
        result->page_count++;
    result->pages = mem_new(result->page_count, sizeof *result->pages);
    for (size_t i = 0; i < result->page_count; i++)
        result->pages[i] = get_bytes(cursor, get_number(cursor));
}

bool result_counts(const struct result *result, const struct result_check *check)
{
    return check->status == STATUS_UNKNOWN ||
           (check->status == STATUS_FAIL && check->severity >= result->fail_on);
}

/* No run checks nothing, and the verdict is pass exactly when no check counts against it. */
static bool is_consistent(const struct result *result)
{
    for (size_t i = 0; i < result->check_count; i++) {
        if (result_counts(result, &result->checks[i]))
            return result->verdict != VERDICT_PASS;
    }
    return result->check_count > 0 && result->verdict == VERDICT_PASS;
}

bool result_decode(char *data, size_t length, struct result **out, struct error *err)
{
    struct cursor cursor = {.at = data, .end = data + length};
    struct result *result = mem_new(1, sizeof *result);

    *result = (struct result){.references = 1, .memory = data};
    cursor.is_bad = get_number(&cursor) != head_mark;
    result->verdict = (enum verdict)get_choice(&cursor, VERDICT_INCOMPLETE);
    result->fail_on = (enum severity)get_choice(&cursor, SEVERITY_CRITICAL);
    result->started = get_text(&cursor, false);
    get_checks(&cursor, result);
    get_pages(&cursor, result);
    uint32_t mark = get_number(&cursor);
    if (cursor.is_bad || mark != tail_mark || cursor.at != cursor.end || !is_consistent(result)) {
        result_release(result);
        return error_set(err, "what it sent is not a whole result");
    }
    *out = result;
    return true;
}

struct result *result_keep(struct result *result)
{
    result->references++;
    return result;
}

void result_release(struct result *result)
{
    if (result == NULL || --result->references > 0)
        return;
    free(result->checks);
    free(result->pages);
    free(result->memory);
    free(result);
}
