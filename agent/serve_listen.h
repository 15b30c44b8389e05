/*
 * The socket that serve listens on: TCP, or a path.
 */
#ifndef WATERTIGHT_AGENT_SERVE_LISTEN_H
#define WATERTIGHT_AGENT_SERVE_LISTEN_H

#include "agent/core/error.h"
#include "agent/serve_options.h"

struct listener {
    int fd;
    struct sockaddr_storage address; /* with the port that the kernel picked */
    dev_t device;                    /* of a path: which file is ours */
    ino_t inode;
};

/*
 * Binds and listens; the socket does not block. A socket that nobody listens on any more is
 * replaced; any other file at the path is an error, as is an address in use. The mode of a path is
 * 0660: whoever may read the report is said by its group and the folder.
 */
bool listener_open(const struct serve_options *options, struct listener *out,
                   struct error *err) MUST_USE;

/* Closes it, and removes its path unless that is another's by now. */
void listener_close(struct listener *listener);

#endif
