/*
 * All containers. See assess_all.h. Each is observed, judged and kept: the reports are written
 * together, and the worst verdict is that of the whole.
 */
#include "agent/assess_all.h"

#include <stdlib.h>

#include "agent/assess_entered.h"
#include "agent/core/mem.h"
#include "agent/say.h"
#include "probes/observe_all.h"
#include "report/reporter.h"

/* One container's run. What its report lends lies here. */
struct run {
    struct assessment assessment; /* its facts and origin; the rest is lent */
    struct findings findings;
    struct report report;
};

struct runs {
    struct assessment *shared; /* its clock is started again for each */
    struct run **rows;         /* each stays where it is, since its report points into it */
    size_t count, capacity;
};

static void take(const struct observed *who, struct facts *facts, void *context)
{
    struct runs *runs = context;
    struct run *run = mem_new(1, sizeof *run);

    run->assessment = *runs->shared;
    run->assessment.facts = *facts;
    *facts = (struct facts){0};
    assessment_set_origin(&run->assessment, who);
    assessment_compare(&run->assessment);
    run->report = assessment_conclude(&run->assessment, &run->findings);
    runs->rows = mem_grow(runs->rows, runs->count, &runs->capacity, sizeof *runs->rows);
    runs->rows[runs->count++] = run;
    (void)clock_gettime(CLOCK_MONOTONIC, &runs->shared->begun);
}

static bool enter(const struct target *self, pid_t pid, const struct observe_request *request,
                  struct facts *out, struct observed *who, void *context, struct error *err)
{
    const struct runs *runs = context;

    return assess_entered(self, pid, request, out, who, runs->shared, err);
}

static void free_runs(struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        facts_free(&runs->rows[i]->assessment.facts);
        findings_free(&runs->rows[i]->findings);
        free(runs->rows[i]);
    }
    free(runs->rows);
}

/* A failure anywhere is one of the whole; then what could not be determined counts. */
static enum verdict worst_verdict(const struct runs *runs, bool is_complete)
{
    enum verdict worst = is_complete ? VERDICT_PASS : VERDICT_INCOMPLETE;

    for (size_t i = 0; i < runs->count; i++) {
        enum verdict verdict = runs->rows[i]->report.verdict;
        if (verdict == VERDICT_FAIL)
            return VERDICT_FAIL;
        if (verdict == VERDICT_INCOMPLETE)
            worst = VERDICT_INCOMPLETE;
    }
    return worst;
}

static int write_runs(const struct assessment *assessment, const struct runs *runs,
                      const struct observe_notes *notes, double duration_ms)
{
    struct report *reports = mem_new(runs->count, sizeof *reports);
    bool is_complete = !notes->is_incomplete && runs->count > 0;
    struct report_set set = {
        .tool_version = WATERTIGHT_VERSION,
        .policy = &assessment->policy,
        .reports = reports,
        .count = runs->count,
        .verdict = worst_verdict(runs, is_complete),
        .is_complete = is_complete,
        .notes = &notes->texts,
        .duration_ms = duration_ms,
    };

    for (size_t i = 0; i < runs->count; i++)
        reports[i] = runs->rows[i]->report;
    int status = assessment_write_all(assessment, &set);
    free(reports);
    return status;
}

bool assess_all_check(const struct assessment *assessment, struct error *err)
{
    const struct options *options = assessment->options;

    if (options_has(options, OPTION_PID)) {
        CLEANUP(mem_free_text) char *pid = options_origin(options, OPTION_PID);
        return error_set(err, "%s and --all do not go together", pid);
    }
    for (size_t i = 0; i < assessment->outputs.count; i++) {
        const struct reporter *reporter = reporter_at(assessment->outputs.rows[i].format);
        if (reporter->write_all == NULL)
            return error_set(err, "the format %s holds one report, not those of --all",
                             reporter->name);
    }
    return true;
}

int assess_all(struct assessment *assessment)
{
    CLEANUP(observe_notes_free) struct observe_notes notes = {0};
    struct runs runs = {.shared = assessment};
    struct timespec begun = assessment->begun;
    struct observe_request request = assessment_request(assessment);
    struct error err = {0};
    int status = EXIT_INCOMPLETE;

    bool is_entered = options_has(assessment->options, OPTION_ENTER);
    if (observe_all(&request, is_entered ? enter : observe_opened, take, &runs, &notes, &err)) {
        if (runs.count == 0)
            strset_add(&notes.texts, "no container is to be seen");
        assessment->begun = begun;
        status = write_runs(assessment, &runs, &notes, assessment_report(assessment).duration_ms);
    } else {
        say("%s", err.text);
    }
    observe_request_free(&request);
    free_runs(&runs);
    return status;
}
