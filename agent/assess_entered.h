/*
 * --enter: facts from inside another process's confinement, through a pipe, as JSON.
 */
#ifndef WATERTIGHT_AGENT_ASSESS_ENTERED_H
#define WATERTIGHT_AGENT_ASSESS_ENTERED_H

#include "probes/observe.h"

/* Observes one process from inside. context is the struct assessment, whose catalog is used. */
observe_one assess_entered;

#endif
