/*
 * --all: every container that is to be seen, one report each.
 */
#ifndef WATERTIGHT_AGENT_ASSESS_ALL_H
#define WATERTIGHT_AGENT_ASSESS_ALL_H

#include "agent/assessment.h"
#include "agent/core/date.h"
#include "probes/observe_all.h"

/* What became of all of them. It must stay where it is: the set points into it. */
struct assessed {
    struct report_set set;
    struct assessment *shared; /* lent; its clock is started again for each container */
    struct run **runs;         /* owned, as are all below; each stays where it is, too */
    size_t count, capacity;
    struct report *reports;
    struct observe_notes notes;
    char started[DATE_TIME_MAX];
};

/* Whether the options go together with --all, and every format can hold several reports. */
bool assess_all_check(const struct assessment *assessment, struct error *err) MUST_USE;

/*
 * Observes and judges each container, but the one that the process `server` is in (0: none). False
 * when the processes cannot be listed. out is freed by assessed_free, also then.
 */
bool assess_all_observe(struct assessment *assessment, pid_t server, struct assessed *out,
                        struct error *err) MUST_USE;
void assessed_free(struct assessed *assessed);

/* Does so and writes the reports. Returns the worst exit status. */
int assess_all(struct assessment *assessment);

#endif
