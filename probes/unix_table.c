/*
 * The table of Unix sockets. See unix_table.h.
 */
#include "probes/unix_table.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

/* "Num: RefCount Protocol Flags Type St Inode Path"; all but the inode are hexadecimal. */
static const unsigned int bases[] = {16, 16, 16, 16, 16, 16, 10};

enum { COLUMNS = sizeof bases / sizeof bases[0], NAME_MAX_LENGTH = 107 };

/* Takes the numbers from the line, which leaves the name; "" where the socket has none. */
static bool take_numbers(struct span *line)
{
    struct span word;
    uint64_t ignored = 0;

    for (size_t i = 0; i < COLUMNS; i++) {
        if (!span_word(line, &word))
            return false;
        bool has_colon = word.end[-1] == ':';
        if (has_colon != (i == 0))
            return false;
        if (has_colon)
            word.end--;
        if (!span_number(word, bases[i], UINT64_MAX, &ignored))
            return false;
    }
    if (line->at < line->end)
        line->at++; /* one blank; the rest is the name's own */
    return true;
}

/* Bytes of 0 in an abstract name are printed as '@', so one of any content is a text. */
static void add_abstract(struct span name, const char *prefix, struct strset *out)
{
    size_t length = (size_t)(name.end - name.at);

    if (length > NAME_MAX_LENGTH + 1)
        length = NAME_MAX_LENGTH + 1;
    if (length < strlen(prefix) || memcmp(name.at, prefix, strlen(prefix)) != 0)
        return;
    CLEANUP(mem_free_text) char *text = mem_copy_n(name.at, length);
    strset_add(out, text);
}

bool unix_table_abstract(const char *text, size_t length, const char *prefix, struct strset *out,
                         struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    size_t number = 1;

    if (!span_line(&rest, &line) || line.end - line.at < 3 || memcmp(line.at, "Num", 3) != 0)
        return error_set(err, "net/unix: line 1 is malformed");
    while (span_line(&rest, &line)) {
        number++;
        if (!take_numbers(&line))
            return error_set(err, "net/unix: line %zu is malformed", number);
        add_abstract(line, prefix, out);
    }
    return true;
}
