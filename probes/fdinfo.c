/*
 * What the kernel says of an open file. See fdinfo.h.
 */
#include "probes/fdinfo.h"

#include "probes/digits.h"

bool fdinfo_mount(const char *text, size_t length, int *out, struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    struct span word;
    uint64_t id = 0;

    while (span_line(&rest, &line)) {
        if (!span_word(&line, &word) || !span_is(word, "mnt_id:"))
            continue;
        if (!span_word(&line, &word) || !span_number(word, 10, INT32_MAX, &id) ||
            span_word(&line, &word))
            return error_set(err, "fdinfo: the line mnt_id is malformed");
        *out = (int)id;
        return true;
    }
    return error_set(err, "fdinfo: there is no line mnt_id");
}

static bool read_number(struct span word, pid_t *out)
{
    uint64_t number = 0;
    bool has_ended = span_is(word, "-1");

    if (!has_ended && !span_number(word, 10, INT32_MAX, &number))
        return false;
    *out = has_ended ? -1 : (pid_t)number;
    return true;
}

/* Numbers to the end of the line; false when there is none, or a malformed one. */
static bool read_numbers(struct span line, pid_t *first, size_t *count)
{
    struct span word;
    pid_t number = 0;

    for (*count = 0; span_word(&line, &word); (*count)++) {
        if (!read_number(word, &number))
            return false;
        if (*count == 0)
            *first = number;
    }
    return *count > 0;
}

bool fdinfo_process(const char *text, size_t length, struct fdinfo_process *out, struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    struct span word;
    pid_t first = 0;
    size_t count = 0;
    bool has_number = false;

    out->depth = 1; /* without PID namespaces in the kernel there is no line NSpid */
    while (span_line(&rest, &line)) {
        if (!span_word(&line, &word))
            continue;
        if (span_is(word, "Pid:")) {
            if (!read_numbers(line, &out->number, &count) || count != 1)
                return error_set(err, "fdinfo: the line Pid is malformed");
            has_number = true;
        } else if (span_is(word, "NSpid:")) {
            if (!read_numbers(line, &first, &out->depth))
                return error_set(err, "fdinfo: the line NSpid is malformed");
        }
    }
    return has_number || error_set(err, "fdinfo: there is no line Pid");
}
