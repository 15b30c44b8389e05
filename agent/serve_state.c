/*
 * The server's state. See serve_state.h.
 */
#include "agent/serve_state.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "agent/core/mem.h"

enum {
    LINES_MAX = 50,
    LINES_MAX_EACH = 5, /* of one container among many */
    TIME_LIMIT_MS = 30000,
    TIME_LIMIT_ALL_MS = 600000,
    RETRY_MS = 30000
};

bool serve_stands_against(const struct serve_state *state, const struct result_check *check)
{
    static const enum severity least[] = {
        [READY_WHEN_NO_CRITICAL] = SEVERITY_CRITICAL,
        [READY_WHEN_NO_HIGH] = SEVERITY_HIGH,
        [READY_WHEN_NO_MEDIUM] = SEVERITY_MEDIUM,
        [READY_WHEN_NO_LOW] = SEVERITY_LOW,
    };

    if (state->ready_when == READY_WHEN_PASS)
        return result_counts(state->result, check);
    bool is_open = check->status == STATUS_FAIL || check->status == STATUS_UNKNOWN;
    return is_open && check->severity >= least[state->ready_when];
}

static size_t count_against(const struct serve_state *state,
                            const struct result_container *container)
{
    size_t count = 0;

    for (size_t i = 0; i < container->check_count; i++)
        count += serve_stands_against(state, &container->checks[i]);
    return count;
}

/* A check against it, or, for good measure, a verdict. */
static bool is_wanted(const struct serve_state *state, const struct result_container *container)
{
    bool is_passed = container->verdict == VERDICT_PASS;

    return count_against(state, container) == 0 &&
           (state->ready_when != READY_WHEN_PASS || is_passed);
}

/* No container at all is as it must be, unless there may be one out of sight. */
static bool is_as_wanted(const struct serve_state *state)
{
    const struct result *result = state->result;

    for (size_t i = 0; i < result->container_count; i++) {
        if (!is_wanted(state, &result->containers[i]))
            return false;
    }
    return !result->has_unseen;
}

enum readiness serve_readiness(const struct serve_state *state, int64_t now_ms)
{
    if (state->result == NULL || state->is_superseded)
        return READINESS_NONE;
    if (state->problem.code == ESRCH)
        return READINESS_LOST;
    if (now_ms - state->observed_ms > STALE_INTERVALS * state->interval_ms)
        return READINESS_STALE;
    return is_as_wanted(state) ? READINESS_READY : READINESS_REFUSED;
}

/* Those of one status; *lines counts on. */
static void write_status(const struct serve_state *state, const struct result_container *container,
                         enum status status, size_t most, size_t *lines, FILE *out)
{
    const char *indent = state->result->is_all ? "  " : "";

    for (size_t i = 0; i < container->check_count; i++) {
        const struct result_check *check = &container->checks[i];
        bool is_told = check->status == status && serve_stands_against(state, check);
        if (!is_told || (*lines)++ >= most)
            continue;
        (void)fprintf(out, "%s%s %s%s%s [%s]\n", indent, status_name(status), check->id,
                      check->subject == NULL ? "" : " ",
                      check->subject == NULL ? "" : check->subject, severity_name(check->severity));
    }
}

static void write_checks(const struct serve_state *state, const struct result_container *container,
                         size_t most, FILE *out)
{
    size_t lines = 0;

    write_status(state, container, STATUS_FAIL, most, &lines, out);
    write_status(state, container, STATUS_UNKNOWN, most, &lines, out);
    if (lines > most)
        (void)fprintf(out, "%sand %zu more\n", state->result->is_all ? "  " : "", lines - most);
}

/* A process may have any name, and a newline in it is no end of a line. */
static void write_container(const struct result_container *container, FILE *out)
{
    (void)fprintf(out, "process %d (", container->pid);
    for (const char *at = container->name == NULL ? "?" : container->name; *at != '\0'; at++)
        (void)fputc(*at == '\n' ? ' ' : *at, out);
    (void)fprintf(out, "), runtime %s",
                  container->runtime == NULL ? "unknown" : container->runtime);
    if (container->id != NULL)
        (void)fprintf(out, " %.12s", container->id);
    (void)fprintf(out, ": %s\n", verdict_name(container->verdict));
}

/* Each container that stands against it, and the first of its checks that do. */
static void write_containers(const struct serve_state *state, FILE *out)
{
    size_t count = 0;

    for (size_t i = 0; i < state->result->container_count; i++) {
        const struct result_container *container = &state->result->containers[i];
        if (is_wanted(state, container) || count++ >= LINES_MAX)
            continue;
        write_container(container, out);
        write_checks(state, container, LINES_MAX_EACH, out);
    }
    if (count > LINES_MAX)
        (void)fprintf(out, "and %zu more containers\n", count - LINES_MAX);
}

static void write_reasons(const struct serve_state *state, FILE *out)
{
    const struct result *result = state->result;

    if (!result->is_all) {
        write_checks(state, &result->containers[0], LINES_MAX, out);
        return;
    }
    if (result->has_unseen && result->container_count == 0)
        (void)fputs("none is to be seen, which proves nothing but in the machine's own PID "
                    "namespace\n",
                    out);
    else if (result->has_unseen)
        (void)fputs("there may be one that could not be looked at: /report says why\n", out);
    write_containers(state, out);
}

static void write_state(const struct serve_state *state, bool is_ready, FILE *out)
{
    (void)fprintf(out, "%s: ", is_ready ? "ready" : "not ready");
    if (state->result->is_all)
        (void)fprintf(out, "%zu containers\n", state->result->container_count);
    else
        (void)fprintf(out, "the verdict is %s\n", verdict_name(state->result->verdict));
}

void serve_readiness_write(const struct serve_state *state, int64_t now_ms, FILE *out)
{
    enum readiness readiness = serve_readiness(state, now_ms);

    if (readiness == READINESS_NONE)
        (void)fprintf(out, "not ready: no check%s has given a result yet\n",
                      state->is_superseded ? " by the new policy" : "");
    else if (readiness == READINESS_LOST)
        (void)fputs("not ready: what to look at was not found\n", out);
    else if (readiness == READINESS_STALE)
        (void)fprintf(out,
                      "not ready: the latest result is %" PRId64
                      " ms old, which is more than %d intervals\n",
                      now_ms - state->observed_ms, STALE_INTERVALS);
    else
        write_state(state, readiness == READINESS_READY, out);
    if (state->problem.text[0] != '\0')
        (void)fprintf(out, "the latest check gave no result: %s\n", state->problem.text);
    if (readiness == READINESS_REFUSED)
        write_reasons(state, out);
}

int64_t serve_delay(const struct serve_state *state, uint64_t chance)
{
    bool is_soon = state->problem.text[0] != '\0' && state->interval_ms > RETRY_MS;
    int64_t delay = is_soon ? RETRY_MS : state->interval_ms;
    uint64_t span = (uint64_t)delay / 5;

    return delay - delay / 10 + (int64_t)(chance % (span + 1));
}

int64_t serve_time_limit(const struct serve_state *state)
{
    int64_t limit = STALE_INTERVALS * state->interval_ms;
    int64_t most = state->is_all ? TIME_LIMIT_ALL_MS : TIME_LIMIT_MS;

    return limit < most ? limit : most;
}

/* --- changes -------------------------------------------------------------------------------- */

struct changes {
    struct serve_change *rows;
    size_t count, capacity;
};

static void add_change(struct changes *changes, const struct serve_change *change)
{
    changes->rows =
        mem_grow(changes->rows, changes->count, &changes->capacity, sizeof *changes->rows);
    changes->rows[changes->count++] = *change;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same(const struct result_check *a, const struct result_check *b)
{
    return strcmp(a->id, b->id) == 0 && is_same_text(a->subject, b->subject);
}

/* The row of the same check, or NULL. It is nearly always where it was: near is looked at first. */
static const struct result_check *find(const struct result_container *container,
                                       const struct result_check *check, size_t near)
{
    if (container == NULL)
        return NULL;
    if (near < container->check_count && is_same(&container->checks[near], check))
        return &container->checks[near];
    for (size_t i = 0; i < container->check_count; i++) {
        if (is_same(&container->checks[i], check))
            return &container->checks[i];
    }
    return NULL;
}

static bool is_quiet(const struct result_check *check)
{
    return check->status == STATUS_PASS || check->status == STATUS_SKIP;
}

static void compare_checks(const struct result_container *before,
                           const struct result_container *after, struct changes *changes)
{
    struct serve_change change = {.container_before = before, .container_after = after};

    for (size_t i = 0; i < after->check_count; i++) {
        change.after = &after->checks[i];
        change.before = find(before, change.after, i);
        bool is_change = change.before == NULL ? !is_quiet(change.after)
                                               : change.before->status != change.after->status;
        if (is_change)
            add_change(changes, &change);
    }
    change.after = NULL;
    for (size_t i = 0; before != NULL && i < before->check_count; i++) {
        change.before = &before->checks[i];
        if (!is_quiet(change.before) && find(after, change.before, i) == NULL)
            add_change(changes, &change);
    }
}

/* The number of a process may be given again. A name changes with execve(2): it is a makeshift. */
static bool is_same_container(const struct result_container *a, const struct result_container *b)
{
    bool has_id = a->id != NULL && b->id != NULL;

    return a->pid == b->pid && is_same_text(a->id, b->id) &&
           (has_id || is_same_text(a->name, b->name));
}

static const struct result_container *find_container(const struct result *result,
                                                     const struct result_container *container)
{
    for (size_t i = 0; result != NULL && i < result->container_count; i++) {
        if (is_same_container(&result->containers[i], container))
            return &result->containers[i];
    }
    return NULL;
}

static void compare_containers(const struct result *before, const struct result *after,
                               struct changes *changes)
{
    for (size_t i = 0; i < after->container_count; i++) {
        const struct result_container *now = &after->containers[i];
        struct serve_change change = {.container_before = find_container(before, now),
                                      .container_after = now};
        if (change.container_before == NULL || change.container_before->verdict != now->verdict)
            add_change(changes, &change);
        if (change.container_before != NULL)
            compare_checks(change.container_before, now, changes);
    }
    for (size_t i = 0; before != NULL && i < before->container_count; i++) {
        struct serve_change change = {.container_before = &before->containers[i]};
        if (find_container(after, change.container_before) == NULL)
            add_change(changes, &change);
    }
}

struct serve_change *serve_changes(const struct result *before, const struct result *after,
                                   size_t *count)
{
    struct changes changes = {0};

    if (after->is_all)
        compare_containers(before, after, &changes);
    else
        compare_checks(before == NULL ? NULL : &before->containers[0], &after->containers[0],
                       &changes);
    *count = changes.count;
    return changes.rows;
}
