/*
 * Which engine, orchestrator and sandbox the process runs under. Gathers the evidence;
 * runtime_evidence.c decides. No rule rests on these facts alone: an image can plant some of it.
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

/* All that runtime_evidence.c can say. */
static const char *const engine_words[] = {"containerd", "cri-o",  "docker",         "lxc",
                                           "none",       "podman", "systemd-nspawn", NULL};
static const char *const orchestrator_words[] = {"kubernetes", NULL};
static const char *const sandbox_words[] = {"firecracker", "gvisor", "kata", NULL};

static const struct vocabulary engines = {.name = "engine", .words = engine_words};
static const struct vocabulary orchestrators = {.name = "orchestrator",
                                                .words = orchestrator_words};
static const struct vocabulary sandboxes = {.name = "sandbox", .words = sandbox_words};

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_NAME] = {.name = "runtime.name",
                  .type = VALUE_TEXT,
                  .vocabulary = &engines,
                  .summary = "docker, podman, containerd, cri-o, lxc, systemd-nspawn or none"},
    [KEY_CONTAINER_ID] = {.name = "runtime.container_id",
                          .type = VALUE_TEXT,
                          .summary = "the id that the engine gave the container"},
    [KEY_ORCHESTRATOR] = {.name = "runtime.orchestrator",
                          .type = VALUE_TEXT,
                          .vocabulary = &orchestrators,
                          .summary = "kubernetes"},
    [KEY_SANDBOX] = {.name = "runtime.sandbox",
                     .type = VALUE_TEXT,
                     .vocabulary = &sandboxes,
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

    if (target->root_fd < 0)
        return false;
    if (target->is_self)
        return fstatat(target->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
    CLEANUP(procfile_close) int fd = target_open_path(target, path, O_PATH | O_NOFOLLOW);
    return fd >= 0;
}

/*
 * Firecracker signs its ACPI tables: the OEM id is bytes 10 to 15 of each (ACPI 6.5, 5.2.6). The
 * machine is the same for every process, so nothing of another's root directory is opened for it.
 */
static bool is_firecracker(const struct target *target)
{
    static const char path[] = "/sys/firmware/acpi/tables/FACP";
    char table[16] = {0};

    if (target->is_self && target->root_fd < 0)
        return false;
    CLEANUP(procfile_close)
    int fd = openat(target->is_self ? target->root_fd : AT_FDCWD, target->is_self ? path + 1 : path,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && read(fd, table, sizeof table) == (ssize_t)sizeof table &&
           memcmp(table + 10, "FIRECK", 6) == 0;
}

/* Of another process: what it was started with, or why that cannot be read. */
struct environment {
    char *text; /* owned: "NAME=value" one behind the other, each terminated; NULL: none */
    size_t length;
    struct error problem;
};

static const char *find_variable(const struct target *target, const struct environment *environment,
                                 const char *name)
{
    size_t length = strlen(name);

    if (target->is_self)
        return getenv(name);
    for (size_t at = 0; environment->text != NULL && at < environment->length;) {
        const char *entry = environment->text + at;
        if (strncmp(entry, name, length) == 0 && entry[length] == '=')
            return entry + length + 1;
        at += strlen(entry) + 1;
    }
    return NULL;
}

/* Of another process the links of its namespaces may be out of reach. */
static void put_unseen(const struct target *target, const struct fact_key *key, struct facts *out)
{
    struct error err = {0};

    (void)error_set(&err, "the namespaces could not be looked at");
    err.code = EACCES;
    procfile_name_right(target, &err);
    (void)facts_put_unknown(out, key, NULL, err.text);
}

static void put_id(const struct target *target, const struct runtime_decision *decision,
                   struct facts *out)
{
    const struct fact_key *key = &keys[KEY_CONTAINER_ID];

    if (decision->id[0] != '\0')
        (void)facts_put_text(out, key, NULL, decision->id);
    else if (decision->is_container)
        (void)facts_put_unknown(out, key, NULL, "nothing inside this container tells its id");
    else if (decision->name[0] != '\0')
        (void)facts_put_absent(out, key, NULL);
    else
        put_unseen(target, key, out);
}

static void put_name(const struct target *target, const struct runtime_decision *decision,
                     struct facts *out)
{
    const struct fact_key *key = &keys[KEY_NAME];

    if (decision->name[0] != '\0')
        fact_set_detail(facts_put_text(out, key, NULL, decision->name), decision->name_evidence);
    else if (decision->is_container)
        (void)facts_put_unknown(out, key, NULL,
                                "this is a container, but nothing inside tells its engine");
    else
        put_unseen(target, key, out);
}

static void put_optional(const struct fact_key *key, const char *text, struct facts *out)
{
    if (text[0] == '\0')
        (void)facts_put_absent(out, key, NULL);
    else
        (void)facts_put_text(out, key, NULL, text);
}

/* Its environment may be the only sign of Kubernetes: unseen, there may be one. */
static void put_orchestrator(const struct runtime_decision *decision,
                             const struct environment *environment, struct facts *out)
{
    if (decision->orchestrator[0] == '\0' && environment->problem.text[0] != '\0')
        (void)facts_put_unknown(out, &keys[KEY_ORCHESTRATOR], NULL, environment->problem.text);
    else
        put_optional(&keys[KEY_ORCHESTRATOR], decision->orchestrator, out);
}

static struct runtime_evidence gather(const struct target *target,
                                      const struct environment *environment)
{
    const struct witness *witness = &target->witness;
    bool has_uname = witness->answered[WITNESS_UNAME];
    struct runtime_evidence evidence = {
        .mounts = &target->mounts,
        .container = find_variable(target, environment, "container"),
        .has_kubernetes_service =
            find_variable(target, environment, "KUBERNETES_SERVICE_HOST") != NULL,
        .has_dockerenv = exists(target, ".dockerenv"),
        .has_containerenv = exists(target, "run/.containerenv"),
        .kernel_release = has_uname ? witness->uname.release : NULL,
        .kernel_version = has_uname ? witness->uname.version : NULL,
        .is_firecracker = is_firecracker(target),
    };

    read_namespaces(target, &evidence);
    return evidence;
}

/* The kernel and the machine are the same for every process. */
static void put_kernel(const struct target *target, struct facts *out)
{
    const struct witness *witness = &target->witness;

    if (witness->answered[WITNESS_UNAME])
        (void)facts_put_text(out, &keys[KEY_KERNEL], NULL, witness->uname.release);
    else
        (void)facts_put_unknown(out, &keys[KEY_KERNEL], NULL, witness->reason[WITNESS_UNAME]);
    (void)facts_put_text(out, &keys[KEY_MACHINE], NULL, machine);
}

static void runtime_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    CLEANUP(mem_free_text) char *cgroup = NULL;
    size_t length = 0;
    struct runtime_decision decision;
    struct error ignored = {0};
    struct environment environment = {0};

    (void)request;
    if (!target->is_self && !procfile_read(target, "environ", &environment.text,
                                           &environment.length, &environment.problem))
        environment.text = NULL;
    struct runtime_evidence evidence = gather(target, &environment);
    if (procfile_read(target, "cgroup", &cgroup, &length, &ignored))
        evidence.cgroup = cgroup;
    runtime_decide(&evidence, &decision);
    put_name(target, &decision, out);
    put_id(target, &decision, out);
    put_orchestrator(&decision, &environment, out);
    put_optional(&keys[KEY_SANDBOX], decision.sandbox, out);
    put_kernel(target, out);
    free(environment.text);
}

const struct probe probe_runtime = {
    .name = "runtime",
    .summary = "engine, container id, orchestrator, sandbox and kernel",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = runtime_observe,
};
