/*
 * Text inside XML and HTML.
 */
#ifndef WATERTIGHT_REPORT_MARKUP_H
#define WATERTIGHT_REPORT_MARKUP_H

#include <stdio.h>

/*
 * Writes text so that it stands for itself in an element or in a quoted attribute of XML 1.0 and
 * HTML, whatever it holds. What XML cannot hold at all is written as \xNN, as facts_put_* do.
 */
void markup_put(const char *text, FILE *out);

#endif
