/*
 * Messages to the person who runs the program, on stderr: "watertight: …".
 */
#ifndef WATERTIGHT_AGENT_SAY_H
#define WATERTIGHT_AGENT_SAY_H

#include "agent/core/error.h"

/*
 * Writes "watertight: ", the words and a newline, control characters as \xNN, in one write. That
 * stderr may be closed or full is nobody's concern.
 */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
