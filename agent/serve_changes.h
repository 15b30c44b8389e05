/*
 * Prints what has changed since the last result, one line of JSON each, on stdout. Never waits: a
 * reader that does not read must not stop the server.
 */
#ifndef WATERTIGHT_AGENT_SERVE_CHANGES_H
#define WATERTIGHT_AGENT_SERVE_CHANGES_H

#include "agent/serve_result.h"

struct serve_changes {
    struct result *reported; /* a reference: all changes up to this result are printed; or NULL */
    struct result *target;   /* a reference: those up to this one are being printed; or NULL */
    size_t printed;          /* how many of the latter are */
    bool is_broken;          /* nobody will ever read; that was said */
};

/*
 * Prints the changes up to result. What stdout does not take now is printed by a later call: as it
 * stood if some of it was out already, else as far as it is still true by then. False: something is
 * left.
 */
bool serve_changes_report(struct serve_changes *changes, struct result *result);
void serve_changes_free(struct serve_changes *changes);

#endif
