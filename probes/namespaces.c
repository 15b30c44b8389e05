/*
 * Which namespaces the process shares with the host, that is: which are the kernel's initial ones.
 * Gathers the evidence; namespace_evidence.c decides. Under another container's namespaces (an
 * engine within a container) it does not look: those are not the host's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/digits.h"
#include "probes/namespace_evidence.h"
#include "probes/network_devices.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

static const char *const answer_names[] = {
    [NAMESPACE_HOST] = "host", [NAMESPACE_PRIVATE] = "private", [NAMESPACE_UNKNOWN] = NULL};

static const struct vocabulary answers = {.name = "answer (host or private)",
                                          .words = answer_names};

#define NAMESPACE_KEY(member, words)                                                               \
    {                                                                                              \
        .name = "namespace." member, .type = VALUE_TEXT, .vocabulary = &answers, .summary = words  \
    }

static const struct fact_key keys[NAMESPACE_KINDS] = {
    [NAMESPACE_PID] = NAMESPACE_KEY("pid", "host (the kernel's initial one) or private"),
    [NAMESPACE_NETWORK] = NAMESPACE_KEY("network", "host or private, by combined evidence"),
    [NAMESPACE_IPC] = NAMESPACE_KEY("ipc", "host or private"),
    [NAMESPACE_UTS] = NAMESPACE_KEY("uts", "host or private: host name and domain name"),
    [NAMESPACE_MOUNT] = NAMESPACE_KEY("mount", "host or private"),
    [NAMESPACE_CGROUP] = NAMESPACE_KEY("cgroup", "host or private; many engines share the host's"),
    [NAMESPACE_USER] = NAMESPACE_KEY("user", "host or private; most engines share the host's"),
    [NAMESPACE_TIME] = NAMESPACE_KEY("time", "host or private; nearly all share the host's"),
};

/*
 * The files below ns are magic links: following one opens nothing, it only names the namespace. The
 * directory itself is opened so that nothing can be mounted over it.
 */
static bool read_inodes(const struct target *target, struct namespace_evidence *evidence,
                        struct error *err)
{
    CLEANUP(procfile_close)
    int fd = procfile_open(target, target->process_fd, "ns", O_PATH | O_DIRECTORY, err);

    if (fd < 0)
        return false;
    for (enum namespace_kind i = 0; i < NAMESPACE_KINDS; i++) {
        /* No inode is 0: a filter that answers in the kernel's place leaves it so. */
        struct stat status = {0};
        bool is_answered = fstatat(fd, namespace_file(i), &status, 0) == 0;
        bool is_seen = is_answered && status.st_ino != 0;
        evidence->is_seen[i] = is_seen;
        evidence->inode[i] = status.st_ino;
        evidence->is_missing[i] = !is_answered && errno == ENOENT;
        if (!is_answered && errno != ENOENT) {
            (void)error_sys(err, "cannot look at its namespace in the procfs");
            procfile_name_right(target, err);
        }
    }
    return true;
}

/*
 * A setting of the network, seen by the calling process. Engines mount a part of the same procfs
 * over /proc/sys, read-only, so that it lies on another mount but on the same device; nothing else
 * may be mounted on the way.
 */
static bool has_setting(const struct target *target, const char *path)
{
    struct stat root = {0};
    struct stat setting = {0};

    return fstat(target->procfs_fd, &root) == 0 &&
           fstatat(target->procfs_fd, path, &setting, AT_SYMLINK_NOFOLLOW) == 0 &&
           setting.st_dev == root.st_dev && setting.st_ino != 0;
}

/* Whether a part of the settings has been mounted over another part, so that names mislead. */
static bool is_shuffled(const struct target *target)
{
    for (size_t i = 0; i < target->mounts.count; i++) {
        const char *point = target->mounts.entries[i].mount_point;
        const char *sys = strstr(point, "/sys");
        bool is_below = sys != NULL && (sys[4] == '\0' || sys[4] == '/');
        if (is_below && strcmp(target->mounts.entries[i].type, "proc") == 0 &&
            strcmp(target->mounts.entries[i].root, sys) != 0)
            return true;
    }
    return false;
}

static enum namespace_sysctls read_settings(const struct target *target)
{
    /* What is seen there depends on who looks, so that of another process is not to be had. */
    if (!target->is_self || target->procfs_fd < 0 || target->mounts.count == 0 ||
        is_shuffled(target))
        return SYSCTLS_UNSEEN;
    if (has_setting(target, "sys/net/core/dev_weight"))
        return SYSCTLS_INITIAL;
    return has_setting(target, "sys/net/core/somaxconn") ? SYSCTLS_PRIVATE : SYSCTLS_UNSEEN;
}

/* Whether word number `place` of a setting, counted from 0, is `wanted`. */
static bool setting_is(const struct target *target, const char *path, size_t place,
                       const char *wanted)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct error ignored = {0};
    struct span word;
    size_t length = 0;

    if (!procfile_read_sysctl(target, path, &text, &length, &ignored))
        return false;
    struct span rest = {.at = text, .end = text + length};
    for (size_t i = 0; span_word(&rest, &word); i++) {
        if (i == place)
            return span_is(word, wanted);
    }
    return false;
}

/*
 * gVisor's own stack starts with buffers of 1 MiB and ports from 16000 on (pkg/tcpip, tcp and
 * ports); where sockets are passed on, the host's settings are shown, and Linux has others.
 */
static bool has_gvisor_stack(const struct target *target)
{
    static const char buffer[] = "1048576";

    return setting_is(target, "sys/net/ipv4/tcp_rmem", 1, buffer) &&
           setting_is(target, "sys/net/ipv4/tcp_wmem", 1, buffer) &&
           setting_is(target, "sys/net/ipv4/ip_local_port_range", 0, "16000");
}

static bool has_only_loopback(const struct target *target)
{
    CLEANUP(strset_free) struct strset devices = {0};

    return network_devices_list(target, &devices) && devices.count == 1 &&
           strset_has(&devices, "lo");
}

static void put_decision(enum namespace_kind kind, struct namespace_decision decision,
                         const char *problem, struct facts *out)
{
    if (decision.answer == NAMESPACE_UNKNOWN) {
        const char *reason = problem[0] == '\0' ? decision.words : problem;
        (void)facts_put_unknown(out, &keys[kind], NULL, reason);
        return;
    }
    fact_set_detail(facts_put_text(out, &keys[kind], NULL, answer_names[decision.answer]),
                    decision.words);
}

static void namespaces_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    struct namespace_evidence evidence = {0};
    struct error err = {0};

    (void)request;
    evidence.is_gvisor = target_is_gvisor(target);
    evidence.has_gvisor_stack = evidence.is_gvisor && has_gvisor_stack(target);
    if (read_inodes(target, &evidence, &err)) {
        evidence.network = read_settings(target);
        if (evidence.network == SYSCTLS_UNSEEN)
            evidence.has_only_loopback = has_only_loopback(target);
    }
    for (enum namespace_kind i = 0; i < NAMESPACE_KINDS; i++)
        put_decision(i, namespace_decide(&evidence, i),
                     evidence.is_seen[i] || evidence.is_gvisor ? "" : err.text, out);
}

const struct probe probe_namespaces = {
    .name = "namespaces",
    .summary = "which namespaces are the host's",
    .keys = keys,
    .key_count = NAMESPACE_KINDS,
    .is_for_rules = true,
    .observe = namespaces_observe,
};
