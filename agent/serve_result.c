/*
 * Results. See serve_result.h. Both ends are one program on one machine, so numbers are as they lie
 * in memory. The reader trusts none of them: the writer may have been killed, or worse.
 *
 * A mark; the pages, one behind the other, each terminated; the rest, which holds their lengths;
 * the length of the rest, and another mark. The writer learns a page's length by writing it, and
 * never has one in memory: those of hundreds of containers are big.
 */
#include "agent/serve_result.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "report/reporter.h"

enum {
    TEXT_WIDTH = 80,
    CHECK_MIN = 5 * sizeof(uint32_t),     /* what a check takes at least */
    CONTAINER_MIN = 6 * sizeof(uint32_t), /* and a container */
    HEAD = sizeof(uint32_t),
    FOOT = 2 * sizeof(uint32_t)
};

static const uint32_t head_mark = 0x57415432, tail_mark = 0x32544157, none = UINT32_MAX;

/* --- writing -------------------------------------------------------------------------------- */

/* A stream that counts what goes through it to another one. */
struct counter {
    FILE *out;
    size_t count;
};

static ssize_t count_through(void *cookie, const char *data, size_t length)
{
    struct counter *counter = cookie;

    counter->count += length;
    return fwrite(data, 1, length, counter->out) == length ? (ssize_t)length : 0;
}

static FILE *open_counter(struct counter *counter)
{
    FILE *stream = fopencookie(counter, "w", (cookie_io_functions_t){.write = count_through});

    if (stream == NULL)
        out_of_memory();
    return stream;
}

static void put_number(size_t number, FILE *out)
{
    uint32_t small = (uint32_t)number;

    (void)fwrite(&small, sizeof small, 1, out);
}

static void put_text(const char *text, FILE *out)
{
    if (text == NULL) {
        put_number(none, out);
        return;
    }
    put_number(strlen(text), out);
    (void)fwrite(text, 1, strlen(text) + 1, out);
}

/* Of one report, or of a set. Returns the length; none where the format does not hold a set. */
static size_t put_page(const struct reporter *reporter, const struct report *report,
                       const struct report_set *set, FILE *out)
{
    const struct report_style style = {.color = false, .width = TEXT_WIDTH};
    struct counter counter = {.out = out};

    if (report == NULL && reporter->write_all == NULL)
        return none;
    FILE *page = open_counter(&counter);
    if (report != NULL)
        reporter->write(report, &style, page);
    else
        reporter->write_all(set, &style, page);
    (void)fclose(page);
    (void)fputc('\0', out);
    return counter.count;
}

static void put_container(const struct report *report, bool is_named, FILE *out)
{
    const struct findings *findings = report->findings;

    put_number(is_named ? (uint32_t)report->pid : 0, out);
    put_text(is_named ? report->name : NULL, out);
    put_text(is_named ? facts_text(report->facts, "runtime.name") : NULL, out);
    put_text(is_named ? facts_text(report->facts, "runtime.container_id") : NULL, out);
    put_number(report->verdict, out);
    put_number(findings->count, out);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        put_number(finding->status, out);
        put_number(finding->rule->severity, out);
        put_text(finding->rule->id, out);
        put_text(finding->subject, out);
        put_text(finding->message, out);
    }
}

/* Of count reports; each is named where it is one of a set. */
static void put_rest(const struct report_set *set, bool is_all, FILE *out)
{
    size_t checks = 0;

    put_number(is_all, out);
    put_number(set->has_unseen, out);
    put_number(set->verdict, out);
    put_number(set->policy->fail_on, out);
    put_text(set->started, out);
    for (size_t i = 0; i < set->count; i++)
        checks += set->reports[i].findings->count;
    put_number(checks, out);
    put_number(set->count, out);
    for (size_t i = 0; i < set->count; i++)
        put_container(&set->reports[i], is_all, out);
}

static void encode(const struct report *report, const struct report_set *set, FILE *out)
{
    struct counter counter = {.out = out};
    size_t formats = 0;

    put_number(head_mark, out);
    while (reporter_at(formats) != NULL)
        formats++;
    size_t *lengths = mem_new(formats, sizeof *lengths);
    for (size_t i = 0; i < formats; i++)
        lengths[i] = put_page(reporter_at(i), report, set, out);
    FILE *rest = open_counter(&counter);
    put_rest(set, report == NULL, rest);
    for (size_t i = 0; i < formats; i++)
        put_number(lengths[i], rest);
    (void)fclose(rest);
    free(lengths);
    put_number(counter.count, out);
    put_number(tail_mark, out);
}

void result_encode(const struct report *report, FILE *out)
{
    const struct report_set set = {.policy = report->policy,
                                   .reports = report,
                                   .count = 1,
                                   .verdict = report->verdict,
                                   .started = report->started};

    encode(report, &set, out);
}

void result_encode_all(const struct report_set *set, FILE *out)
{
    encode(NULL, set, out);
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

/* Before memory is asked for: no more of them than can be in what is left. */
static size_t get_count(struct cursor *cursor, size_t least)
{
    return get_choice(cursor, (uint32_t)((size_t)(cursor->end - cursor->at) / least));
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

    if (length == none && is_optional)
        return NULL;
    struct result_page bytes = get_bytes(cursor, length);
    cursor->is_bad = cursor->is_bad || strlen(bytes.data) != bytes.length;
    return bytes.data;
}

static void get_check(struct cursor *cursor, struct result_check *out)
{
    out->status = (enum status)get_choice(cursor, STATUS_COUNT - 1);
    out->severity = (enum severity)get_choice(cursor, SEVERITY_CRITICAL);
    out->id = get_text(cursor, false);
    out->subject = get_text(cursor, true);
    out->message = get_text(cursor, false);
}

/* Takes its checks from the result's, of which *taken are others'. */
static void get_container(struct cursor *cursor, struct result *result, size_t *taken,
                          struct result_container *out)
{
    out->pid = (int)get_choice(cursor, INT32_MAX);
    out->name = get_text(cursor, true);
    out->runtime = get_text(cursor, true);
    out->id = get_text(cursor, true);
    out->verdict = (enum verdict)get_choice(cursor, VERDICT_INCOMPLETE);
    out->check_count = get_choice(cursor, (uint32_t)(result->check_count - *taken));
    out->checks = result->checks + *taken;
    *taken += out->check_count;
    for (size_t i = 0; i < out->check_count && !cursor->is_bad; i++)
        get_check(cursor, &out->checks[i]);
}

static void get_containers(struct cursor *cursor, struct result *result)
{
    size_t taken = 0;

    result->check_count = get_count(cursor, CHECK_MIN);
    result->container_count = get_count(cursor, CONTAINER_MIN);
    if (cursor->is_bad) {
        result->check_count = result->container_count = 0;
        return;
    }
    result->checks = mem_new(result->check_count, sizeof *result->checks);
    result->containers = mem_new(result->container_count, sizeof *result->containers);
    for (size_t i = 0; i < result->container_count && !cursor->is_bad; i++)
        get_container(cursor, result, &taken, &result->containers[i]);
    cursor->is_bad = cursor->is_bad || taken != result->check_count;
}

/* The lengths are read from the one cursor, the pages themselves from the other. */
static void get_pages(struct cursor *lengths, struct cursor *pages, struct result *result)
{
    while (reporter_at(result->page_count) != NULL)
        result->page_count++;
    result->pages = mem_new(result->page_count, sizeof *result->pages);
    for (size_t i = 0; i < result->page_count; i++) {
        bool is_due = !result->is_all || reporter_at(i)->write_all != NULL;
        uint32_t length = get_number(lengths);
        if (is_due)
            result->pages[i] = get_bytes(pages, length);
        else
            lengths->is_bad = lengths->is_bad || length != none;
    }
}

bool result_counts(const struct result *result, const struct result_check *check)
{
    return check->status == STATUS_UNKNOWN ||
           (check->status == STATUS_FAIL && check->severity >= result->fail_on);
}

/* No run checks nothing, and a verdict is pass exactly when no check counts against it. */
static bool is_consistent_container(const struct result *result,
                                    const struct result_container *container)
{
    for (size_t i = 0; i < container->check_count; i++) {
        if (result_counts(result, &container->checks[i]))
            return container->verdict != VERDICT_PASS;
    }
    return container->check_count > 0 && container->verdict == VERDICT_PASS;
}

/* That of the whole is pass exactly when it is that of each, and nothing may be missing. */
static bool is_consistent(const struct result *result)
{
    bool is_pass = result->container_count > 0 && !result->has_unseen;

    for (size_t i = 0; i < result->container_count; i++) {
        if (!is_consistent_container(result, &result->containers[i]))
            return false;
        is_pass = is_pass && result->containers[i].verdict == VERDICT_PASS;
    }
    return (result->is_all || result->container_count == 1) &&
           is_pass == (result->verdict == VERDICT_PASS);
}

/* Finds where the rest begins: its length stands before the last mark. */
static bool split(char *data, size_t length, struct cursor *pages, struct cursor *rest)
{
    struct cursor foot = {.at = data, .end = data + length};

    *pages = foot;
    if (length < HEAD + FOOT || get_number(pages) != head_mark)
        return false;
    foot.at = data + length - FOOT;
    size_t rest_length = get_number(&foot);
    if (get_number(&foot) != tail_mark || rest_length > (size_t)(foot.end - pages->at) - FOOT)
        return false;
    rest->end = data + length - FOOT;
    rest->at = pages->end = rest->end - rest_length;
    return true;
}

static bool decode(char *data, size_t length, struct result *result)
{
    struct cursor pages;
    struct cursor rest = {0};

    if (!split(data, length, &pages, &rest))
        return false;
    result->is_all = get_choice(&rest, true);
    result->has_unseen = get_choice(&rest, true);
    result->verdict = (enum verdict)get_choice(&rest, VERDICT_INCOMPLETE);
    result->fail_on = (enum severity)get_choice(&rest, SEVERITY_CRITICAL);
    result->started = get_text(&rest, false);
    get_containers(&rest, result);
    get_pages(&rest, &pages, result);
    return !rest.is_bad && !pages.is_bad && rest.at == rest.end && pages.at == pages.end &&
           is_consistent(result);
}

bool result_decode(char *data, size_t length, struct result **out, struct error *err)
{
    struct result *result = mem_new(1, sizeof *result);

    *result = (struct result){.references = 1, .memory = data, .length = length};
    if (!decode(data, length, result)) {
        result_release(result);
        return error_set(err, "what it sent is not a whole result");
    }
    *out = result;
    return true;
}

void result_disinherit(const struct result *result)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    if (result == NULL)
        return;
    /* Whole pages only: what else is on the others is of use. */
    size_t skipped = (size_t)(-(uintptr_t)result->memory % page);
    if (result->length < skipped + page)
        return;
    size_t length = (result->length - skipped) / page * page;
    (void)madvise(result->memory + skipped, length, MADV_DONTNEED);
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
    free(result->containers);
    free(result->pages);
    free(result->memory);
    free(result);
}
