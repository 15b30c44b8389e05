/*
 * One run of the three passes, with its clock: what check, judge and observe have in common.
 */
#ifndef WATERTIGHT_AGENT_ASSESSMENT_H
#define WATERTIGHT_AGENT_ASSESSMENT_H

#include <time.h>

#include "agent/core/error.h"
#include "agent/core/policy.h"
#include "agent/core/report.h"
#include "agent/facts_json.h"
#include "agent/options.h"
#include "agent/output.h"
#include "probes/observe.h"
#include "agent/seccomp_profile.h"

struct assessment {
    const struct options *options; /* lent */
    struct outputs outputs;        /* none for observe */
    struct fact_catalog catalog;
    struct policy policy;
    struct seccomp_profile profile; /* that should be in force */
    bool has_profile;
    struct facts facts;
    struct facts_origin origin; /* of the facts */
    bool is_survey;             /* the facts are what is wanted, not a judgement */
    bool wants_all;             /* facts, besides a judgement: also those that no rule uses */
    struct report_pod pod;      /* empty for saved facts: they may be of another one */
    struct timespec begun;      /* CLOCK_MONOTONIC */
    struct timespec now;        /* CLOCK_REALTIME */
};

/* The names of the reports' formats: index 0, 1, … and NULL past the end. */
const char *assessment_format(size_t index);

/*
 * Starts the clock, reads the options and the policy, fits it to the options, and reads the seccomp
 * profile that it names; warns of what stands in that for nothing. format_at names the formats that
 * --format takes. The caller frees out, also on failure.
 */
bool assessment_open(const struct options *options, const char *(*format_at)(size_t index),
                     struct assessment *out, struct error *err) MUST_USE;

/* The same for reports in every format, whichever the options name. */
bool assessment_open_for_all(const struct options *options, struct assessment *out,
                             struct error *err) MUST_USE;

/* Starts the clock again and forgets the facts: for another run by the same policy. */
void assessment_restart(struct assessment *assessment);

/* Observes the process of --pid, or this one, and compares. False: there is not just one such. */
bool assessment_observe(struct assessment *assessment, struct error *err) MUST_USE;

/* What the policy and the options ask of the probes; the caller frees it. */
struct observe_request assessment_request(const struct assessment *assessment);

/* Says whose facts they are. */
void assessment_set_origin(struct assessment *assessment, const struct observed *who);

/* Compares the facts with the seccomp profile, where one is given. */
void assessment_compare(struct assessment *assessment);

/* Reads saved facts instead, from the file that the command's operand names, and compares. */
bool assessment_load(struct assessment *assessment, struct error *err) MUST_USE;

/* A report without verdict and findings; lends from assessment. */
struct report assessment_report(const struct assessment *assessment);

/* Judges the facts into out, which the caller zeroed and frees; the report lends from both. */
struct report assessment_conclude(const struct assessment *assessment, struct findings *out);

/* Judges the facts, writes every report, and says what failed. Returns the exit status. */
int assessment_judge(const struct assessment *assessment);

/* Writes a set of reports in every format. Returns the exit status. */
int assessment_write_all(const struct assessment *assessment, const struct report_set *set);

void assessment_free(struct assessment *assessment);

#endif
