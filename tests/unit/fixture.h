/*
 * Files under tests/fixtures/: what real kernels printed. Tests run in the project's folder. And
 * what else surrounds a test.
 */
#ifndef WATERTIGHT_TESTS_UNIT_FIXTURE_H
#define WATERTIGHT_TESTS_UNIT_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

/* The text of tests/fixtures/NAME; the caller frees it. A failed assertion when there is none. */
char *fixture_read(const char *name, size_t *length);

/* Whether the test runs under valgrind, which hides or answers for some of the kernel. */
bool fixture_is_under_valgrind(void);

#endif
