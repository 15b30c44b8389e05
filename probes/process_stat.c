/*
 * The parser of /proc/PID/stat. See process_stat.h.
 */
#include "probes/process_stat.h"

#include <string.h>

#include "probes/digits.h"

enum { KERNEL_THREAD = 0x00200000 }; /* PF_KTHREAD, include/linux/sched.h */

/* Fields behind the name and the state, which is the third one. */
enum { FIELD_PARENT = 4, FIELD_FLAGS = 9, FIELD_THREADS = 20, FIELD_STARTED = 22 };

/* The name may hold blanks and parentheses: only the last one ends it. */
static bool split_name(struct span *text, struct span *number, struct span *name)
{
    const char *first = memchr(text->at, '(', (size_t)(text->end - text->at));
    const char *last = memrchr(text->at, ')', (size_t)(text->end - text->at));

    if (first == NULL || last == NULL || last < first || first == text->at)
        return false;
    *number = (struct span){.at = text->at, .end = first - 1};
    *name = (struct span){.at = first + 1, .end = last};
    text->at = last + 1;
    return first[-1] == ' ';
}

static bool take_field(size_t field, struct span word, struct process_stat *out)
{
    uint64_t number = 0;

    switch (field) {
    case FIELD_PARENT:
        if (!span_number(word, 10, INT32_MAX, &number))
            return false;
        out->parent = (pid_t)number;
        return true;
    case FIELD_FLAGS:
        if (!span_number(word, 10, UINT32_MAX, &number))
            return false;
        out->is_kernel_thread = (number & KERNEL_THREAD) != 0;
        return true;
    case FIELD_THREADS:
        return span_number(word, 10, UINT32_MAX, &out->threads);
    case FIELD_STARTED:
        return span_number(word, 10, UINT64_MAX, &out->started);
    default:
        return true;
    }
}

static bool parse(struct span text, struct process_stat *out)
{
    struct span number;
    struct span name;
    struct span word;
    uint64_t pid = 0;

    if (!split_name(&text, &number, &name) || !span_number(number, 10, INT32_MAX, &pid))
        return false;
    size_t length = (size_t)(name.end - name.at);
    if (length >= sizeof out->name || memchr(name.at, '\0', length) != NULL)
        return false;
    out->pid = (pid_t)pid;
    memcpy(out->name, name.at, length);
    if (!span_word(&text, &word) || word.end - word.at != 1)
        return false;
    out->state = *word.at;
    for (size_t field = FIELD_PARENT; field <= FIELD_STARTED; field++) {
        if (!span_word(&text, &word) || !take_field(field, word, out))
            return false;
    }
    return true;
}

bool process_stat_parse(const char *text, size_t length, struct process_stat *out,
                        struct error *err)
{
    *out = (struct process_stat){0};
    if (parse((struct span){.at = text, .end = text + length}, out))
        return true;
    return error_set(err, "stat: it is malformed");
}

bool process_stat_has_ended(const struct process_stat *stat)
{
    return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}
