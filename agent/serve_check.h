/*
 * Runs the checks in a child, so that whatever kills or stops it there leaves the server as it is.
 * Waits for nothing: the caller says when there is something to read and when the child has ended.
 */
#ifndef WATERTIGHT_AGENT_SERVE_CHECK_H
#define WATERTIGHT_AGENT_SERVE_CHECK_H

#include <stdint.h>
#include <sys/types.h>

#include "agent/assessment.h"
#include "agent/serve_result.h"

enum { CHECKER_DESCRIPTORS = 512 }; /* those of the server are below that */

struct checker {
    pid_t child;      /* 0: none runs */
    int fd;           /* what the child writes is read here; -1: its end has come */
    int64_t begun_ms; /* CLOCK_BOOTTIME */
    char *data;       /* owned; what has come so far */
    size_t length, capacity;
    size_t max;                             /* how many may come */
    bool is_too_long;                       /* more came */
    bool is_late;                           /* it was killed for its time limit */
    bool is_discarded;                      /* nobody wants the result any more */
    bool is_inherited[CHECKER_DESCRIPTORS]; /* by the server, from whoever started it */
};

/* Notes which descriptors are open: to be called before the server opens its own. */
void checker_open(struct checker *out);

/*
 * Starts a run by the assessment's policy, which the child works on a copy of; it has no use for
 * the latest result (or NULL). limit_ms is when the child ends itself should the server be gone.
 * Only when none runs.
 */
bool checker_start(struct checker *checker, const struct assessment *assessment,
                   const struct result *latest, int64_t limit_ms, struct error *err) MUST_USE;

/* Reads what there is. False at the end: there is nothing more to wait for. */
bool checker_read(struct checker *checker);

/* Kills the child and what it has started. It still has to be waited for. */
void checker_kill(struct checker *checker);

/*
 * The child has ended with this status of waitpid(2): gives the result, or the error why not. Its
 * code is ESRCH where there is not just one process to look at.
 */
bool checker_finish(struct checker *checker, int status, struct result **out,
                    struct error *err) MUST_USE;

/* CLOCK_BOOTTIME in milliseconds. */
int64_t checker_clock(void);

#endif
