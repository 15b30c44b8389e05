/*
 * A reporter turns a report into bytes of one format. One file a format, ending in one
 * `const struct reporter`, and one line in reporters.def.
 */
#ifndef WATERTIGHT_REPORT_REPORTER_H
#define WATERTIGHT_REPORT_REPORTER_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/core/report.h"

struct report_style {
    bool color; /* ANSI colours are wanted (only the text format has any) */
    int width;  /* columns to wrap at; at least 40 */
};

struct reporter {
    const char *name;    /* "json" */
    const char *summary; /* one line for `list formats` */
    /* The media type of what write writes, as an HTTP Content-Type (RFC 9110, 8.3); never NULL. */
    const char *content_type;
    bool prints_facts; /* all of them, whichever rules there are */
    bool prints_prose; /* what the rules have to explain */
    /* Writes the whole report to out, a memory stream of the caller: ferror(out) is its check. */
    void (*write)(const struct report *report, const struct report_style *style, FILE *out);
    /* The same for several reports in one document; NULL: the format holds one only. */
    void (*write_all)(const struct report_set *set, const struct report_style *style, FILE *out);
};

/* The reporter of that name, or NULL. */
const struct reporter *reporter_find(const char *name);

/* The reporters in registry order: index 0, 1, … and NULL past the end. */
const struct reporter *reporter_at(size_t index);

#endif
