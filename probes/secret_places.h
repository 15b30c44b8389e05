/*
 * Where credentials lie by custom, and in which format. A table; opens nothing.
 */
#ifndef WATERTIGHT_PROBES_SECRET_PLACES_H
#define WATERTIGHT_PROBES_SECRET_PLACES_H

#include <stddef.h>

#include "probes/secret_content.h"

struct secret_place {
    const char *folder; /* below a home directory, or below the root; "" is that directory itself */
    const char *name;   /* in the folder; NULL: each file that it has */
    enum secret_format format;
    const char *fields[SECRET_NAMES_MAX]; /* of SECRET_FIELDS, ended by NULL */
};

/* Below each home directory: index 0, 1, …; NULL past the end. Those of a folder are together. */
const struct secret_place *secret_home_place(size_t index);

/* Below the root directory. */
const struct secret_place *secret_root_place(size_t index);

/* Variables that name such a file, or several with colons between; NULL past the end. */
struct secret_variable {
    const char *name;
    struct secret_place place; /* no folder, and no name */
};
const struct secret_variable *secret_variable_at(size_t index);

#endif
