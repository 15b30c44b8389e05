/*
 * The parser of /proc/kallsyms: one symbol a line, its address first. Takes a buffer, opens
 * nothing.
 */
#ifndef WATERTIGHT_PROBES_KALLSYMS_H
#define WATERTIGHT_PROBES_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the text gives an address away. The kernel prints zeros to who may not know addresses
 * (kallsyms_show_value, kernel/kallsyms.c). The last line may be cut; lines of another form do not
 * count.
 */
bool kallsyms_has_address(const char *text, size_t length);

#endif
