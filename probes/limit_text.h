/*
 * The parsers of the files in which control groups keep limits (kernel Documentation:
 * admin-guide/cgroup-v1, admin-guide/cgroup-v2.rst). Take buffers, open nothing.
 */
#ifndef WATERTIGHT_PROBES_LIMIT_TEXT_H
#define WATERTIGHT_PROBES_LIMIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"

enum { LIMIT_NONE = -1 }; /* no limit */

/* "max", or a number: bytes of memory, or processes. Values no machine reaches mean none in v1. */
bool limit_text_number(const char *text, size_t length, int64_t *out, struct error *err) MUST_USE;

/* A line "NAME NUMBER" of memory.stat, as limit_text_number. */
bool limit_text_stat(const char *text, size_t length, const char *name, int64_t *out,
                     struct error *err) MUST_USE;

/* cpu.max of v2, "max 100000" or "50000 100000": thousandths of a CPU. */
bool limit_text_cpu_max(const char *text, size_t length, int64_t *out, struct error *err) MUST_USE;

/* A single number of v1 that may be negative: cpu.cfs_quota_us (-1: none), cpu.cfs_period_us. */
bool limit_text_signed(const char *text, size_t length, int64_t *out, struct error *err) MUST_USE;

/* quota of period, both in microseconds, as thousandths of a CPU; LIMIT_NONE for a negative one. */
bool limit_text_cpus(int64_t quota, int64_t period, int64_t *out, struct error *err) MUST_USE;

#endif
