/*
 * Files under tests/fixtures/: what real kernels printed. Tests run in the project's folder.
 */
#ifndef WATERTIGHT_TESTS_UNIT_FIXTURE_H
#define WATERTIGHT_TESTS_UNIT_FIXTURE_H

#include <stddef.h>

/* The text of tests/fixtures/NAME; the caller frees it. A failed assertion when there is none. */
char *fixture_read(const char *name, size_t *length);

#endif
