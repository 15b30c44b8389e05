/*
 * A bounded walk over the files of one mount. Follows no symbolic link, opens nothing but folders,
 * and leaves other mounts out. Run in a throw-away child.
 */
#ifndef WATERTIGHT_PROBES_WALK_H
#define WATERTIGHT_PROBES_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct mount_entry;
struct mount_table;

enum { WALK_DEPTH = 40, WALK_ENTRIES = 400000, WALK_SECONDS = 2 };

/* What to walk over. */
struct walk_place {
    int root_fd;
    const struct mount_entry *mount;  /* begins at its mount point, below root_fd */
    const struct mount_table *mounts; /* tells where others begin, where statx(2) does not */
    bool has_statx;                   /* statx(2) may be called */
};

/* A file or folder that was met; lent for the call. */
struct walk_entry {
    int folder_fd; /* of the folder that it lies in */
    const char *name;
    const char *path; /* absolute, from the root that was given */
    mode_t mode;
    uid_t uid;
    gid_t gid;
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
 * Visits the mount's root and what the mount holds: all entries of a folder before those of its
 * folders, so that what lies near is found early.
 */
enum walk_end walk(const struct walk_place *place, const struct timespec *deadline,
                   walk_visit *visit, void *context);

/* Why a walk is not complete, in words; NULL when it is. */
const char *walk_words(enum walk_end end);

#endif
