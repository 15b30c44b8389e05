/*
 * The first pass: runs every probe over a target, in registry order.
 */
#ifndef WATERTIGHT_PROBES_OBSERVE_H
#define WATERTIGHT_PROBES_OBSERVE_H

#include "agent/core/fact.h"
#include "probes/probe.h"
#include "probes/target.h"

/*
 * Observes the calling process and puts the facts into out, which the caller zeroed and frees.
 * Cannot fail: what could not be observed is unknown.
 */
void observe_self(const struct observe_request *request, struct facts *out);

/* Makes the facts that follow from others (privileges.container) anew: some of those have changed.
 */
void observe_sum_up(struct facts *facts);

void observe_request_free(struct observe_request *request);

/* Which process was looked at. */
struct observed {
    pid_t pid; /* in this PID namespace */
    bool is_self;
    char name[TARGET_NAME_MAX]; /* of another process; "" of this one */
};

/*
 * Observes one other process; self is the calling one. err as target_open_pid's. observe_opened
 * does it from outside.
 */
typedef bool observe_one(const struct target *self, pid_t pid,
                         const struct observe_request *request, struct facts *out,
                         struct observed *who, void *context, struct error *err);

/*
 * The same for another process, by `one`: word is its number or its name, as target_find takes
 * them. The number of this very process means this one. False when there is not exactly one such
 * process.
 */
bool observe_process(const char *word, const struct observe_request *request, observe_one *one,
                     void *context, struct facts *out, struct observed *who,
                     struct error *err) MUST_USE;

/* Through its files in the procfs. context is not looked at. */
observe_one observe_opened;

/*
 * For a target that has been entered: the probes that look at what is the process's own and not its
 * container's, its descriptors, its label, its own limits and what it inherited, which a child may
 * not be able to take on; that of seccomp, where its filters have been read; and the engine and the
 * id of the container, where they are known.
 */
void observe_own(const struct target *target, const struct observe_request *request,
                 struct facts *out);

/* Every key that the probes declare; the caller frees it. */
struct fact_catalog observe_catalog(void);

/* The probes in registry order: index 0, 1, … and NULL past the end. */
const struct probe *observe_probe_at(size_t index);

#endif
