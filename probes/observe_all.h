/*
 * The first pass over every container that is to be seen.
 */
#ifndef WATERTIGHT_PROBES_OBSERVE_ALL_H
#define WATERTIGHT_PROBES_OBSERVE_ALL_H

#include "probes/observe.h"

/* What has to be said of all containers together. */
struct observe_notes {
    struct strset texts; /* sentences */
    bool is_incomplete;  /* there may be a container that was not seen */
    bool is_machine;     /* the containers are those of the whole machine */
};

/* Gets one container's facts: it may take them over, and leaves what it does not take. */
typedef void observe_take(const struct observed *who, struct facts *facts, void *context);

/*
 * Observes, by `one`, the main process of each container, in the order of their numbers. False when
 * the processes cannot be listed. notes is zeroed by the caller and freed by observe_notes_free.
 */
bool observe_all(const struct observe_request *request, observe_one *one, observe_take *take,
                 void *context, struct observe_notes *notes, struct error *err) MUST_USE;
void observe_notes_free(struct observe_notes *notes);

#endif
