/*
 * Results of runs, for the tests of the server.
 */
#ifndef WATERTIGHT_TESTS_UNIT_RESULT_FIXTURE_H
#define WATERTIGHT_TESTS_UNIT_RESULT_FIXTURE_H

#include <stddef.h>

#include "agent/core/finding.h"
#include "agent/serve_result.h"

/* The bytes of a result of one finding of each status (report_fixture.h). The caller frees them. */
char *result_fixture_bytes(enum severity fail_on, size_t *length);

/* The same of so many containers, named "app", with the numbers from 7 on. */
char *result_fixture_bytes_all(size_t count, size_t *length);

/* The same, read. Released by result_release. */
struct result *result_fixture_make_all(size_t count);
struct result *result_fixture_make(enum severity fail_on);

#endif
