/*
 * Which engine made a container, replayed from what real ones print.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/runtime_evidence.h"
#include "tests/unit/fixture.h"

#define DOCKER_ID "3c5f1d2e4a6b7c8d9e0f3c5f1d2e4a6b7c8d9e0f3c5f1d2e4a6b7c8d9e0f1234"
#define PODMAN_ID "9a8b7c6d5e4f9a8b7c6d5e4f9a8b7c6d5e4f9a8b7c6d5e4f9a8b7c6d5e4f1234"
#define CRIO_ID "1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef"
#define KUBERNETES_ID "77aa66bb55cc44dd77aa66bb55cc44dd77aa66bb55cc44dd77aa66bb55cc4401"

static const struct {
    const char *mounts; /* fixtures, or NULL */
    const char *cgroup;
    const char *container;
    const char *version;
    bool is_isolated;
    bool has_dockerenv;
    const char *name, *id, *orchestrator, *sandbox;
} machines[] = {
    {"docker", "docker-v1", NULL, NULL, true, true, "docker", DOCKER_ID, "", ""},
    {"docker", "docker-v2", NULL, NULL, true, false, "docker", DOCKER_ID, "", ""},
    {"docker", "private-v2", NULL, NULL, true, false, "docker", DOCKER_ID, "", ""},
    {NULL, "docker-v2", NULL, NULL, false, false, "docker", DOCKER_ID, "", ""},
    {NULL, "private-v2", NULL, NULL, true, true, "docker", "", "", ""},
    {"podman", "private-v2", "podman", NULL, true, false, "podman", PODMAN_ID, "", ""},
    {NULL, "podman-v2", NULL, NULL, true, false, "podman", PODMAN_ID, "", ""},
    {"containerd-kubernetes", "private-v2", NULL, NULL, true, false, "containerd", "", "kubernetes",
     ""},
    {"containerd-kubernetes", "containerd-kubernetes-v2", NULL, NULL, true, false, "containerd",
     KUBERNETES_ID, "kubernetes", ""},
    {"containerd-kubernetes", "kubernetes-v1", NULL, NULL, true, false, "containerd", KUBERNETES_ID,
     "kubernetes", ""},
    {"crio-kubernetes", "private-v2", NULL, NULL, true, false, "cri-o", CRIO_ID, "kubernetes", ""},
    {NULL, "crio-v2", NULL, NULL, true, false, "cri-o", CRIO_ID, "kubernetes", ""},
    {"lxc", "private-v2", "lxc", NULL, true, false, "lxc", "", "", ""},
    {"lxc", "private-v2", NULL, NULL, true, false, "lxc", "", "", ""},
    {"lxc-lxcfs", "private-v2", NULL, NULL, true, false, "lxc", "", "", ""},
    {"lxc-unprivileged", "private-v2", NULL, NULL, true, false, "lxc", "", "", ""},
    {"nspawn", "private-v2", NULL, NULL, true, false, "systemd-nspawn", "web", "", ""},
    {"bubblewrap", "private-v2", NULL, NULL, true, false, "", "", "", ""},
    {NULL, "lxc", NULL, NULL, true, false, "lxc", "web", "", ""},
    {NULL, "nspawn", NULL, NULL, true, false, "systemd-nspawn", "", "", ""},
    {NULL, "private-v2", "systemd-nspawn", NULL, true, false, "systemd-nspawn", "", "", ""},
    {"gvisor", "private-v2", NULL, "#1 SMP Sun Jan 10 15:06:54 PST 2016", true, false, "", "", "",
     "gvisor"},
    {"kata", "private-v2", NULL, NULL, true, false, "", "", "", "kata"},
    {"host", "host", NULL, NULL, false, false, "none", "", "", ""},
    {"host", "host", "lxc", NULL, false, true, "none", "", "", ""},
    {NULL, "private-v2", NULL, NULL, true, false, "", "", "", ""},
};

static char *read_of(const char *folder, const char *name, size_t *length)
{
    char path[64];

    if (name == NULL)
        return NULL;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return fixture_read(path, length);
}

Test(runtime, each_machine_is_told)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        struct mount_table mounts = {0};
        struct runtime_decision decision;
        size_t length = 0;
        char *text = read_of("mountinfo", machines[i].mounts, &length);
        if (text != NULL)
            cr_assert(mount_table_parse(text, length, &mounts, NULL));
        char *cgroup = read_of("cgroup", machines[i].cgroup, &length);
        struct runtime_evidence evidence = {
            .mounts = &mounts,
            .cgroup = cgroup,
            .container = machines[i].container,
            .kernel_version = machines[i].version,
            .has_dockerenv = machines[i].has_dockerenv,
            .has_namespaces = true,
            .is_isolated = machines[i].is_isolated,
        };
        runtime_decide(&evidence, &decision);
        cr_expect_str_eq(decision.name, machines[i].name, "%zu: %s", i, decision.name);
        cr_expect_str_eq(decision.id, machines[i].id, "%zu: %s", i, decision.id);
        cr_expect_str_eq(decision.orchestrator, machines[i].orchestrator, "%zu", i);
        cr_expect_str_eq(decision.sandbox, machines[i].sandbox, "%zu", i);
        cr_expect_eq(decision.is_container, strcmp(machines[i].name, "none") != 0, "%zu", i);
        free(cgroup);
        mount_table_free(&mounts);
    }
}

Test(runtime, a_host_whose_namespaces_cannot_be_seen_is_not_called_none)
{
    struct runtime_evidence evidence = {.cgroup = "0::/\n"};
    struct runtime_decision decision;

    runtime_decide(&evidence, &decision);
    cr_expect_str_empty(decision.name);
    cr_expect_not(decision.is_container);
}

Test(runtime, a_name_alone_makes_no_kata)
{
    static const struct {
        const char *type;
        bool is_kata;
    } rows[] = {{"virtiofs", true}, {"9p", true}, {"tmpfs", false}, {"ext4", false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = mem_format("50 40 0:30 / /q rw - %s kataShared rw\n", rows[i].type);
        struct mount_table mounts = {0};
        struct runtime_decision decision;
        cr_assert(mount_table_parse(text, strlen(text), &mounts, NULL));
        struct runtime_evidence evidence = {.mounts = &mounts, .has_namespaces = true};
        runtime_decide(&evidence, &decision);
        cr_expect_str_eq(decision.sandbox, rows[i].is_kata ? "kata" : "", "%s", rows[i].type);
        mount_table_free(&mounts);
    }
}

Test(runtime, a_path_that_only_looks_like_an_id_is_not_one)
{
    struct runtime_evidence evidence = {.cgroup = "0::/docker/buildx\n1:cpu:/docker-compose\n",
                                        .has_namespaces = true};
    struct runtime_decision decision;

    runtime_decide(&evidence, &decision);
    cr_expect_str_eq(decision.name, "none");
    cr_expect_str_empty(decision.id);
}
