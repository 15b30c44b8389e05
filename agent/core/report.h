/*
 * Everything a reporter may show. It lends all of it; a reporter formats and never decides.
 */
#ifndef WATERTIGHT_AGENT_CORE_REPORT_H
#define WATERTIGHT_AGENT_CORE_REPORT_H

#include <stdbool.h>

#include "agent/core/fact.h"
#include "agent/core/finding.h"
#include "agent/core/policy.h"

/*
 * The Pod of the observed process, where somebody told; each is NULL, or a name that Kubernetes
 * takes. Lent.
 */
struct report_pod {
    const char *name;
    const char *namespace;
    const char *uid;
};

struct report {
    const char *tool_version; /* "0.1.0" */
    const struct policy *policy;
    const struct facts *facts;
    const struct findings *findings;
    enum verdict verdict;
    const char *headline; /* findings_headline, or NULL */
    int pid;              /* of the observed process, in the observer's PID namespace */
    bool is_self;         /* the observer looked at itself */
    const char *name;     /* of another process; NULL: not known */
    struct report_pod pod;
    const char *started; /* "2026-11-23T18:00:00Z" */
    double duration_ms;
};

/* Reports of several containers, as one. */
struct report_set {
    const char *tool_version;
    const struct policy *policy;
    const struct report *reports;
    size_t count;
    enum verdict verdict;       /* the worst */
    bool is_complete;           /* there is a container, and none that could not be looked at */
    bool has_unseen;            /* there may be a container that was not looked at */
    const struct strset *notes; /* what has to be said of all together: sentences */
    const char *started;        /* "2026-11-23T18:00:00Z" */
    double duration_ms;
};

#endif
