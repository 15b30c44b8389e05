/*
 * Whether a namespace is the initial one. See namespace_evidence.h.
 *
 * The initial ones have fixed inodes, below all that are given out later: PID, IPC, UTS and user
 * since Linux 3.8, cgroup since 4.6, time since 5.6. Those of network and mount followed only
 * lately; before, they were the first to be given out at boot, or lay near them, so that other
 * evidence is needed for the network.
 */
#include "probes/namespace_evidence.h"

#include <stddef.h>

static const struct {
    const char *file;
    uint64_t initial;
} kinds[NAMESPACE_KINDS] = {
    [NAMESPACE_PID] = {"pid", 0xEFFFFFFC},   [NAMESPACE_NETWORK] = {"net", 0xEFFFFFF9},
    [NAMESPACE_IPC] = {"ipc", 0xEFFFFFFF},   [NAMESPACE_UTS] = {"uts", 0xEFFFFFFE},
    [NAMESPACE_MOUNT] = {"mnt", 0xEFFFFFF8}, [NAMESPACE_CGROUP] = {"cgroup", 0xEFFFFFFB},
    [NAMESPACE_USER] = {"user", 0xEFFFFFFD}, [NAMESPACE_TIME] = {"time", 0xEFFFFFFA},
};

enum {
    FIRST_GIVEN = 2, /* the first inodes at boot go to the initial network and mount namespaces */
    NEAR = 32        /* the namespaces of one container are made within so many inodes */
};

static const uint64_t dynamic_first = 0xF0000000; /* PROC_DYNAMIC_FIRST, fs/proc/generic.c */

const char *namespace_file(enum namespace_kind kind)
{
    return kinds[kind].file;
}

bool namespace_is_initial(enum namespace_kind kind, uint64_t inode)
{
    return inode == kinds[kind].initial;
}

static bool is_first_given(uint64_t inode)
{
    return inode >= dynamic_first && inode - dynamic_first < FIRST_GIVEN;
}

/* Whether the network's inode was given out together with that of a surely private namespace. */
static bool is_near_private(const struct namespace_evidence *evidence)
{
    static const enum namespace_kind sure[] = {NAMESPACE_PID, NAMESPACE_IPC, NAMESPACE_UTS};
    uint64_t network = evidence->inode[NAMESPACE_NETWORK];

    for (size_t i = 0; i < sizeof sure / sizeof sure[0]; i++) {
        uint64_t other = evidence->inode[sure[i]];
        uint64_t distance = other > network ? other - network : network - other;
        if (evidence->is_seen[sure[i]] && other >= dynamic_first && distance <= NEAR)
            return true;
    }
    return false;
}

static struct namespace_decision decide_network(const struct namespace_evidence *evidence)
{
    uint64_t inode = evidence->inode[NAMESPACE_NETWORK];
    bool is_initial = namespace_is_initial(NAMESPACE_NETWORK, inode) || is_first_given(inode);

    if (is_initial && evidence->network == SYSCTLS_PRIVATE)
        return (struct namespace_decision){
            NAMESPACE_UNKNOWN, "its inode is that of the host's, yet the settings of the whole "
                               "machine's network are not there"};
    if (is_initial)
        return (struct namespace_decision){NAMESPACE_HOST, "its inode is the initial one's"};
    if (evidence->network == SYSCTLS_INITIAL)
        return (struct namespace_decision){NAMESPACE_HOST,
                                           "the settings of the whole machine's network are there"};
    if (evidence->network == SYSCTLS_PRIVATE)
        return (struct namespace_decision){
            NAMESPACE_PRIVATE, "the settings of the whole machine's network are not there"};
    if (is_near_private(evidence))
        return (struct namespace_decision){
            NAMESPACE_PRIVATE, "its inode was given out together with a private namespace's"};
    if (evidence->has_only_loopback)
        return (struct namespace_decision){NAMESPACE_PRIVATE, "its only device is lo"};
    return (struct namespace_decision){
        NAMESPACE_UNKNOWN, "on this kernel its inode does not tell, and the settings of the "
                           "network cannot be seen"};
}

static struct namespace_decision decide_gvisor(const struct namespace_evidence *evidence,
                                               enum namespace_kind kind)
{
    if (kind != NAMESPACE_NETWORK)
        return (struct namespace_decision){NAMESPACE_PRIVATE, "it is one of gVisor's own kernel"};
    if (evidence->has_gvisor_stack)
        return (struct namespace_decision){NAMESPACE_PRIVATE, "the network stack is gVisor's own"};
    return (struct namespace_decision){
        NAMESPACE_UNKNOWN, "the network stack does not look like gVisor's own: sockets may be "
                           "passed on to the host's (runsc --network=host)"};
}

struct namespace_decision namespace_decide(const struct namespace_evidence *evidence,
                                           enum namespace_kind kind)
{
    uint64_t inode = evidence->inode[kind];

    if (evidence->is_gvisor)
        return decide_gvisor(evidence, kind);
    if (evidence->is_missing[kind])
        return (struct namespace_decision){NAMESPACE_HOST,
                                           "the kernel has no namespaces of this kind"};
    if (!evidence->is_seen[kind])
        return (struct namespace_decision){NAMESPACE_UNKNOWN, "its inode could not be read"};
    if (kind == NAMESPACE_NETWORK)
        return decide_network(evidence);
    if (namespace_is_initial(kind, inode) || (kind == NAMESPACE_MOUNT && is_first_given(inode)))
        return (struct namespace_decision){NAMESPACE_HOST, "its inode is the initial one's"};
    return (struct namespace_decision){NAMESPACE_PRIVATE, "its inode is not the initial one's"};
}
