/*
 * One line of JSON for what has changed between two reports, schema watertight.change/1
 * (docs/schema/change.schema.json).
 */
#ifndef WATERTIGHT_REPORT_CHANGE_H
#define WATERTIGHT_REPORT_CHANGE_H

#include <stdio.h>

#include "agent/core/finding.h"

/* One container of several. All texts are lent, or NULL where they are not known. */
struct report_change_container {
    int pid;
    const char *name, *runtime, *id;
};

/* A check's change, or, with id NULL, that of a verdict or container. All texts are lent. */
struct report_change {
    const char *kind; /* "verdict", "check", "container": it came or went */
    const struct report_change_container *container; /* NULL: of the only one, or of all */
    const char *time; /* when what is new was observed: "2026-11-23T18:00:00Z" */
    const char *id;
    const char *subject; /* NULL without */
    const char *message; /* NULL: nothing to say */
    enum severity severity;
    const char *from, *to; /* the name of a status or verdict; NULL: there was or is none */
};

/* Writes the line with its newline. ferror(out) is the check. */
void report_change_write(const struct report_change *change, FILE *out);

#endif
