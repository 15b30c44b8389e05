/*
 * Results of runs. See result_fixture.h.
 */
#include "tests/unit/result_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "agent/core/judge.h"
#include "agent/core/mem.h"
#include "agent/output.h"
#include "tests/unit/report_fixture.h"

static struct report report_of(const struct report_fixture *fixture,
                               const struct findings *findings, enum severity fail_on)
{
    return (struct report){
        .tool_version = "1.2.3",
        .policy = &fixture->policy,
        .facts = &fixture->facts,
        .findings = findings,
        .verdict = findings_verdict(findings, fail_on),
        .pid = 7,
        .is_self = true,
        .started = "2026-11-24T00:00:00Z",
        .duration_ms = 1.25,
    };
}

char *result_fixture_bytes(enum severity fail_on, size_t *length)
{
    struct report_fixture fixture = report_fixture_make(fail_on);
    struct findings findings = {0};
    struct output_buffer buffer;

    judge(&fixture.facts, &fixture.policy, (struct date){2026, 11, 24}, &findings);
    struct report report = report_of(&fixture, &findings, fail_on);
    output_buffer_open(&buffer);
    result_encode(&report, buffer.stream);
    output_buffer_close(&buffer);
    findings_free(&findings);
    report_fixture_free(&fixture);
    *length = buffer.length;
    return buffer.data;
}

char *result_fixture_bytes_all(size_t count, size_t *length)
{
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);
    struct findings findings = {0};
    struct strset notes = {0};
    struct output_buffer buffer;
    struct report *reports = mem_new(count, sizeof *reports);

    judge(&fixture.facts, &fixture.policy, (struct date){2026, 11, 24}, &findings);
    for (size_t i = 0; i < count; i++) {
        reports[i] = report_of(&fixture, &findings, SEVERITY_LOW);
        reports[i].pid += (int)i;
        reports[i].is_self = false;
        reports[i].name = "app";
    }
    struct report_set set = {
        .tool_version = "1.2.3",
        .policy = &fixture.policy,
        .reports = reports,
        .count = count,
        .verdict = count == 0 ? VERDICT_INCOMPLETE : VERDICT_FAIL,
        .is_complete = count > 0,
        .notes = &notes,
        .started = "2026-11-24T00:00:00Z",
        .duration_ms = 1.25,
    };
    output_buffer_open(&buffer);
    result_encode_all(&set, buffer.stream);
    output_buffer_close(&buffer);
    findings_free(&findings);
    report_fixture_free(&fixture);
    free(reports);
    *length = buffer.length;
    return buffer.data;
}

static struct result *decode(char *bytes, size_t length)
{
    struct result *result = NULL;
    struct error err = {0};

    cr_assert(result_decode(bytes, length, &result, &err), "%s", err.text);
    return result;
}

struct result *result_fixture_make(enum severity fail_on)
{
    size_t length = 0;
    char *bytes = result_fixture_bytes(fail_on, &length);

    return decode(bytes, length);
}

struct result *result_fixture_make_all(size_t count)
{
    size_t length = 0;
    char *bytes = result_fixture_bytes_all(count, &length);

    return decode(bytes, length);
}
