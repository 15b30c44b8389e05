/*
 * The help, made from the tables of commands and options. Fits a screen of 24 lines by 80 columns.
 */
#ifndef WATERTIGHT_AGENT_HELP_H
#define WATERTIGHT_AGENT_HELP_H

#include <stdio.h>

#include "agent/commands.h"

/* What the program is for, and its commands; ends with NULL. */
void help_write_overview(const struct command *const *commands, FILE *out);

/* One command: its use, its options, its notes. */
void help_write_command(const struct command *command, FILE *out);

#endif
