/*
 * Sockets of container engines that the process could reach, found without connecting to any: by
 * file type at the usual paths, among what is mounted, and by name in the table of abstract ones.
 * Whether the socket would let this process in is not tried: connecting would be noticed.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/mount_kind.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/runtime_socket.h"
#include "probes/target.h"
#include "probes/unix_table.h"

enum {
    FOLDERS_MAX = 1024, /* mounted folders that are searched */
    LISTED_MAX = 64     /* entries of one that are read first */
};

/* containerd before 1.3.9 and 1.4.3 gave its shims abstract sockets. */
static const char shim_prefix[] = "@/containerd-shim/";

static const struct fact_key keys[] = {{
    .name = "socket.runtime",
    .type = VALUE_SET,
    .summary = "sockets of container engines: paths, and \"@\" names of abstract ones",
}};

/* Follows symbolic links, as a client would; asking for the type of a file opens nothing. */
static bool is_socket(int folder_fd, const char *path)
{
    struct stat status;

    return fstatat(folder_fd, path, &status, 0) == 0 && S_ISSOCK(status.st_mode);
}

/* A path below the target's root, without the slash that would lead to the root of the caller. */
static const char *below_root(const char *path)
{
    path += strspn(path, "/");
    return path[0] == '\0' ? "." : path;
}

static int open_folder(const struct target *target, const char *path)
{
    return openat(target->root_fd, below_root(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void add(const char *folder, const char *name, struct strset *found)
{
    CLEANUP(mem_free_text) char *path = mem_format("%s/%s", folder, name);

    strset_add(found, path);
}

/* Sockets at their usual places below a folder that is a /run. */
static void search_run(int folder_fd, const char *folder, struct strset *found)
{
    const char *name = NULL;

    for (size_t i = 0; (name = runtime_socket_at(i)) != NULL; i++) {
        if (is_socket(folder_fd, name))
            add(folder, name, found);
    }
}

/* /var/run is /run on most systems: one socket gets one name. */
static void search_usual_places(const struct target *target, struct strset *found)
{
    struct stat first = {0};
    struct stat second = {0};
    CLEANUP(procfile_close) int run = open_folder(target, "/run");
    CLEANUP(procfile_close) int var_run = open_folder(target, "/var/run");

    if (run >= 0)
        search_run(run, "/run", found);
    if (var_run < 0 || (run >= 0 && fstat(run, &first) == 0 && fstat(var_run, &second) == 0 &&
                        first.st_dev == second.st_dev && first.st_ino == second.st_ino))
        return;
    search_run(var_run, "/var/run", found);
}

/* The rootless engines of this very user. */
static void search_user(const struct target *target, struct strset *found)
{
    static const char *const names[] = {"docker.sock", "podman/podman.sock"};

    if (!target->credentials.known[CREDENTIAL_UIDS])
        return;
    CLEANUP(mem_free_text)
    char *folder = mem_format("/run/user/%u", target->credentials.uid[1]);
    CLEANUP(procfile_close) int fd = open_folder(target, folder);
    for (size_t i = 0; fd >= 0 && i < sizeof names / sizeof names[0]; i++) {
        if (is_socket(fd, names[i]))
            add(folder, names[i], found);
    }
}

struct listing {
    size_t count;
    bool is_worth_searching;
};

/* A part of a path to a socket, or a folder that holds such a path; or there is too much to read.
 */
static bool visit_entry(const struct dirent64 *entry, void *context)
{
    struct listing *listing = context;
    const char *path = NULL;
    size_t length = strlen(entry->d_name);
    bool is_part = strcmp(entry->d_name, "run") == 0;

    for (size_t i = 0; !is_part && (path = runtime_socket_at(i)) != NULL; i++) {
        for (const char *part = path; part != NULL && !is_part; part = strchr(part, '/')) {
            part += part[0] == '/';
            is_part = strncmp(part, entry->d_name, length) == 0 &&
                      (part[length] == '/' || part[length] == '\0');
        }
    }
    listing->is_worth_searching = is_part || ++listing->count >= LISTED_MAX;
    return !listing->is_worth_searching;
}

/* Most mounted folders are small, and a look at what they hold is cheaper than at what may be. */
static bool is_worth_searching(int folder_fd)
{
    struct listing listing = {0};
    CLEANUP(procfile_close)
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    return fd < 0 || !entries_visit(fd, visit_entry, &listing) || listing.is_worth_searching;
}

/* A folder of the host may be mounted anywhere: /run at /host/run, /run/docker at /x, / at /host.
 */
static void search_folder(const struct target *target, int folder_fd, const char *folder,
                          struct strset *found)
{
    const char *name = NULL;

    if (target->witness.answered[WITNESS_GETDENTS] && !is_worth_searching(folder_fd))
        return;
    CLEANUP(mem_free_text) char *below = mem_format("%s/run", folder);
    CLEANUP(procfile_close)
    int run = openat(folder_fd, "run", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (run >= 0)
        search_run(run, below, found);
    for (size_t i = 0; (name = runtime_socket_at(i)) != NULL; i++) {
        for (const char *part = name; part != NULL; part = strchr(part, '/')) {
            part += part[0] == '/';
            if (is_socket(folder_fd, part))
                add(folder, part, found);
        }
    }
}

static bool may_hold_sockets(const struct mount_entry *entry)
{
    return mount_kind(entry) != MOUNT_PSEUDO && strcmp(entry->mount_point, "/") != 0 &&
           !path_is_below(entry->mount_point, target_procfs_path) &&
           !path_is_below(entry->mount_point, "/sys");
}

/* False when there are more mounted folders than are searched. */
static bool search_mounts(const struct target *target, struct strset *found)
{
    size_t count = target->mounts.visible_count;
    size_t folders = 0;
    const struct mount_entry *const *visible = target->mounts.visible;

    for (size_t i = 0; i < count; i++) {
        const char *point = visible[i]->mount_point;
        if (!may_hold_sockets(visible[i]))
            continue;
        if (runtime_socket_is_named(visible[i]) && is_socket(target->root_fd, below_root(point)))
            strset_add(found, point);
        if (folders > FOLDERS_MAX)
            continue;
        CLEANUP(procfile_close) int fd = open_folder(target, point);
        if (fd >= 0 && folders++ < FOLDERS_MAX)
            search_folder(target, fd, point, found);
    }
    return folders <= FOLDERS_MAX;
}

static bool search_abstract(const struct target *target, struct strset *found, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    return procfile_read(target, "net/unix", &text, &length, err) &&
           unix_table_abstract(text, length, shim_prefix, found, err);
}

static void sockets_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    struct strset found = {0};
    struct error problem = {0};

    (void)request;
    if (target->root_fd < 0) {
        target_explain_root(target, &problem);
        (void)facts_put_unknown(out, &keys[0], NULL, problem.text);
        return;
    }
    search_usual_places(target, &found);
    search_user(target, &found);
    if (target->mounts_problem.text[0] != '\0')
        (void)error_set(&problem, "%s", target->mounts_problem.text);
    else if (!search_mounts(target, &found))
        (void)error_set(&problem, "only %d mounted folders were searched", FOLDERS_MAX);
    else
        (void)search_abstract(target, &found, &problem);
    /* What was found stands, whatever else could not be seen. */
    if (found.count == 0 && problem.text[0] != '\0')
        (void)facts_put_unknown(out, &keys[0], NULL, problem.text);
    else
        (void)facts_put_set(out, &keys[0], NULL, &found);
}

const struct probe probe_sockets = {
    .name = "sockets",
    .summary = "sockets of container engines, without connecting",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = sockets_observe,
};
