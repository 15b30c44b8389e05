/*
 * Taking on another process's confinement, step by step, by a process that has nothing else to do.
 */
#ifndef WATERTIGHT_PROBES_ENTER_CONFINE_H
#define WATERTIGHT_PROBES_ENTER_CONFINE_H

#include "probes/enter_plan.h"

/*
 * For the calling process, for good: every namespace of the plan but that of processes, which
 * fork(2) joins, the root directory, the environment and the limits. Also makes it the first victim
 * when memory runs out. On failure err says which step was refused. After this, no descriptor of
 * the plan is needed any more.
 */
bool enter_surroundings(const struct enter_plan *plan, struct error *err) MUST_USE;

/*
 * The same for ids, groups, capabilities, no_new_privs and, where the plan says so, the filters.
 * Also makes it unreadable for others in the container, and the parent of its children's orphans.
 */
bool enter_credentials(const struct enter_plan *plan, struct error *err) MUST_USE;

#endif
