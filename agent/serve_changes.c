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
    struct report_change change = {.time = after->started, .to = verdict_name(after->verdict)};

    if (before != NULL && before->verdict == after->verdict)
        return PRINTING_DONE;
    change.from = before == NULL ? NULL : verdict_name(before->verdict);
    return print_line(&change);
}

static enum printing print_check(const struct serve_change *row, const char *time)
{
    const struct result_check *check = row->after != NULL ? row->after : row->before;
    struct report_change change = {
        .time = time,
        .id = check->id,
        .subject = check->subject,
        .severity = check->severity,
        .from = row->before == NULL ? NULL : status_name(row->before->status),
        .to = row->after == NULL ? NULL : status_name(row->after->status),
        .message = row->after == NULL ? NULL : row->after->message,
    };

    return print_line(&change);
}

static enum printing print_all(const struct result *before, const struct result *after)
{
    size_t count = 0;
    struct serve_change *rows = serve_changes(before, after, &count);
    enum printing printing = print_verdict(before, after);

    for (size_t i = 0; i < count && printing == PRINTING_DONE; i++)
        printing = print_check(&rows[i], after->started);
    free(rows);
    return printing;
}

void serve_changes_report(struct serve_changes *changes, struct result *result)
{
    if (changes->is_broken)
        return;
    enum printing printing = print_all(changes->reported, result);
    if (printing == PRINTING_LATER)
        return;
    changes->is_broken = printing == PRINTING_BROKEN;
    result_release(changes->reported);
    changes->reported = result_keep(result);
}

void serve_changes_free(struct serve_changes *changes)
{
    result_release(changes->reported);
    changes->reported = NULL;
}
