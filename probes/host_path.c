/*
 * Host paths among the mounts. See host_path.h.
 */
#include "probes/host_path.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "probes/host_path_pseudo.h"
#include "probes/mount_kind.h"
#include "probes/target.h"

enum { POD_UID_MIN = 32, CONTAINER_ID_MIN = 32 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- paths that engines give their own files ------------------------------------------------ */

static const char *skip_component(const char *path)
{
    return path + strcspn(path, "/");
}

/*
 * What follows "/NAME/" in path, or NULL. The name may be the first component: the engine's folder
 * may be a file system of its own.
 */
static const char *find_below(const char *path, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = strchr(path, '/'); at != NULL; at = strchr(at + 1, '/')) {
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '/')
            return at + length + 2;
    }
    return NULL;
}

/* What follows "/NAME/ID/" in path, where ID has at least min characters of an identifier. */
static const char *find_below_id(const char *path, const char *name, size_t min)
{
    for (const char *at = path; (at = find_below(at, name)) != NULL; at--) {
        size_t length = strspn(at, "0123456789abcdef-");
        if (length >= min && at[length] == '/')
            return at + length + 1;
    }
    return NULL;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Volumes of Docker, Podman and nerdctl: …/volumes/NAME/_data and …/volumes/NAMESPACE/NAME/_data */
static bool is_engine_volume(const char *root)
{
    for (const char *at = root; (at = find_below(at, "volumes")) != NULL; at--) {
        const char *first = skip_component(at);
        const char *second = *first == '\0' ? first : skip_component(first + 1);
        bool is_first = starts_with(first, "/_data") && strchr("/", first[6]) != NULL;
        bool is_second = starts_with(second, "/_data") && strchr("/", second[6]) != NULL;
        if (is_first || is_second)
            return true;
    }
    return false;
}

/* The kubelet's: …/pods/UID/volumes/kubernetes.io~KIND/NAME, …/containers/…, …/etc-hosts */
static bool is_kubelet_path(const char *root)
{
    const char *rest = find_below_id(root, "pods", POD_UID_MIN);

    return rest != NULL && (starts_with(rest, "volumes/kubernetes.io~") ||
                            starts_with(rest, "containers/") || strcmp(rest, "etc-hosts") == 0);
}

/* Docker's …/containers/ID/FILE; Podman's and CRI-O's …/overlay-containers/ID/userdata/FILE */
static bool is_container_file(const char *root)
{
    const char *podman = find_below_id(root, "overlay-containers", CONTAINER_ID_MIN);

    return find_below_id(root, "containers", CONTAINER_ID_MIN) != NULL ||
           (podman != NULL && starts_with(podman, "userdata/"));
}

/* Files that every engine mounts from a file of nearly the same name. */
static bool is_name_file(const struct mount_entry *entry)
{
    static const struct {
        const char *point;
        const char *name;
    } files[] = {
        {"/etc/resolv.conf", "resolv"},
        {"/etc/hosts", "hosts"},
        {"/etc/hosts", "etc-hosts"},
        {"/etc/hostname", "hostname"},
    };
    const char *slash = strrchr(entry->root, '/');

    for (size_t i = 0; i < COUNT(files) && slash != NULL; i++) {
        if (strcmp(entry->mount_point, files[i].point) == 0 &&
            starts_with(slash + 1, files[i].name))
            return true;
    }
    return false;
}

/* The small first process of `run --init`, which the engine brings along. */
static bool is_init_program(const struct mount_entry *entry)
{
    static const char *const points[] = {"/sbin/docker-init", "/dev/init", "/run/podman-init",
                                         "/catatonit"};

    for (size_t i = 0; i < COUNT(points); i++) {
        if (strcmp(entry->mount_point, points[i]) == 0)
            return mount_has_option(entry, "ro");
    }
    return false;
}

static bool is_engine_file(const struct mount_entry *entry)
{
    return is_name_file(entry) || is_kubelet_path(entry->root) || is_container_file(entry->root);
}

static bool is_secret(const char *point)
{
    static const char *const folders[] = {"/run/secrets/", "/var/run/secrets/"};

    for (size_t i = 0; i < COUNT(folders); i++) {
        if (starts_with(point, folders[i]))
            return strchr(point + strlen(folders[i]), '/') == NULL;
    }
    return false;
}

/*
 * gVisor shows all that is passed in from outside as a whole 9p, and names no source: what engines
 * mount is told by the place, and by what it holds.
 */
static enum host_path_kind gvisor_kind(const struct mount_entry *entry)
{
    static const struct {
        const char *point;
        enum host_path_kind kind;
    } places[] = {
        {"/dev/shm", HOST_PATH_MEMORY},
        {"/dev/termination-log", HOST_PATH_SECRET},
        {"/etc/hostname", HOST_PATH_SECRET},
        {"/etc/hosts", HOST_PATH_SECRET},
        {"/etc/resolv.conf", HOST_PATH_SECRET},
        {"/run/.containerenv", HOST_PATH_SECRET},
        {"/run/secrets/kubernetes.io/serviceaccount", HOST_PATH_MEMORY},
        {"/var/run/secrets/kubernetes.io/serviceaccount", HOST_PATH_MEMORY},
    };

    for (size_t i = 0; i < COUNT(places); i++) {
        if (strcmp(entry->mount_point, places[i].point) == 0)
            return places[i].kind;
    }
    if (is_init_program(entry))
        return HOST_PATH_NONE;
    return is_secret(entry->mount_point) ? HOST_PATH_SECRET : HOST_PATH_UNTOLD;
}

/* --- devices -------------------------------------------------------------------------------- */

static int compare_devices(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static bool has_device(const uint64_t *devices, size_t count, const struct mount_entry *entry)
{
    uint64_t device = mount_device(entry);

    return count > 0 && bsearch(&device, devices, count, sizeof *devices, compare_devices) != NULL;
}

static void sort_devices(uint64_t *devices, size_t count)
{
    if (count > 0)
        sort(devices, count, sizeof *devices, compare_devices);
}

void host_paths_survey(const struct mount_table *table, struct host_paths *out)
{
    *out = (struct host_paths){.manager = mount_table_manager(table)};
    for (size_t i = 0; i < table->count; i++) {
        const struct mount_entry *entry = &table->entries[i];
        if (is_engine_file(entry)) {
            out->engine_devices = mem_grow(out->engine_devices, out->engine_count,
                                           &out->engine_capacity, sizeof *out->engine_devices);
            out->engine_devices[out->engine_count++] = mount_device(entry);
        }
        if (mount_kind(entry) == MOUNT_MEMORY && mount_is_whole(entry)) {
            out->memory_devices = mem_grow(out->memory_devices, out->memory_count,
                                           &out->memory_capacity, sizeof *out->memory_devices);
            out->memory_devices[out->memory_count++] = mount_device(entry);
        }
        if (strcmp(entry->mount_point, target_procfs_path) == 0 && mount_is_whole(entry))
            out->proc_device = mount_device(entry);
        if (strcmp(entry->type, "sysfs") == 0 && mount_is_whole(entry) &&
            strcmp(entry->mount_point, host_path_pseudo_place(entry)) == 0)
            out->sys_device = mount_device(entry);
        out->is_kubernetes |= is_kubelet_path(entry->root);
    }
    sort_devices(out->engine_devices, out->engine_count);
    sort_devices(out->memory_devices, out->memory_count);
}

void host_paths_free(struct host_paths *paths)
{
    free(paths->engine_devices);
    free(paths->memory_devices);
    *paths = (struct host_paths){0};
}

/* --- kinds ---------------------------------------------------------------------------------- */

enum host_path_kind host_path_part_or_whole(const struct mount_entry *entry)
{
    return mount_is_whole(entry) ? HOST_PATH_WHOLE : HOST_PATH_PART;
}

/*
 * A part of a tmpfs: a mask from the container's own /dev, or a path of the host's /run. The
 * kubelet mounts the tmpfs of its volumes without a mode; a host's /run has one (systemd: 0755).
 */
static enum host_path_kind memory_kind(const struct host_paths *paths,
                                       const struct mount_entry *entry)
{
    if (mount_is_whole(entry))
        return HOST_PATH_MEMORY;
    if (has_device(paths->memory_devices, paths->memory_count, entry))
        return HOST_PATH_NONE;
    bool has_mode = strstr(entry->super_options, "mode=") != NULL;
    return paths->is_kubernetes && !has_mode ? HOST_PATH_NONE : HOST_PATH_PART;
}

/* Whether the path of length bytes is one of the layers that engines keep; those may be relative.
 */
static bool is_layer(const char *path, size_t length)
{
    static const char *const folders[] = {"/overlay2/", "/overlay/", "/overlay-images/",
                                          "/snapshots/", "/_data"};

    for (size_t i = 0; i < COUNT(folders); i++) {
        if (memmem(path, length, folders[i], strlen(folders[i])) != NULL)
            return true;
    }
    return length == 0 || path[0] != '/';
}

/*
 * The first lower directory that is no layer of an engine's, a path of *length bytes, or NULL.
 * "lowerdir=A:B", or, where it was mounted by fsconfig(2), "lowerdir+=A,lowerdir+=B".
 */
static const char *foreign_lower(const struct mount_entry *entry, size_t *length)
{
    static const char option[] = "lowerdir";
    const char *at = entry->super_options;

    while ((at = strstr(at, option)) != NULL) {
        at += strlen(option);
        at += strspn(at, "+=");
        for (;;) {
            *length = strcspn(at, ":,");
            if (!is_layer(at, *length))
                return at;
            at += *length;
            if (*at != ':')
                break;
            at++;
        }
    }
    return NULL;
}

static enum host_path_kind overlay_kind(const struct mount_entry *entry)
{
    size_t length = 0;

    if (foreign_lower(entry, &length) != NULL)
        return HOST_PATH_LOWER;
    /* An image that is mounted as a volume looks like a host, but nobody can write to it. */
    return strstr(entry->super_options, "upperdir=") == NULL ? HOST_PATH_NONE : HOST_PATH_VOLUME;
}

static enum host_path_kind files_kind(const struct host_paths *paths,
                                      const struct mount_entry *entry, enum mount_kind kind)
{
    if (strcmp(entry->type, "overlay") == 0 && mount_is_whole(entry))
        return overlay_kind(entry);
    if (kind == MOUNT_NETWORK && mount_is_whole(entry))
        return HOST_PATH_NONE;
    if (kind == MOUNT_SHARED && mount_is_whole(entry))
        return HOST_PATH_VOLUME;
    if (paths->is_kubernetes && !has_device(paths->engine_devices, paths->engine_count, entry))
        return HOST_PATH_VOLUME;
    return host_path_part_or_whole(entry);
}

enum host_path_kind host_path_kind(const struct host_paths *paths, const struct mount_entry *entry)
{
    enum mount_kind kind = mount_kind(entry);

    /* A container's root may itself be a folder of the host; Kata's are all passed through. */
    if (strcmp(entry->mount_point, "/") == 0 || mount_is_kata(entry) ||
        strcmp(entry->type, "fuse.lxcfs") == 0 || manager_makes_mount(paths->manager, entry))
        return HOST_PATH_NONE;
    if (paths->is_gvisor && mount_is_whole(entry) && strcmp(entry->type, "9p") == 0)
        return gvisor_kind(entry);
    if (!mount_is_whole(entry) &&
        (is_engine_file(entry) || is_engine_volume(entry->root) || is_init_program(entry)))
        return HOST_PATH_NONE;
    if (!mount_is_whole(entry) && is_secret(entry->mount_point))
        return HOST_PATH_SECRET;
    if (kind == MOUNT_PSEUDO)
        return host_path_pseudo_kind(paths, entry);
    if (kind == MOUNT_MEMORY)
        return memory_kind(paths, entry);
    return files_kind(paths, entry, kind);
}

char *host_path_source(enum host_path_kind kind, const struct mount_entry *entry)
{
    size_t length = 0;

    if (kind == HOST_PATH_LOWER) {
        const char *lower = foreign_lower(entry, &length);
        return lower == NULL ? mem_copy("overlay") : mem_copy_n(lower, length);
    }
    if (!mount_is_whole(entry))
        return mem_format("%s%s", host_path_pseudo_place(entry), entry->root);
    return mem_copy(entry->source[0] == '/' ? entry->source : entry->type);
}
