/*
 * Exceptions by argument. See seccomp_exceptions.h.
 */
#include "agent/seccomp_exceptions.h"

#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "agent/seccomp_facts.h"

enum { CHILD_SIGNAL = 0xFF }; /* of clone(2)'s flags: CSIGNAL */

static int compare_values(const void *a, const void *b)
{
    const struct seccomp_exception *left = a;
    const struct seccomp_exception *right = b;

    return (left->value > right->value) - (left->value < right->value);
}

static struct seccomp_exception *find_exception(struct seccomp_exceptions *of, uint64_t value)
{
    for (size_t i = 0; i < of->count; i++) {
        if (of->rows[i].value == value)
            return &of->rows[i];
    }
    return NULL;
}

static struct seccomp_exception *add_exception(struct seccomp_exceptions *of, uint64_t value,
                                               const char *action)
{
    if (of->count == SECCOMP_EXCEPTIONS_MAX) {
        of->is_whole = false;
        return &of->rows[0];
    }
    of->rows[of->count] = (struct seccomp_exception){.value = value, .action = action};
    return &of->rows[of->count++];
}

/* One call of the table, of one argument. */
static void take_value(struct seccomp_exceptions *of, uint64_t value, const char *action)
{
    const struct seccomp_exception *row = find_exception(of, value);

    if (row != NULL && strcmp(row->action, action) != 0)
        of->is_whole = false;
    if (row == NULL && strcmp(of->action, action) != 0)
        (void)add_exception(of, value, action);
}

/* One of two arguments: it divides what the first one gets. The others were taken before. */
static void take_second(struct seccomp_exceptions *of, uint64_t value, uint64_t second,
                        const char *action)
{
    struct seccomp_exception *row = find_exception(of, value);

    if (strcmp(row == NULL ? of->action : row->action, action) == 0)
        return;
    if (row == NULL)
        row = add_exception(of, value, of->action);
    if (of->are_flags || row->second_action != NULL)
        of->is_whole = false;
    row->second_action = action;
    row->second = second;
}

static void take_call(struct seccomp_exceptions *of, const struct syscall_call *call,
                      bool is_second, const char *action)
{
    const long *arguments = call->question.arguments;
    uint64_t value = (uint64_t)arguments[of->index];
    bool has_second = strchr(call->name, ',') != NULL;

    if (of->are_flags && strcmp(of->name, "clone") == 0)
        value &= ~(uint64_t)CHILD_SIGNAL;
    if (has_second != is_second)
        return;
    if (strcmp(of->action, action) != 0 || has_second) {
        CLEANUP(mem_free_text) char *words = mem_format("%s: %s", call->name, action);
        strset_add(&of->asked, words);
    }
    if (has_second)
        take_second(of, value, (uint64_t)arguments[SECCOMP_SECOND_INDEX], action);
    else
        take_value(of, value, action);
}

static void take_calls(struct seccomp_exceptions *of, const struct facts *facts, bool is_second)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!seccomp_facts_is(row, "seccomp.calls"))
            continue;
        CLEANUP(mem_free_text) char *name = seccomp_facts_bare(row->subject);
        const struct syscall_call *call = seccomp_facts_call(row->subject);
        if (call != NULL && strcmp(name, of->name) == 0)
            take_call(of, call, is_second, row->value.text);
    }
}

struct seccomp_exceptions seccomp_exceptions_find(const struct facts *facts, const char *name,
                                                  const char *action)
{
    struct seccomp_exceptions of = {.name = name, .action = action, .is_whole = true};

    of.index = strcmp(name, "ioctl") == 0 ? 1 : 0;
    of.are_flags = strcmp(name, "clone") == 0 || strcmp(name, "unshare") == 0;
    take_calls(&of, facts, false);
    take_calls(&of, facts, true);
    sort(of.rows, of.count, sizeof *of.rows, compare_values);
    return of;
}
