/*
 * The Pod that this process runs in, as the downward API tells it in environment variables.
 */
#ifndef WATERTIGHT_AGENT_POD_H
#define WATERTIGHT_AGENT_POD_H

#include "agent/core/report.h"

/*
 * POD_NAME, POD_NAMESPACE and POD_UID; lends from the environment. A value that is not set or that
 * Kubernetes would not take as a name is NULL.
 */
struct report_pod pod_from_environment(void);

#endif
