/*
 * The one spelling that the subjects of facts about paths have.
 */
#ifndef WATERTIGHT_AGENT_PATH_H
#define WATERTIGHT_AGENT_PATH_H

/*
 * An absolute path without "//", "/./" and a slash at the end. NULL where it has "..", since what
 * that means depends on symbolic links. The caller frees it.
 */
char *path_spell(const char *path);

#endif
