/*
 * The parser of /proc/kallsyms. See kallsyms.h.
 */
#include "probes/kallsyms.h"

#include "probes/digits.h"

bool kallsyms_has_address(const char *text, size_t length)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    struct span word;
    uint64_t address = 0;

    while (span_line(&rest, &line)) {
        struct span type;
        struct span name;
        bool is_symbol =
            span_word(&line, &word) && span_word(&line, &type) && span_word(&line, &name);
        /* Any number but 0 counts: the first lines are often small offsets of per-CPU data. */
        if (is_symbol && span_number(word, 16, UINT64_MAX, &address) && address != 0)
            return true;
    }
    return false;
}
