/*
 * Facts from inside. See assess_entered.h. What comes out of a container is read as any other file
 * of facts: it may have been tampered with, but it cannot be malformed.
 */
#include "agent/assess_entered.h"

#include "agent/assessment.h"
#include "agent/core/mem.h"
#include "agent/facts_json.h"
#include "probes/enter.h"
#include "probes/observe.h"
#include "report/facts.h"

/* Runs inside. Process and time are not looked at outside: they are known there. */
static void write_facts(const struct facts *facts, FILE *out)
{
    struct report report = {.tool_version = WATERTIGHT_VERSION,
                            .facts = facts,
                            .pid = 1,
                            .started = "1970-01-01T00:00:00Z"};

    report_facts_write(&report, out);
}

bool assess_entered(const struct target *self, pid_t pid, const struct observe_request *request,
                    struct facts *out, struct observed *who, void *context, struct error *err)
{
    CLEANUP(enter_answer_free) struct enter_answer answer = {.write = write_facts};
    const struct assessment *assessment = context;
    struct facts_origin ignored;

    if (!enter_observe(self, pid, request, &answer, who, err) ||
        !facts_parse(answer.text, answer.length, "the process inside", &assessment->catalog, out,
                     &ignored, err))
        return false;
    facts_replace(out, &answer.outside);
    observe_sum_up(out);
    return true;
}
