/*
 * The parser of what a security module says of a process (/proc/PID/attr/current and its like).
 * Takes a buffer, opens nothing.
 */
#ifndef WATERTIGHT_PROBES_LSM_LABEL_H
#define WATERTIGHT_PROBES_LSM_LABEL_H

#include <stddef.h>

#include "agent/core/error.h"

enum lsm_kind { LSM_APPARMOR, LSM_SELINUX };

/* Whose words they are, and in them the part that policies ask about. All of it is owned. */
struct lsm_label {
    enum lsm_kind kind;
    char *text; /* the profile with its mode, or the context */
    char *part; /* AppArmor: the mode ("enforce"; "unconfined"); SELinux: the type */
};

/*
 * Parses length bytes: "docker-default (enforce)", "unconfined", "user:role:type:level". A newline
 * or a NUL may end them. False, with err, for the words of no known module; out is zeroed first and
 * freed by lsm_label_free.
 */
bool lsm_label_parse(const char *text, size_t length, struct lsm_label *out,
                     struct error *err) MUST_USE;
void lsm_label_free(struct lsm_label *label);

#endif
