/*
 * How a change of the configuration is printed. Decides nothing.
 */
#ifndef WATERTIGHT_REPORT_FIX_FORMAT_H
#define WATERTIGHT_REPORT_FIX_FORMAT_H

#include <stdio.h>

#include "agent/core/fix.h"

struct fix_format {
    const char *name;
    enum fix_target first, last; /* the kinds of configuration that it shows */
    void (*write)(const struct fix *fix, const struct findings *findings,
                  const struct policy *policy, FILE *out);
};

/* The formats: index 0, 1, … and NULL past the end. */
const struct fix_format *fix_format_at(size_t index);

#endif
