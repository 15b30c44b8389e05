/*
 * Which engine, orchestrator and sandbox the process runs under. Gathers the evidence;
 * runtime_evidence.c decides. No rule rests on these facts alone: an image can plant some of it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/namespace_evidence.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/runtime_evidence.h"
#include "probes/target.h"

enum {
    KEY_NAME,
    KEY_CONTAINER_ID,
    KEY_ORCHESTRATOR,
    KEY_SANDBOX,
    KEY_KERNEL,
    KEY_MACHINE,
    KEY_COUNT
};

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_NAME] = {.name = "runtime.name",
                  .type = VALUE_TEXT,
                  .summary = "docker, podman, containerd, cri-o, lxc, systemd-nspawn or none"},
    [KEY_CONTAINER_ID] = {.name = "runtime.container_id",
                          .type = VALUE_TEXT,
                          .summary = "the id that the engine gave the container"},
    [KEY_ORCHESTRATOR] = {.name = "runtime.orchestrator",
                          .type = VALUE_TEXT,
                          .summary = "kubernetes"},
    [KEY_SANDBOX] = {.name = "runtime.sandbox",
                     .type = VALUE_TEXT,
                     .summary = "gvisor, kata or firecracker"},
    [KEY_KERNEL] = {.name = "runtime.kernel",
                    .type = VALUE_TEXT,
                    .summary = "the kernel's release, as uname(2) gives it"},
    [KEY_MACHINE] = {.name = "runtime.machine",
                     .type = VALUE_TEXT,
                     .summary = "x86_64 or aarch64: whose system calls these are"},
};

/* What this program was built for: uname(2) gives another name under a 32-bit personality(2). */
#if defined __x86_64__
static const char machine[] = "x86_64";
#elif defined __aarch64__
static const char machine[] = "aarch64";
#else
static const char machine[] = "other";
#endif

/* The kinds that an engine never leaves shared without being asked to. */
static const enum namespace_kind isolating[] = {NAMESPACE_IPC, NAMESPACE_UTS, NAMESPACE_PID};

static void read_namespaces(const struct target *target, struct runtime_evidence *evidence)
{
    struct stat status;

    evidence->has_namespaces = target->process_fd >= 0;
    for (size_t i = 0; i < sizeof isolating / sizeof isolating[0]; i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "ns/%s", namespace_file(isolating[i]));
        /* Follows the link, which opens nothing: it only names the namespace. */
        if (target->process_fd < 0 || fstatat(target->process_fd, path, &status, 0) < 0)
            evidence->has_namespaces = false;
        else if (!namespace_is_initial(isolating[i], status.st_ino))
            evidence->is_isolated = true;
    }
}

static bool exists(const struct target *target, const char *path)
{
    struct stat status;

    return target->root_fd >= 0 &&
           fstatat(target->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Firecracker signs its ACPI tables: the OEM id is bytes 10 to 15 of each (ACPI 6.5, 5.2.6). */
static bool is_firecracker(const struct target *target)
{
    char table[16] = {0};

    if (target->root_fd < 0)
        return false;
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, "sys/firmware/acpi/tables/FACP",
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && read(fd, table, sizeof table) == (ssize_t)sizeof table &&
           memcmp(table + 10, "FIRECK", 6) == 0;
}

static void put_id(const struct runtime_decision *decision, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_CONTAINER_ID];

    if (decision->id[0] != '\0')
        (void)facts_put_text(out, key, NULL, decision->id);
    else if (decision->is_container)
        (void)facts_put_unknown(out, key, NULL, "nothing inside this container tells its id");
    else if (decision->name[0] != '\0')
        (void)facts_put_absent(out, key, NULL);
    else
        (void)facts_put_unknown(out, key, NULL, "the namespaces could not be looked at");
}

static void put_name(const struct runtime_decision *decision, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_NAME];

    if (decision->name[0] != '\0')
        fact_set_detail(facts_put_text(out, key, NULL, decision->name), decision->name_evidence);
    else if (decision->is_container)
        (void)facts_put_unknown(out, key, NULL,
                                "this is a container, but nothing inside tells its engine");
    else
        (void)facts_put_unknown(out, key, NULL, "the namespaces could not be looked at");
}

static void put_optional(const struct fact_key *key, const char *text, struct facts *out)
{
    if (text[0] == '\0')
        (void)facts_put_absent(out, key, NULL);
    else
        (void)facts_put_text(out, key, NULL, text);
}

static void runtime_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    CLEANUP(mem_free_text) char *cgroup = NULL;
    size_t length = 0;
    struct runtime_decision decision;
    struct error ignored = {0};
    const struct witness *witness = &target->witness;
    bool has_uname = witness->answered[WITNESS_UNAME];
    struct runtime_evidence evidence = {
        .mounts = &target->mounts,
        .container = target->is_self ? getenv("container") : NULL,
        .has_kubernetes_service = target->is_self && getenv("KUBERNETES_SERVICE_HOST") != NULL,
        .has_dockerenv = exists(target, ".dockerenv"),
        .has_containerenv = exists(target, "run/.containerenv"),
        .kernel_release = has_uname ? witness->uname.release : NULL,
        .kernel_version = has_uname ? witness->uname.version : NULL,
        .is_firecracker = is_firecracker(target),
    };

    (void)request;
    if (procfile_read(target, "cgroup", &cgroup, &length, &ignored))
        evidence.cgroup = cgroup;
    read_namespaces(target, &evidence);
    runtime_decide(&evidence, &decision);
    put_name(&decision, out);
    put_id(&decision, out);
    put_optional(&keys[KEY_ORCHESTRATOR], decision.orchestrator, out);
    put_optional(&keys[KEY_SANDBOX], decision.sandbox, out);
    if (has_uname)
        (void)facts_put_text(out, &keys[KEY_KERNEL], NULL, witness->uname.release);
    else
        (void)facts_put_unknown(out, &keys[KEY_KERNEL], NULL, witness->reason[WITNESS_UNAME]);
    (void)facts_put_text(out, &keys[KEY_MACHINE], NULL, machine);
}

const struct probe probe_runtime = {
    .name = "runtime",
    .summary = "engine, container id, orchestrator, sandbox and kernel",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = runtime_observe,
};
