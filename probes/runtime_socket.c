/*
 * Names of the sockets of engines. See runtime_socket.h.
 */
#include "probes/runtime_socket.h"

#include <string.h>

/* The defaults of dockerd, containerd, k3s, CRI-O, Podman, cri-dockerd, dockershim, buildkitd. */
static const char *const sockets[] = {
    "docker.sock",
    "docker/containerd/containerd.sock",
    "containerd/containerd.sock",
    "k3s/containerd/containerd.sock",
    "crio/crio.sock",
    "podman/podman.sock",
    "podman/io.podman",
    "cri-dockerd.sock",
    "dockershim.sock",
    "buildkit/buildkitd.sock",
};

const char *runtime_socket_at(size_t index)
{
    return index < sizeof sockets / sizeof sockets[0] ? sockets[index] : NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

bool runtime_socket_is_named(const struct mount_entry *entry)
{
    const char *here = base_name(entry->mount_point);
    const char *there = base_name(entry->root);

    for (size_t i = 0; runtime_socket_at(i) != NULL; i++) {
        const char *name = base_name(runtime_socket_at(i));
        if (strcmp(here, name) == 0 || strcmp(there, name) == 0)
            return true;
    }
    return false;
}
