/*
 * Which engine made a container, decided from evidence that was gathered elsewhere. Pure: opens
 * nothing, so that real machines can be replayed from their files.
 */
#ifndef WATERTIGHT_PROBES_RUNTIME_EVIDENCE_H
#define WATERTIGHT_PROBES_RUNTIME_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/mountinfo.h"

/* Everything that is looked at. Texts are lent; NULL where there is none. */
struct runtime_evidence {
    const struct mount_table *mounts;
    const char *cgroup;          /* the text of /proc/PID/cgroup */
    const char *container;       /* the environment variable `container` */
    bool has_kubernetes_service; /* the environment has KUBERNETES_SERVICE_HOST */
    bool has_dockerenv;          /* /.dockerenv exists */
    bool has_containerenv;       /* /run/.containerenv exists */
    const char *kernel_release;  /* uname(2) */
    const char *kernel_version;
    bool is_firecracker; /* the ACPI tables are Firecracker's */
    bool has_namespaces; /* the inodes of the namespaces could be read: then the next counts */
    bool is_isolated;    /* the PID, IPC or UTS namespace is not the initial one */
};

enum { RUNTIME_TEXT_MAX = 128 };

/* What follows. "" means: none, or not known; is_container settles which. */
struct runtime_decision {
    bool is_container;
    char name[RUNTIME_TEXT_MAX]; /* "docker", …; "none" on a plain host; "" not known */
    char name_evidence[RUNTIME_TEXT_MAX];
    char id[RUNTIME_TEXT_MAX];
    char orchestrator[RUNTIME_TEXT_MAX];
    char sandbox[RUNTIME_TEXT_MAX];
};

void runtime_decide(const struct runtime_evidence *evidence, struct runtime_decision *out);

#endif
