/*
 * Names of capabilities (capabilities(7)), by libcap: "CAP_NET_BIND_SERVICE".
 */
#ifndef WATERTIGHT_PROBES_CAPNAME_H
#define WATERTIGHT_PROBES_CAPNAME_H

#include <stdint.h>

#include "agent/core/strset.h"
#include "agent/core/vocabulary.h"

/* With or without "CAP_", in any case. A number that libcap has no name for is "CAP_63". */
extern const struct vocabulary capname_vocabulary;

/* The names of the capabilities whose bits are set; the caller frees the set. */
struct strset capname_set(uint64_t bits);

#endif
