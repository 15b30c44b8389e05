/*
 * Results of runs. See result_fixture.h.
 */
#include "tests/unit/result_fixture.h"

#include <criterion/criterion.h>

#include "agent/core/judge.h"
#include "agent/output.h"
#include "tests/unit/report_fixture.h"

char *result_fixture_bytes(enum severity fail_on, size_t *length)
{
    struct report_fixture fixture = report_fixture_make(fail_on);
    struct findings findings = {0};
    struct output_buffer buffer;

    judge(&fixture.facts, &fixture.policy, (struct date){2026, 11, 24}, &findings);
    struct report report = {
        .tool_version = "1.2.3",
        .policy = &fixture.policy,
        .facts = &fixture.facts,
        .findings = &findings,
        .verdict = findings_verdict(&findings, fail_on),
        .pid = 7,
        .is_self = true,
        .started = "2026-11-24T00:00:00Z",
        .duration_ms = 1.25,
    };
    output_buffer_open(&buffer);
    result_encode(&report, buffer.stream);
    output_buffer_close(&buffer);
    findings_free(&findings);
    report_fixture_free(&fixture);
    *length = buffer.length;
    return buffer.data;
}

struct result *result_fixture_make(enum severity fail_on)
{
    struct result *result = NULL;
    struct error err = {0};
    size_t length = 0;
    char *bytes = result_fixture_bytes(fail_on, &length);

    cr_assert(result_decode(bytes, length, &result, &err), "%s", err.text);
    return result;
}
