/*
 * Whether a namespace is the kernel's initial one, decided from evidence that was gathered
 * elsewhere. Pure: opens nothing, so that kernels of any age can be replayed from their numbers.
 */
#ifndef WATERTIGHT_PROBES_NAMESPACE_EVIDENCE_H
#define WATERTIGHT_PROBES_NAMESPACE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

enum namespace_kind {
    NAMESPACE_PID,
    NAMESPACE_NETWORK,
    NAMESPACE_IPC,
    NAMESPACE_UTS,
    NAMESPACE_MOUNT,
    NAMESPACE_CGROUP,
    NAMESPACE_USER,
    NAMESPACE_TIME,
    NAMESPACE_KINDS
};

/* What the kernel's own settings of the network say (see namespace_evidence.network). */
enum namespace_sysctls {
    SYSCTLS_UNSEEN,  /* neither setting is there, or they cannot be trusted */
    SYSCTLS_INITIAL, /* those of the whole machine are there: the initial namespace */
    SYSCTLS_PRIVATE  /* only those that each namespace has */
};

struct namespace_evidence {
    /* The inode of each namespace (namespaces(7)). */
    uint64_t inode[NAMESPACE_KINDS];
    /* The kernel has no file for it, since it is built without that kind of namespace. */
    bool is_missing[NAMESPACE_KINDS];
    bool is_seen[NAMESPACE_KINDS]; /* inode holds */
    /*
     * net.core.dev_weight exists in the initial network namespace only, net.core.somaxconn in every
     * one (net/core/sysctl_net_core.c), on every kernel since 3.8.
     */
    enum namespace_sysctls network;
    bool has_only_loopback; /* /proc/PID/net/dev lists no device but lo */
    /*
     * The kernel is gVisor's, which has namespaces of its own; whose network it uses depends on
     * whether it brings its own stack (runsc --network=sandbox, none) or passes sockets on (host).
     */
    bool is_gvisor;
    bool has_gvisor_stack; /* the settings of the network are those of that stack */
};

enum namespace_answer { NAMESPACE_HOST, NAMESPACE_PRIVATE, NAMESPACE_UNKNOWN };

/* The answer, with its evidence in words: a constant. */
struct namespace_decision {
    enum namespace_answer answer;
    const char *words;
};

struct namespace_decision namespace_decide(const struct namespace_evidence *evidence,
                                           enum namespace_kind kind);

/* The file of /proc/PID/ns that stands for it: "pid", "net", … */
const char *namespace_file(enum namespace_kind kind);

/* Whether this inode is fixed for the initial namespace of its kind (include/linux/proc_ns.h). */
bool namespace_is_initial(enum namespace_kind kind, uint64_t inode);

#endif
