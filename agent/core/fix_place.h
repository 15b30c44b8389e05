/*
 * Where a path lies: what mends a path on the root file system does not mend one on a volume.
 */
#ifndef WATERTIGHT_AGENT_CORE_FIX_PLACE_H
#define WATERTIGHT_AGENT_CORE_FIX_PLACE_H

#include "agent/core/fact.h"
#include "agent/core/rule_fix.h"

/* PLACE_NONE: it is no path. What is not known to lie on a mount counts as part of the root. */
enum fix_place fix_place_of(const struct facts *facts, const char *path);

/*
 * The mount point that the word of a finding is about, lent: of a path of the host, where it is
 * mounted (the first such place at or after *from in facts; *from is moved past it); of another
 * path, the mount that it lies on. NULL where there is none, or it is one that every engine makes
 * (the root, and proc and sysfs right below it).
 */
const char *fix_place_mount(const struct facts *facts, const char *fact, const char *word,
                            size_t *from);

#endif
