/*
 * Opening another process. See target.h.
 *
 * Everything is read through one directory of the procfs, opened once, so that two processes which
 * had the same number one after the other cannot be mixed up. The system calls speak of this
 * process only, so that all that is known of the other's credentials is what its status file says.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/id_map.h"
#include "probes/process_stat.h"
#include "probes/procfile.h"
#include "probes/target_parts.h"

/* The other starts with what is known of the procfs. Descriptors and memory are its own. */
static struct target begin(const struct target *self, pid_t pid)
{
    struct target out = {
        .pid = pid,
        .root_fd = -1,
        .procfs_fd = fcntl(self->procfs_fd, F_DUPFD_CLOEXEC, 0),
        .process_fd = -1,
        .witness = self->witness,
        .procfs = self->procfs,
        .procfs_detail = self->procfs_detail,
    };

    out.witness.groups = NULL;
    out.witness.group_count = 0;
    out.witness.answered[WITNESS_GROUPS] = false;
    return out;
}

static bool open_directory(struct target *target, struct error *err)
{
    char name[16];

    (void)snprintf(name, sizeof name, "%d", (int)target->pid);
    target->process_fd = procfile_open(target, target->procfs_fd, name, O_PATH | O_DIRECTORY, err);
    if (target->process_fd >= 0)
        return true;
    if (err->code != ENOENT)
        return false;
    (void)error_set(err, "no process %d is to be seen in this PID namespace", (int)target->pid);
    err->code = ESRCH;
    return false;
}

/* What has ended holds no credentials and no mounts any more. */
static bool check_running(struct target *target, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct process_stat stat;

    if (!procfile_read(target, "stat", &text, &length, err) ||
        !process_stat_parse(text, length, &stat, err))
        return false;
    (void)snprintf(target->name, sizeof target->name, "%s", stat.name);
    if (!process_stat_has_ended(&stat))
        return true;
    (void)error_set(err, "process %d (%s) has ended", (int)target->pid, stat.name);
    err->code = ESRCH;
    return false;
}

/* The link is looked at first: what is mounted over it would be somebody else's directory. */
static void open_root(struct target *target)
{
    struct error err = {0};
    int link = procfile_open(target, target->process_fd, "root", O_PATH | O_NOFOLLOW, &err);

    if (link < 0)
        return;
    (void)close(link);
    target->root_fd = openat(target->process_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* --- ids ------------------------------------------------------------------------------------ */

struct map {
    char *text; /* owned; NULL: it cannot be read */
    size_t length;
};

static struct map read_map(const struct target *target, const char *name)
{
    struct map map = {0};
    struct error ignored = {0};

    if (!procfile_read(target, name, &map.text, &map.length, &ignored))
        map.text = NULL;
    return map;
}

static bool same_map(const struct target *self, const struct target *target, const char *name)
{
    struct map a = read_map(self, name);
    struct map b = read_map(target, name);
    bool is_same = a.text != NULL && b.text != NULL && a.length == b.length &&
                   memcmp(a.text, b.text, a.length) == 0;

    free(a.text);
    free(b.text);
    return is_same;
}

/*
 * The namespaces' links tell, where they may be followed. Otherwise the maps do: a map is shown in
 * the ids of whoever reads it, or, when that is its own namespace, of the one above; so a namespace
 * below this one shows the same lines only where they change no id.
 */
static bool is_same_user_namespace(const struct target *self, const struct target *target)
{
    struct stat a;
    struct stat b;

    if (self->process_fd < 0)
        return false;
    if (fstatat(self->process_fd, "ns/user", &a, 0) == 0 &&
        fstatat(target->process_fd, "ns/user", &b, 0) == 0)
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    return same_map(self, target, "uid_map") && same_map(self, target, "gid_map");
}

static bool translate_all(const struct map *map, uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (map->text == NULL || !id_map_inside(map->text, map->length, ids[i], &ids[i]))
            return false;
    }
    return true;
}

/* An id that is not known is worse than none: 65534 stands for every id that has no number here. */
static void forget(struct credentials *credentials, enum credential what, const char *name)
{
    if (!credentials->known[what])
        return;
    credentials->known[what] = false;
    (void)snprintf(credentials->reason[what], CREDENTIAL_REASON_MAX,
                   "the process is in another user namespace, and its %s, as far as it can be "
                   "read, does not tell what its ids are there",
                   name);
}

static void translate_ids(struct target *target)
{
    struct credentials *credentials = &target->credentials;
    struct map uids = read_map(target, "uid_map");
    struct map gids = read_map(target, "gid_map");
    bool has_uids = translate_all(&uids, credentials->uid, 4);
    bool has_gids = translate_all(&gids, credentials->gid, 4);

    if (!has_uids)
        forget(credentials, CREDENTIAL_UIDS, "uid_map");
    if (!has_gids)
        forget(credentials, CREDENTIAL_GIDS, "gid_map");
    if (!has_uids || !has_gids)
        forget(credentials, CREDENTIAL_FILESYSTEM_IDS, has_uids ? "gid_map" : "uid_map");
    if (!translate_all(&gids, credentials->groups, credentials->group_count))
        forget(credentials, CREDENTIAL_GROUPS, "gid_map");
    free(uids.text);
    free(gids.text);
}

static bool read_status(struct target *target, struct process_status *status, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    if (!procfile_read(target, "status", &text, &length, err)) {
        if (err->code == EXDEV)
            target_settle(target, PROCFS_OVERMOUNTED, "%s", err->text);
        return false;
    }
    if (!process_status_parse(text, length, status, err)) {
        target_settle(target, PROCFS_FAKE, "%s", err->text);
        return false;
    }
    if (status->outer_pid == target->pid)
        return true;
    target_settle(target, PROCFS_FAKE, "the status file of process %d is that of %d",
                  (int)target->pid, (int)status->outer_pid);
    return error_set(err, "%s", target->procfs_detail.text);
}

/* False only for a thread: its process is what is meant. */
static bool read_credentials(struct target *target, struct error *err)
{
    struct process_status status = {0};
    struct error problem = {0};
    bool has_status = read_status(target, &status, &problem);
    pid_t leader = has_status ? status.leader : 0;

    credentials_merge(NULL, has_status ? &status : NULL, problem.text, &target->credentials);
    process_status_free(&status);
    if (!target->has_same_user_namespace)
        translate_ids(target);
    if (leader == 0 || leader == target->pid)
        return true;
    return error_set(err, "%d is a thread of process %d", (int)target->pid, (int)leader);
}

/* --- what else it has in common with this process ------------------------------------------- */

/* Where no security module gives labels, the file is there and cannot be read (EINVAL). */
static bool is_same_label(const struct target *self, const struct target *target)
{
    struct map a = read_map(self, "attr/current");
    struct map b = read_map(target, "attr/current");
    bool is_same = (a.text == NULL) == (b.text == NULL);

    if (a.text != NULL && b.text != NULL)
        is_same = a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
    free(a.text);
    free(b.text);
    return is_same;
}

bool target_open_pid(const struct target *self, pid_t pid, struct target *out, struct error *err)
{
    *out = begin(self, pid);
    if (!open_directory(out, err) || !check_running(out, err))
        return false;
    open_root(out);
    out->has_same_user_namespace = is_same_user_namespace(self, out);
    out->has_same_label = is_same_label(self, out);
    if (!read_credentials(out, err))
        return false;
    target_read_mounts(out);
    target_find_overmounts(out, &self->mounts);
    return true;
}

void target_explain_root(const struct target *target, struct error *err)
{
    (void)error_set(err, "the root directory cannot be opened");
    err->code = EACCES;
    procfile_name_right(target, err);
}

int target_open_path(const struct target *target, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned int)flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    path += strspn(path, "/");
    if (path[0] == '\0')
        path = ".";
    if (target->is_self)
        return openat(target->root_fd, path, flags | O_CLOEXEC);
    if (!target->witness.answered[WITNESS_OPENAT2]) {
        errno = ENOSYS;
        return -1;
    }
    return (int)syscall(SYS_openat2, target->root_fd, path, &how, sizeof how);
}
