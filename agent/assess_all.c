/*
 * All containers. See assess_all.h. Each is observed, judged and kept: the reports are written
 * together, and the worst verdict is that of the whole.
 */
#include "agent/assess_all.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/assess_entered.h"
#include "agent/core/mem.h"
#include "agent/say.h"
#include "probes/enter_cgroup.h"
#include "report/reporter.h"

/* One container's run. What its report lends lies here. */
struct run {
    struct assessment assessment; /* its facts and origin; the rest is lent */
    struct findings findings;
    struct report report;
};

static void take(const struct observed *who, struct facts *facts, void *context)
{
    struct assessed *assessed = context;
    struct run *run = mem_new(1, sizeof *run);

    run->assessment = *assessed->shared;
    run->assessment.facts = *facts;
    *facts = (struct facts){0};
    assessment_set_origin(&run->assessment, who);
    assessment_compare(&run->assessment);
    run->report = assessment_conclude(&run->assessment, &run->findings);
    assessed->runs =
        mem_grow(assessed->runs, assessed->count, &assessed->capacity, sizeof *assessed->runs);
    assessed->runs[assessed->count++] = run;
    (void)clock_gettime(CLOCK_MONOTONIC, &assessed->shared->begun);
}

/* What cannot be entered is at least looked at from outside: the rest of it is unknown. */
static bool enter(const struct target *self, pid_t pid, const struct observe_request *request,
                  struct facts *out, struct observed *who, void *context, struct error *err)
{
    struct assessed *assessed = context;

    if (assess_entered(self, pid, request, out, who, assessed->shared, err))
        return true;
    if (err->code == ESRCH)
        return false;
    CLEANUP(mem_free_text) char *note = mem_format("looked at from outside: %s", err->text);
    strset_add(&assessed->notes.texts, note);
    facts_free(out);
    *err = (struct error){0};
    return observe_opened(self, pid, request, out, who, NULL, err);
}

/* A failure anywhere is one of the whole; then what could not be determined counts. */
static enum verdict worst_verdict(const struct assessed *assessed)
{
    enum verdict worst = assessed->set.is_complete ? VERDICT_PASS : VERDICT_INCOMPLETE;

    for (size_t i = 0; i < assessed->count; i++) {
        enum verdict verdict = assessed->runs[i]->report.verdict;
        if (verdict == VERDICT_FAIL)
            return VERDICT_FAIL;
        if (verdict == VERDICT_INCOMPLETE)
            worst = VERDICT_INCOMPLETE;
    }
    return worst;
}

/* Where not even the machine's own processes are to be seen, no container proves nothing. */
static bool has_unseen(const struct assessed *assessed)
{
    return assessed->notes.is_incomplete || (assessed->count == 0 && !assessed->notes.is_machine);
}

static void sum_up(struct assessed *assessed, const struct timespec *begun)
{
    struct assessment *shared = assessed->shared;

    if (assessed->count == 0)
        strset_add(&assessed->notes.texts, "no container is to be seen");
    assessed->reports = mem_new(assessed->count, sizeof *assessed->reports);
    for (size_t i = 0; i < assessed->count; i++)
        assessed->reports[i] = assessed->runs[i]->report;
    date_time_format(shared->now.tv_sec, assessed->started);
    shared->begun = *begun;
    assessed->set = (struct report_set){
        .tool_version = WATERTIGHT_VERSION,
        .policy = &shared->policy,
        .reports = assessed->reports,
        .count = assessed->count,
        .is_complete = !assessed->notes.is_incomplete && assessed->count > 0,
        .has_unseen = has_unseen(assessed),
        .notes = &assessed->notes.texts,
        .started = assessed->started,
        .duration_ms = assessment_report(shared).duration_ms,
    };
    assessed->set.verdict = worst_verdict(assessed);
}

bool assess_all_observe(struct assessment *assessment, pid_t server, struct assessed *out,
                        struct error *err)
{
    struct timespec begun = assessment->begun;
    struct observe_request request = assessment_request(assessment);
    bool is_entered = options_has(assessment->options, OPTION_ENTER);

    *out = (struct assessed){.shared = assessment};
    request.server = server;
    if (is_entered)
        enter_cgroups_prepare();
    bool ok =
        observe_all(&request, is_entered ? enter : observe_opened, take, out, &out->notes, err);
    if (ok)
        sum_up(out, &begun);
    observe_request_free(&request);
    return ok;
}

void assessed_free(struct assessed *assessed)
{
    for (size_t i = 0; i < assessed->count; i++) {
        facts_free(&assessed->runs[i]->assessment.facts);
        findings_free(&assessed->runs[i]->findings);
        free(assessed->runs[i]);
    }
    free(assessed->runs);
    free(assessed->reports);
    observe_notes_free(&assessed->notes);
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
    CLEANUP(assessed_free) struct assessed assessed = {0};
    struct error err = {0};

    if (assess_all_observe(assessment, 0, &assessed, &err))
        return assessment_write_all(assessment, &assessed.set);
    say("%s", err.text);
    return EXIT_INCOMPLETE;
}
