/*
 * Lines of change. See serve_changes.h.
 */
#include "agent/serve_changes.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/output.h"
#include "agent/say.h"
#include "agent/serve_state.h"
#include "report/change.h"

enum printing { PRINTING_DONE, PRINTING_LATER, PRINTING_BROKEN };

/* A pipe that can be written to takes PIPE_BUF bytes at once without waiting: pipe(7), poll(2). */
static enum printing print_line(struct report_change *change)
{
    struct pollfd stdout_state = {.fd = STDOUT_FILENO, .events = POLLOUT};
    struct output_buffer buffer;
    struct error err = {0};

    if (poll(&stdout_state, 1, 0) < 1)
        return PRINTING_LATER;
    output_buffer_open(&buffer);
    report_change_write(change, buffer.stream);
    output_buffer_close(&buffer);
    if (buffer.length > PIPE_BUF && change->message != NULL) {
        free(buffer.data);
        change->message = NULL;
        return print_line(change);
    }
    bool ok = output_write("-", buffer.data, buffer.length, &err);
    free(buffer.data);
    if (!ok)
        say("changes are not printed any more: %s", err.text);
    return ok ? PRINTING_DONE : PRINTING_BROKEN;
}

static enum printing print_verdict(const struct result *before, const struct result *after)
{
    struct report_change change = {
        .kind = "verdict", .time = after->started, .to = verdict_name(after->verdict)};

    if (before != NULL && before->verdict == after->verdict)
        return PRINTING_DONE;
    change.from = before == NULL ? NULL : verdict_name(before->verdict);
    return print_line(&change);
}

static void describe_check(const struct serve_change *row, struct report_change *out)
{
    const struct result_check *check = row->after != NULL ? row->after : row->before;

    out->kind = "check";
    out->id = check->id;
    out->subject = check->subject;
    out->severity = check->severity;
    out->from = row->before == NULL ? NULL : status_name(row->before->status);
    out->to = row->after == NULL ? NULL : status_name(row->after->status);
    out->message = row->after == NULL ? NULL : row->after->message;
}

static void describe_container(const struct serve_change *row, struct report_change *out)
{
    const struct result_container *before = row->container_before;
    const struct result_container *after = row->container_after;

    out->kind = before == NULL || after == NULL ? "container" : "verdict";
    out->from = before == NULL ? NULL : verdict_name(before->verdict);
    out->to = after == NULL ? NULL : verdict_name(after->verdict);
}

static enum printing print_change(const struct serve_change *row, const struct result *after)
{
    const struct result_container *whose =
        row->container_after != NULL ? row->container_after : row->container_before;
    struct report_change_container container = {
        .pid = whose->pid, .name = whose->name, .runtime = whose->runtime, .id = whose->id};
    struct report_change change = {.time = after->started,
                                   .container = after->is_all ? &container : NULL};

    if (row->before == NULL && row->after == NULL)
        describe_container(row, &change);
    else
        describe_check(row, &change);
    return print_line(&change);
}

/* The first line is that of the verdict; those that are out already are passed over. */
static enum printing print_rest(const struct result *before, const struct result *after,
                                size_t *printed)
{
    size_t count = 0;
    struct serve_change *rows = serve_changes(before, after, &count);
    enum printing printing = PRINTING_DONE;

    while (*printed <= count && printing == PRINTING_DONE) {
        printing =
            *printed == 0 ? print_verdict(before, after) : print_change(&rows[*printed - 1], after);
        *printed += printing == PRINTING_DONE;
    }
    free(rows);
    return printing;
}

/* Prints what is missing up to the target. */
static bool reach_target(struct serve_changes *changes)
{
    enum printing printing = print_rest(changes->reported, changes->target, &changes->printed);

    changes->is_broken = printing == PRINTING_BROKEN;
    if (printing != PRINTING_DONE)
        return changes->is_broken;
    result_release(changes->reported);
    changes->reported = changes->target;
    changes->target = NULL;
    changes->printed = 0;
    return true;
}

bool serve_changes_report(struct serve_changes *changes, struct result *result)
{
    if (changes->is_broken)
        return true;
    if (changes->printed > 0 && (!reach_target(changes) || changes->is_broken))
        return changes->is_broken;
    if (changes->reported == result)
        return true;
    changes->target = result_keep(result);
    if (reach_target(changes))
        return true;
    /* Nothing is out yet: the next result may as well stand in for this one. */
    if (changes->printed == 0) {
        result_release(changes->target);
        changes->target = NULL;
    }
    return false;
}

void serve_changes_free(struct serve_changes *changes)
{
    result_release(changes->reported);
    result_release(changes->target);
    *changes = (struct serve_changes){0};
}
