/*
 * Which namespaces are the host's, on kernels of several ages.
 */
#include <criterion/criterion.h>

#include "probes/namespace_evidence.h"

/* The inodes of a container of its own, and of the initial namespaces, as these kernels show them.
 */
static const struct kernel {
    const char *name;
    uint64_t initial_network, initial_mount;
    uint64_t pid, network, ipc, uts, mount;
} kernels[] = {
    {"5.4", 4026531992, 4026531840, 4026532447, 4026532450, 4026532446, 4026532445, 4026532444},
    {"5.15", 4026531840, 4026531841, 4026532611, 4026532613, 4026532610, 4026532609, 4026532608},
    {"6.1", 4026531840, 4026531841, 4026532290, 4026532292, 4026532289, 4026532288, 4026532287},
    {"6.18", 4026531833, 4026531832, 4026532177, 4026532180, 4026532176, 4026532175, 4026532174},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct namespace_evidence container(const struct kernel *kernel, bool has_host_network)
{
    struct namespace_evidence evidence = {
        .inode = {[NAMESPACE_PID] = kernel->pid,
                  [NAMESPACE_IPC] = kernel->ipc,
                  [NAMESPACE_UTS] = kernel->uts,
                  [NAMESPACE_MOUNT] = kernel->mount,
                  [NAMESPACE_CGROUP] = 4026531835,
                  [NAMESPACE_USER] = 4026531837,
                  [NAMESPACE_TIME] = 4026531834},
        .network = has_host_network ? SYSCTLS_INITIAL : SYSCTLS_PRIVATE,
    };

    evidence.inode[NAMESPACE_NETWORK] =
        has_host_network ? kernel->initial_network : kernel->network;
    for (enum namespace_kind i = 0; i < NAMESPACE_KINDS; i++)
        evidence.is_seen[i] = true;
    return evidence;
}

static enum namespace_answer answer(const struct namespace_evidence *evidence,
                                    enum namespace_kind kind)
{
    struct namespace_decision decision = namespace_decide(evidence, kind);

    cr_expect_not_null(decision.words);
    return decision.answer;
}

Test(namespaces, a_container_of_its_own_shares_what_engines_share_on_every_kernel)
{
    static const enum namespace_kind own[] = {NAMESPACE_PID, NAMESPACE_NETWORK, NAMESPACE_IPC,
                                              NAMESPACE_UTS, NAMESPACE_MOUNT};
    static const enum namespace_kind shared[] = {NAMESPACE_CGROUP, NAMESPACE_USER, NAMESPACE_TIME};

    for (size_t i = 0; i < COUNT(kernels); i++) {
        struct namespace_evidence evidence = container(&kernels[i], false);
        for (size_t k = 0; k < COUNT(own); k++)
            cr_expect_eq(answer(&evidence, own[k]), NAMESPACE_PRIVATE, "%s %zu", kernels[i].name,
                         k);
        for (size_t k = 0; k < COUNT(shared); k++)
            cr_expect_eq(answer(&evidence, shared[k]), NAMESPACE_HOST, "%s %zu", kernels[i].name,
                         k);
    }
}

Test(namespaces, the_hosts_network_is_told_on_every_kernel)
{
    for (size_t i = 0; i < COUNT(kernels); i++) {
        struct namespace_evidence evidence = container(&kernels[i], true);
        cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_HOST, "%s", kernels[i].name);
    }
}

Test(namespaces, each_initial_inode_is_the_hosts)
{
    for (size_t i = 0; i < COUNT(kernels); i++) {
        struct namespace_evidence evidence = container(&kernels[i], true);
        evidence.inode[NAMESPACE_PID] = 4026531836;
        evidence.inode[NAMESPACE_IPC] = 4026531839;
        evidence.inode[NAMESPACE_UTS] = 4026531838;
        evidence.inode[NAMESPACE_MOUNT] = kernels[i].initial_mount;
        for (enum namespace_kind k = 0; k < NAMESPACE_KINDS; k++)
            cr_expect_eq(answer(&evidence, k), NAMESPACE_HOST, "%s %d", kernels[i].name, (int)k);
    }
}

Test(namespaces, contradicting_evidence_of_the_network_is_unknown)
{
    struct namespace_evidence evidence = container(&kernels[3], true);

    evidence.network = SYSCTLS_PRIVATE;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_UNKNOWN);
    evidence = container(&kernels[1], true);
    evidence.network = SYSCTLS_PRIVATE;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_UNKNOWN);
}

Test(namespaces, without_the_networks_settings_other_evidence_counts)
{
    struct namespace_evidence evidence = container(&kernels[0], false);

    evidence.network = SYSCTLS_UNSEEN;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_PRIVATE); /* beside the others' */
    evidence.inode[NAMESPACE_NETWORK] = kernels[0].initial_network;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_UNKNOWN);
    evidence.has_only_loopback = true;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_PRIVATE);
}

Test(namespaces, those_of_gvisors_kernel_are_its_own_but_for_a_network_that_is_passed_on)
{
    struct namespace_evidence evidence = {.is_gvisor = true, .has_gvisor_stack = true};

    for (enum namespace_kind i = 0; i < NAMESPACE_KINDS; i++) {
        evidence.is_missing[i] = true;
        cr_expect_eq(answer(&evidence, i), NAMESPACE_PRIVATE, "%d", (int)i);
    }
    evidence.has_gvisor_stack = false;
    evidence.network = SYSCTLS_PRIVATE;
    evidence.has_only_loopback = true;
    cr_expect_eq(answer(&evidence, NAMESPACE_NETWORK), NAMESPACE_UNKNOWN);
    cr_expect_eq(answer(&evidence, NAMESPACE_PID), NAMESPACE_PRIVATE);
}

Test(namespaces, what_cannot_be_seen_is_unknown_and_what_the_kernel_lacks_is_the_hosts)
{
    struct namespace_evidence evidence = container(&kernels[0], false);

    evidence.is_seen[NAMESPACE_PID] = false;
    evidence.is_seen[NAMESPACE_TIME] = false;
    evidence.is_missing[NAMESPACE_TIME] = true; /* before Linux 5.6 */
    cr_expect_eq(answer(&evidence, NAMESPACE_PID), NAMESPACE_UNKNOWN);
    cr_expect_eq(answer(&evidence, NAMESPACE_TIME), NAMESPACE_HOST);
}
