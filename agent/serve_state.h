/*
 * What the server knows, and what follows from it at a given time: is it ready, what has changed.
 * Pure: reads no clock, opens nothing.
 */
#ifndef WATERTIGHT_AGENT_SERVE_STATE_H
#define WATERTIGHT_AGENT_SERVE_STATE_H

#include <stdint.h>
#include <stdio.h>

#include "agent/core/error.h"
#include "agent/serve_options.h"
#include "agent/serve_result.h"

/* A result that is older than so many intervals says nothing about now. */
enum { STALE_INTERVALS = 3 };

struct serve_state {
    int64_t interval_ms;
    enum ready_when ready_when;
    bool is_all;                /* of --all */
    struct result *result;      /* owned reference; of the latest run that gave one, or NULL */
    int64_t observed_ms;        /* CLOCK_BOOTTIME at which that run began */
    int64_t started_at;         /* of the server, CLOCK_REALTIME, in seconds */
    uint64_t runs, failed_runs; /* finished; and those of them that gave no result */
    bool is_superseded;         /* the result is by a policy that another one has replaced */
    struct error problem;       /* why the latest run gave none; "" when it gave one. The code is
                                   ESRCH where there was not just one process to look at */
};

enum readiness {
    READINESS_READY,
    READINESS_NONE,   /* no run by the present policy has given a result yet */
    READINESS_LOST,   /* the latest run did not find what to look at, whatever others saw */
    READINESS_STALE,  /* the result is too old */
    READINESS_REFUSED /* the result is not what --ready-when asks for */
};

/* now_ms: CLOCK_BOOTTIME, which goes on while the machine sleeps. */
enum readiness serve_readiness(const struct serve_state *state, int64_t now_ms);

/* Whether a check stands against being ready. */
bool serve_stands_against(const struct serve_state *state, const struct result_check *check);

/* The answer of /readyz in a few lines of text: why, and the checks that stand against it. */
void serve_readiness_write(const struct serve_state *state, int64_t now_ms, FILE *out);

/*
 * Milliseconds until the next run, counted from the beginning of the latest: the interval, a tenth
 * more or less by chance, so that many replicas do not all check at once. After a run without a
 * result, about 30 s at most.
 */
int64_t serve_delay(const struct serve_state *state, uint64_t chance);

/*
 * How long a run may take: what would be stale when it came need not be waited for. At most 30 s;
 * for all containers ten minutes.
 */
int64_t serve_time_limit(const struct serve_state *state);

/*
 * What is not as it was, of two results: a check, or, where both are NULL, the verdict of one
 * container of many. before or after is NULL where there is no such thing.
 */
struct serve_change {
    const struct result_container *container_before, *container_after;
    const struct result_check *before, *after;
};

/*
 * What has changed from before (NULL: there was no result) to after, in the order of after, then
 * what is gone. A check that comes or goes is a change only if it is neither pass nor skip. Of a
 * container of --all that comes or goes the checks are not told. The caller frees the array, whose
 * rows lend from both results.
 */
struct serve_change *serve_changes(const struct result *before, const struct result *after,
                                   size_t *count);

#endif
