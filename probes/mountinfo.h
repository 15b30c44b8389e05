/*
 * The parser of /proc/PID/mountinfo (proc(5), kernel Documentation/filesystems/proc.rst 3.5).
 * Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_MOUNTINFO_H
#define WATERTIGHT_PROBES_MOUNTINFO_H

#include <stddef.h>

#include "agent/core/error.h"

/* One line. Texts are unescaped (\040 and the like) and lie inside the parsed buffer. */
struct mount_entry {
    int id, parent_id;
    unsigned int major, minor;
    char *root;        /* the path within its filesystem that is mounted */
    char *mount_point; /* relative to the process's root directory */
    char *options;     /* of this mount: "rw,nosuid" */
    char *propagation; /* the optional fields: "shared:5 master:2"; "" when private */
    char *type;        /* filesystem type */
    char *source;
    char *super_options; /* of the filesystem */
};

struct mount_table {
    struct mount_entry *entries; /* in the kernel's order */
    size_t count, capacity;
    char *text; /* owned: the texts above lie in it */
    /* Those that are seen, ordered by mount point: of several at one point only the topmost. */
    const struct mount_entry **visible;
    size_t visible_count;
};

/*
 * Parses length bytes of text, which it takes over (also on failure). A malformed line is an error
 * that names its number. out is zeroed by the caller and freed by mount_table_free.
 */
bool mount_table_parse(char *text, size_t length, struct mount_table *out,
                       struct error *err) MUST_USE;

/* The mount that is seen at mount_point, lent; NULL when nothing is mounted just there. */
const struct mount_entry *mount_table_find(const struct mount_table *table,
                                           const char *mount_point);

void mount_table_free(struct mount_table *table);

#endif
