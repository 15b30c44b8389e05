/*
 * Parsers of small files of a procfs (proc(5)): a number and a newline each. They take buffers and
 * open nothing.
 */
#ifndef WATERTIGHT_PROBES_PROCESS_TEXT_H
#define WATERTIGHT_PROBES_PROCESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "agent/core/error.h"

/* kernel.randomize_va_space (Documentation/admin-guide/sysctl/kernel.rst), by its numbers. */
enum randomization {
    RANDOMIZATION_OFF,
    RANDOMIZATION_PARTIAL, /* stack, mappings and vDSO, not the heap */
    RANDOMIZATION_FULL
};

bool randomization_parse(const char *text, size_t length, enum randomization *out,
                         struct error *err) MUST_USE;

/* /proc/PID/personality: the bits of personality(2), eight hexadecimal digits. */
bool personality_parse(const char *text, size_t length, uint64_t *out, struct error *err) MUST_USE;

/* /proc/PID/oom_score_adj: from -1000 to 1000. */
bool oom_score_parse(const char *text, size_t length, int64_t *out, struct error *err) MUST_USE;

#endif
