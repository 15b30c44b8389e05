/*
 * The first pass: runs every probe over a target, in registry order.
 */
#ifndef WATERTIGHT_PROBES_OBSERVE_H
#define WATERTIGHT_PROBES_OBSERVE_H

#include "agent/core/fact.h"
#include "probes/probe.h"

/*
 * Observes the calling process and puts the facts into out, which the caller zeroed and frees.
 * Cannot fail: what could not be observed is unknown.
 */
void observe_self(const struct observe_request *request, struct facts *out);

/* Every key that the probes declare; the caller frees it. */
struct fact_catalog observe_catalog(void);

/* The probes in registry order: index 0, 1, … and NULL past the end. */
const struct probe *observe_probe_at(size_t index);

#endif
