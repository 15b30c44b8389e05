/*
 * Prints what has changed since the last result, one line of JSON each, on stdout. Never waits: a
 * reader that does not read must not stop the server.
 */
#ifndef WATERTIGHT_AGENT_SERVE_CHANGES_H
#define WATERTIGHT_AGENT_SERVE_CHANGES_H

#include "agent/serve_result.h"

struct serve_changes {
    struct result *reported; /* a reference: all changes up to this result are printed; or NULL */
    bool is_broken;          /* nobody will ever read; that was said */
};

/*
 * Prints the changes up to result. What stdout does not take now is printed when the next result
 * comes, as far as it is still true by then; a line may then come twice.
 */
void serve_changes_report(struct serve_changes *changes, struct result *result);
void serve_changes_free(struct serve_changes *changes);

#endif
