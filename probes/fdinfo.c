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
