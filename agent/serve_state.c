/*
 * The server's state. See serve_state.h.
 */
#include "agent/serve_state.h"

#include <inttypes.h>
#include <string.h>

#include "agent/core/mem.h"

enum { LINES_MAX = 50, TIME_LIMIT_MS = 30000, RETRY_MS = 30000 };

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

static bool is_as_wanted(const struct serve_state *state)
{
    const struct result *result = state->result;

    for (size_t i = 0; i < result->check_count; i++) {
        if (serve_stands_against(state, &result->checks[i]))
            return false;
    }
    return state->ready_when != READY_WHEN_PASS || result->verdict == VERDICT_PASS;
}

enum readiness serve_readiness(const struct serve_state *state, int64_t now_ms)
{
    if (state->result == NULL || state->is_superseded)
        return READINESS_NONE;
    if (now_ms - state->observed_ms > STALE_INTERVALS * state->interval_ms)
        return READINESS_STALE;
    return is_as_wanted(state) ? READINESS_READY : READINESS_REFUSED;
}

static void write_checks(const struct serve_state *state, FILE *out)
{
    size_t lines = 0;

    for (size_t i = 0; i < state->result->check_count; i++) {
        const struct result_check *check = &state->result->checks[i];
        if (!serve_stands_against(state, check) || lines++ >= LINES_MAX)
            continue;
        (void)fprintf(out, "%s %s%s%s [%s]\n", status_name(check->status), check->id,
                      check->subject == NULL ? "" : " ",
                      check->subject == NULL ? "" : check->subject, severity_name(check->severity));
    }
    if (lines > LINES_MAX)
        (void)fprintf(out, "and %zu more\n", lines - LINES_MAX);
}

void serve_readiness_write(const struct serve_state *state, int64_t now_ms, FILE *out)
{
    enum readiness readiness = serve_readiness(state, now_ms);

    if (readiness == READINESS_NONE)
        (void)fprintf(out, "not ready: no check%s has given a result yet\n",
                      state->is_superseded ? " by the new policy" : "");
    else if (readiness == READINESS_STALE)
        (void)fprintf(out,
                      "not ready: the latest result is %" PRId64
                      " ms old, which is more than %d intervals\n",
                      now_ms - state->observed_ms, STALE_INTERVALS);
    else
        (void)fprintf(out, "%s: the verdict is %s\n",
                      readiness == READINESS_READY ? "ready" : "not ready",
                      verdict_name(state->result->verdict));
    if (state->problem.text[0] != '\0')
        (void)fprintf(out, "the latest check gave no result: %s\n", state->problem.text);
    if (readiness == READINESS_REFUSED)
        write_checks(state, out);
}

int64_t serve_delay(const struct serve_state *state, uint64_t chance)
{
    bool is_soon = state->problem.text[0] != '\0' && state->interval_ms > RETRY_MS;
    int64_t delay = is_soon ? RETRY_MS : state->interval_ms;
    uint64_t span = (uint64_t)delay / 5;

    return delay - delay / 10 + (int64_t)(chance % (span + 1));
}

int64_t serve_time_limit(int64_t interval_ms)
{
    int64_t limit = STALE_INTERVALS * interval_ms;

    return limit < TIME_LIMIT_MS ? limit : TIME_LIMIT_MS;
}

/* --- changes -------------------------------------------------------------------------------- */

static bool is_same(const struct result_check *a, const struct result_check *b)
{
    if (strcmp(a->id, b->id) != 0 || (a->subject == NULL) != (b->subject == NULL))
        return false;
    return a->subject == NULL || strcmp(a->subject, b->subject) == 0;
}

/* The row of the same check, or NULL. It is nearly always where it was: near is looked at first. */
static const struct result_check *find(const struct result *result,
                                       const struct result_check *check, size_t near)
{
    if (result == NULL)
        return NULL;
    if (near < result->check_count && is_same(&result->checks[near], check))
        return &result->checks[near];
    for (size_t i = 0; i < result->check_count; i++) {
        if (is_same(&result->checks[i], check))
            return &result->checks[i];
    }
    return NULL;
}

static bool is_quiet(const struct result_check *check)
{
    return check->status == STATUS_PASS || check->status == STATUS_SKIP;
}

struct serve_change *serve_changes(const struct result *before, const struct result *after,
                                   size_t *count)
{
    struct serve_change *changes = NULL;
    size_t capacity = 0;

    *count = 0;
    for (size_t i = 0; i < after->check_count; i++) {
        const struct result_check *check = &after->checks[i];
        const struct result_check *old = find(before, check, i);
        bool is_change = old == NULL ? !is_quiet(check) : old->status != check->status;
        if (!is_change)
            continue;
        changes = mem_grow(changes, *count, &capacity, sizeof *changes);
        changes[(*count)++] = (struct serve_change){.before = old, .after = check};
    }
    for (size_t i = 0; before != NULL && i < before->check_count; i++) {
        const struct result_check *check = &before->checks[i];
        if (is_quiet(check) || find(after, check, i) != NULL)
            continue;
        changes = mem_grow(changes, *count, &capacity, sizeof *changes);
        changes[(*count)++] = (struct serve_change){.before = check};
    }
    return changes;
}
