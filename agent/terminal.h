/*
 * What may be assumed of stdout: how wide it is, whether it shows colours.
 */
#ifndef WATERTIGHT_AGENT_TERMINAL_H
#define WATERTIGHT_AGENT_TERMINAL_H

#include <stdbool.h>

/* Columns to wrap at: the terminal's, within 60 and 120; 80 when stdout is none. */
int terminal_width(void);

/* Whether stdout is a terminal with colours. NO_COLOR (no-color.org) and TERM=dumb say no. */
bool terminal_has_color(void);

#endif
