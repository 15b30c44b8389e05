/*
 * The parser of devices.list, the device rules of a control group (kernel Documentation:
 * admin-guide/cgroup-v1/devices.rst). Takes a buffer, opens nothing. Version 2 has no such file: a
 * BPF program decides there.
 */
#ifndef WATERTIGHT_PROBES_DEVICE_RULES_H
#define WATERTIGHT_PROBES_DEVICE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/core/error.h"
#include "probes/digits.h"

enum { DEVICE_RULE_ANY = -1 }; /* "*" */

/* One line. */
struct device_rule {
    char type;            /* 'a' both, 'b' block, 'c' character devices */
    int64_t major, minor; /* or DEVICE_RULE_ANY */
    bool can_open;        /* for reading or writing; else it lets nodes be made, at most */
};

/* Reads a line, without its newline. One that is not "TYPE MAJOR:MINOR ACCESS" is an error. */
bool device_rule_parse(struct span line, struct device_rule *out, struct error *err) MUST_USE;

#endif
