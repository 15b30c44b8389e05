/*
 * Writes trees as YAML 1.2 that 1.1 parsers read the same, with the rules that asked for a line as
 * its comment.
 */
#ifndef WATERTIGHT_REPORT_YAML_H
#define WATERTIGHT_REPORT_YAML_H

#include <stdio.h>

#include "agent/core/tree.h"

/* Writes the members of a map in block style, each line after indent blanks. */
void yaml_write(const struct tree *map, int indent, FILE *out);

/* "  # rule, rule" and a newline, or the newline alone where there are none. */
void yaml_write_sources(const struct strset *sources, FILE *out);

#endif
