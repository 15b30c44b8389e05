/*
 * A bounded walk over the files of one mount. Follows no symbolic link, opens nothing but folders,
 * and leaves other file systems out. Run in a throw-away child.
 */
#ifndef WATERTIGHT_PROBES_WALK_H
#define WATERTIGHT_PROBES_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

enum { WALK_DEPTH = 40, WALK_ENTRIES = 400000, WALK_SECONDS = 2 };

/* A file or folder that was met; lent for the call. */
struct walk_entry {
    int folder_fd; /* of the folder that it lies in */
    const char *name;
    const char *path; /* absolute, from the root that was given */
    struct stat status;
};

/* Says whether to go on: false ends the walk. */
typedef bool walk_visit(const struct walk_entry *entry, void *context);

enum walk_end {
    WALK_DONE,    /* everything was visited */
    WALK_STOPPED, /* the visitor ended it */
    WALK_CUT,     /* a limit ended it, or a folder was too deep */
    WALK_UNLISTED /* done, but for folders that could be entered and not be listed */
};

/* When walks that begin now, any number of them, must have ended. */
struct timespec walk_deadline(void);

/*
 * Visits the folder at path, below root_fd, and what it holds: all entries of a folder before those
 * of its folders, so that what lies near is found early.
 */
enum walk_end walk(int root_fd, const char *path, const struct timespec *deadline,
                   walk_visit *visit, void *context);

/* Why a walk is not complete, in words; NULL when it is. */
const char *walk_words(enum walk_end end);

#endif
