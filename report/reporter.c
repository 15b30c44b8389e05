/*
 * The registry of reporters. See reporter.h.
 */
#include "report/reporter.h"

#include <string.h>

#define REPORTER(name) extern const struct reporter reporter_##name;
#include "report/reporters.def"
#undef REPORTER

static const struct reporter *const reporters[] = {
#define REPORTER(name) &reporter_##name,
#include "report/reporters.def"
#undef REPORTER
};

const struct reporter *reporter_at(size_t index)
{
    return index < sizeof reporters / sizeof reporters[0] ? reporters[index] : NULL;
}

const struct reporter *reporter_find(const char *name)
{
    const struct reporter *reporter = NULL;

    for (size_t i = 0; (reporter = reporter_at(i)) != NULL; i++) {
        if (strcmp(reporter->name, name) == 0)
            return reporter;
    }
    return NULL;
}
