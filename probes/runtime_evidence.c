/*
 * Which engine made a container. See runtime_evidence.h.
 *
 * What the kernel tells (the control groups, the mount table) counts more than files and variables,
 * which an image can plant. On cgroup v2 the path is often just "/", so that the mounts of
 * /etc/hostname and the like, which every engine binds from a folder of its own, matter most.
 */
#include "probes/runtime_evidence.h"

#include <stdio.h>
#include <string.h>

#include "probes/digits.h"
#include "probes/manager.h"
#include "probes/mount_kind.h"
#include "probes/sandbox_kernel.h"

enum { ID_MIN = 32, ID_MAX = 64 };

struct marker {
    const char *text; /* found in a path */
    const char *name; /* the engine that it is a sign of; NULL: of the id only */
    const char *evidence;
    bool has_id; /* the container's id follows */
};

static const struct marker cgroup_markers[] = {
    {"docker-", "docker", "its control group", true},
    {"/docker/", "docker", "its control group", true},
    {"cri-containerd-", "containerd", "its control group", true},
    {"cri-containerd:", "containerd", "its control group", true},
    {"nerdctl-", "containerd", "its control group", true},
    {"crio-", "cri-o", "its control group", true},
    {"libpod-", "podman", "its control group", true},
    {"/lxc.payload.", "lxc", "its control group", false},
    {"/lxc.payload/", "lxc", "its control group", false},
    {"/lxc/", "lxc", "its control group", false},
    {"systemd-nspawn@", "systemd-nspawn", "its control group", false},
};

/* In the source path of a bind, or in the options of the root overlay. */
static const struct marker mount_markers[] = {
    {"/docker/containers/", "docker", "the source of a mount", true},
    {"/overlay-containers/", "podman", "the source of a mount", true},
    {"/io.containerd.grpc.v1.cri/", "containerd", "the source of a mount", false},
    {"/nerdctl/", "containerd", "the source of a mount", false},
    {"/docker/overlay2/", "docker", "the root overlay's folders", false},
    {"/io.containerd.snapshotter.v1.", "containerd", "the root overlay's folders", false},
    {"/containers/storage/overlay", "podman", "the root overlay's folders", false},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void set_text(char out[static RUNTIME_TEXT_MAX], const char *text)
{
    if (out[0] == '\0')
        (void)snprintf(out, RUNTIME_TEXT_MAX, "%s", text);
}

/* Copies the id that text begins with, if there is one: 32 to 64 hexadecimal digits. */
static bool take_id(const char *text, char out[static RUNTIME_TEXT_MAX])
{
    size_t length = strspn(text, "0123456789abcdef");

    if (length < ID_MIN || length > ID_MAX)
        return false;
    if (out[0] == '\0')
        (void)snprintf(out, RUNTIME_TEXT_MAX, "%.*s", (int)length, text);
    return true;
}

/* A container's name follows LXC's folder; it ends with the component. */
static void take_lxc_name(const char *text, char out[static RUNTIME_TEXT_MAX])
{
    size_t length = strcspn(text, "/\n");

    if (out[0] == '\0' && length > 0 && length < RUNTIME_TEXT_MAX)
        (void)snprintf(out, RUNTIME_TEXT_MAX, "%.*s", (int)length, text);
}

/* Whether a marker of the table speaks from this path. What it says is put into out. */
static bool match_markers(const char *path, const struct marker *markers, size_t count,
                          struct runtime_decision *out)
{
    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(path, markers[i].text);
        if (found == NULL)
            continue;
        const char *rest = found + strlen(markers[i].text);
        if (markers[i].has_id && !take_id(rest, out->id))
            continue;
        if (strcmp(markers[i].name, "lxc") == 0)
            take_lxc_name(rest, out->id);
        set_text(out->name, markers[i].name);
        set_text(out->name_evidence, markers[i].evidence);
        return true;
    }
    return false;
}

/* Kubernetes' plain cgroupfs paths end in the id: /kubepods/burstable/podUID/ID. */
static void take_kubepods(const char *line, struct runtime_decision *out)
{
    const char *last = strrchr(line, '/');

    if (strstr(line, "kubepods") == NULL)
        return;
    set_text(out->orchestrator, "kubernetes");
    if (last != NULL)
        (void)take_id(last + 1, out->id);
}

static void read_cgroup(const char *cgroup, struct runtime_decision *out)
{
    struct span rest = {.at = cgroup, .end = cgroup + strlen(cgroup)};
    struct span line;
    char path[4096];

    while (span_line(&rest, &line)) {
        (void)snprintf(path, sizeof path, "%.*s", (int)(line.end - line.at), line.at);
        (void)match_markers(path, cgroup_markers, COUNT(cgroup_markers), out);
        take_kubepods(path, out);
    }
}

static bool is_engine_file(const char *point)
{
    return strcmp(point, "/etc/hostname") == 0 || strcmp(point, "/etc/hosts") == 0 ||
           strcmp(point, "/etc/resolv.conf") == 0 || strcmp(point, "/run/.containerenv") == 0;
}

static void read_mount(const struct mount_entry *mount, struct runtime_decision *out)
{
    if (is_engine_file(mount->mount_point))
        (void)match_markers(mount->root, mount_markers, COUNT(mount_markers), out);
    if (strcmp(mount->mount_point, "/") == 0 && strcmp(mount->type, "overlay") == 0)
        (void)match_markers(mount->super_options, mount_markers, COUNT(mount_markers), out);
    if (strstr(mount->root, "/kubelet/pods/") != NULL ||
        strstr(mount->mount_point, "/secrets/kubernetes.io/") != NULL)
        set_text(out->orchestrator, "kubernetes");
    if (strcmp(mount->type, "fuse.lxcfs") == 0) {
        set_text(out->name, "lxc");
        set_text(out->name_evidence, "the file system lxcfs");
    }
    if (mount_is_kata(mount))
        set_text(out->sandbox, "kata");
}

static void read_manager(const struct mount_table *mounts, struct runtime_decision *out)
{
    enum manager manager = mount_table_manager(mounts);

    if (manager == MANAGER_NONE)
        return;
    set_text(out->name, manager_name(manager));
    set_text(out->name_evidence, "mounts that only it makes");
    for (size_t i = 0; i < mounts->count; i++) {
        const char *name = manager_nspawn_name(&mounts->entries[i]);
        if (name != NULL && strcmp(out->name, manager_name(MANAGER_NSPAWN)) == 0)
            set_text(out->id, name);
    }
}

/* Podman and CRI-O keep containers in the same folders; only CRI-O works for a kubelet. */
static void tell_crio_from_podman(struct runtime_decision *out)
{
    if (strcmp(out->name, "podman") == 0 && strcmp(out->orchestrator, "kubernetes") == 0)
        (void)snprintf(out->name, RUNTIME_TEXT_MAX, "cri-o");
}

static void read_kernel(const struct runtime_evidence *evidence, struct runtime_decision *out)
{
    if (sandbox_kernel_is_gvisor(evidence->kernel_release, evidence->kernel_version))
        set_text(out->sandbox, "gvisor");
    if (evidence->is_firecracker)
        set_text(out->sandbox, "firecracker");
}

/* The variable `container` (systemd's container interface) and the files that engines leave. */
static void read_hints(const struct runtime_evidence *evidence, struct runtime_decision *out)
{
    static const char *const known[] = {"docker", "podman", "lxc", "systemd-nspawn"};

    for (size_t i = 0; i < COUNT(known) && evidence->container != NULL; i++) {
        if (strcmp(evidence->container, known[i]) != 0)
            continue;
        set_text(out->name, known[i]);
        set_text(out->name_evidence, "the environment variable container");
    }
    if (evidence->has_dockerenv) {
        set_text(out->name, "docker");
        set_text(out->name_evidence, "the file /.dockerenv");
    }
    if (evidence->has_containerenv) {
        set_text(out->name, "podman");
        set_text(out->name_evidence, "the file /run/.containerenv");
    }
    if (evidence->has_kubernetes_service)
        set_text(out->orchestrator, "kubernetes");
}

void runtime_decide(const struct runtime_evidence *evidence, struct runtime_decision *out)
{
    *out = (struct runtime_decision){0};
    if (evidence->cgroup != NULL)
        read_cgroup(evidence->cgroup, out);
    for (size_t i = 0; evidence->mounts != NULL && i < evidence->mounts->count; i++)
        read_mount(&evidence->mounts->entries[i], out);
    if (evidence->mounts != NULL)
        read_manager(evidence->mounts, out);
    tell_crio_from_podman(out);
    read_kernel(evidence, out);
    /* Files and variables prove nothing in the host's own namespaces: they outlive their engine. */
    if (evidence->is_isolated || !evidence->has_namespaces)
        read_hints(evidence, out);
    out->is_container = out->name[0] != '\0' || out->orchestrator[0] != '\0' ||
                        evidence->is_isolated || strcmp(out->sandbox, "gvisor") == 0 ||
                        strcmp(out->sandbox, "kata") == 0;
    if (out->is_container || !evidence->has_namespaces)
        return;
    set_text(out->name, "none");
    set_text(out->name_evidence, "the PID, IPC and UTS namespaces are the initial ones");
}
