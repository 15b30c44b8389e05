/*
 * The parsers of the limits of control groups. See limit_text.h.
 */
#include "probes/limit_text.h"

#include "probes/digits.h"

/*
 * Without a limit, v1 prints PAGE_COUNTER_MAX pages in bytes: the greatest signed number, rounded
 * down to a page (include/linux/page_counter.h).
 */
static const int64_t unreachable = INT64_MAX - 0x10000 + 1;

static struct span trim(const char *text, size_t length)
{
    struct span span = {.at = text, .end = text + length};

    if (span.end > span.at && span.end[-1] == '\n')
        span.end--;
    return span;
}

static bool read_number(struct span span, int64_t *out)
{
    uint64_t number = 0;

    if (span_is(span, "max")) {
        *out = LIMIT_NONE;
        return true;
    }
    if (!span_number(span, 10, UINT64_MAX, &number))
        return false;
    *out = number >= (uint64_t)unreachable ? LIMIT_NONE : (int64_t)number;
    return true;
}

bool limit_text_number(const char *text, size_t length, int64_t *out, struct error *err)
{
    return read_number(trim(text, length), out) || error_set(err, "neither \"max\" nor a number");
}

bool limit_text_stat(const char *text, size_t length, const char *name, int64_t *out,
                     struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    struct span word;

    while (span_line(&rest, &line)) {
        if (!span_word(&line, &word) || !span_is(word, name))
            continue;
        bool is_read =
            span_word(&line, &word) && read_number(word, out) && !span_word(&line, &word);
        return is_read || error_set(err, "%s is malformed", name);
    }
    return error_set(err, "there is no %s", name);
}

bool limit_text_cpus(int64_t quota, int64_t period, int64_t *out, struct error *err)
{
    if (quota < 0) {
        *out = LIMIT_NONE;
        return true;
    }
    if (period <= 0 || quota > INT64_MAX / 1000)
        return error_set(err, "its quota or period is out of range");
    *out = quota * 1000 / period;
    return true;
}

bool limit_text_cpu_max(const char *text, size_t length, int64_t *out, struct error *err)
{
    struct span line = trim(text, length);
    struct span quota_word;
    struct span period_word;
    struct span more;
    int64_t quota = 0;
    uint64_t period = 0;

    if (!span_word(&line, &quota_word) || !span_word(&line, &period_word) ||
        span_word(&line, &more) || !read_number(quota_word, &quota) ||
        !span_number(period_word, 10, INT64_MAX, &period))
        return error_set(err, "not a quota and a period");
    return limit_text_cpus(quota, (int64_t)period, out, err);
}

bool limit_text_signed(const char *text, size_t length, int64_t *out, struct error *err)
{
    struct span span = trim(text, length);
    uint64_t number = 0;
    bool is_negative = span.at < span.end && *span.at == '-';

    span.at += is_negative ? 1 : 0;
    if (!span_number(span, 10, INT64_MAX, &number))
        return error_set(err, "not a number");
    *out = is_negative ? -(int64_t)number : (int64_t)number;
    return true;
}
