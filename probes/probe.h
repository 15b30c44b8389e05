/*
 * A probe observes one side of a container and puts facts. It never says "bad". One file a probe,
 * ending in one `const struct probe`, and one line in probes.def.
 */
#ifndef WATERTIGHT_PROBES_PROBE_H
#define WATERTIGHT_PROBES_PROBE_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/core/fact.h"

struct target;

/* What the policy asks about, where observing everything is not possible. */
struct observe_request {
    struct strset keys;        /* facts that rules use: costly ones are observed only when asked */
    struct strset write_paths; /* absolute paths for filesystem.write */
    bool is_fast;              /* leave out what takes more than a moment: seccomp.syscalls */
    bool is_survey; /* facts are what is wanted: also those that no rule uses, if cheap */
    bool wants_all; /* facts are printed: also those that no rule uses, unless they are costly */
    pid_t server;   /* on whose behalf all containers are observed: its own is left out; or 0 */
};

/* Whether anybody wants the rows of a key: a rule, or who prints all facts. */
bool observe_request_wants(const struct observe_request *request, const struct fact_key *key);

struct probe {
    const char *name;    /* "capabilities" */
    const char *summary; /* one line for `list probes` */
    const struct fact_key *keys;
    size_t key_count;
    /* Nothing but rules, and who prints all facts, uses its facts: not run for anybody else. */
    bool is_for_rules;
    /*
     * Puts a row for each of its keys, always: what could not be seen is put as unknown, with the
     * reason. Never fails, prints, blocks or changes anything.
     */
    void (*observe)(const struct target *target, const struct observe_request *request,
                    struct facts *out);
};

#endif
