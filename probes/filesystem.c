/*
 * Whether this process could create a file below a path (or write to it, where it is no directory).
 *
 * All of it happens in one throw-away child, and no file ever gets a name, so that nothing can be
 * left behind. The kernel's own permission check comes first; where it denies, that is the answer.
 * Where it permits, the attempt is made with O_TMPFILE, which also meets quotas and full disks.
 * Two attempts are deliberately not made: a file with a name, since SIGKILL could leave it behind,
 * and O_TMPFILE on overlayfs, since that copies the directory up into the writable layer.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/permission.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"
#include "probes/throwaway.h"

enum { ERRNO_MAX = 133 };

/* Besides the names of errno(3). */
static const char writable[] = "writable";
static const char missing[] = "missing";

static bool answers_nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    const char *name = NULL;
    char buffer[16];

    if (index > ERRNO_MAX + 1)
        return false;
    if (index == 0)
        name = writable;
    else
        name = index == 1 ? missing : error_name((int)index - 1, buffer);
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", name);
    return true;
}

static bool answers_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    for (size_t i = 0; answers_nth(i, out); i++) {
        if (strcmp(out, word) == 0)
            return true;
    }
    return false;
}

static const struct vocabulary answers = {
    .name = "answer (writable, missing or the name of an errno)",
    .normalize = answers_normalize,
    .nth = answers_nth,
};

static const struct fact_key keys[] = {{
    .name = "filesystem.write",
    .type = VALUE_TEXT,
    .subjects = SUBJECTS_REQUESTED,
    .subject_name = "path",
    .vocabulary = &answers,
    .summary = "writable, missing, or why not: EROFS, EACCES, EPERM, …",
}};

enum method { METHOD_FLAG, METHOD_PERMISSION, METHOD_ATTEMPT };

/* What the child finds out about one path. */
struct attempt {
    int code;          /* 0: writable; else an errno value */
    bool is_unsettled; /* code is about the attempt itself and says nothing of the path */
    enum method method;
    mode_t mode; /* of the path, with its owner */
    uid_t owner;
    gid_t group;
};

struct attempts {
    int root_fd;
    const struct strset *paths;
    struct permission_calls calls;
};

/* Failures of our own resources, not of the path. */
static bool is_own_failure(int code)
{
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EINTR || code == ENOSYS;
}

static int settle(struct attempt *out, int code, enum method method)
{
    out->code = code;
    out->method = method;
    out->is_unsettled = is_own_failure(code);
    return code;
}

/*
 * Expected: a descriptor of a file without a name, which closing destroys; or EACCES, EPERM, EROFS,
 * ENOSPC, EDQUOT. EOPNOTSUPP, EISDIR and ENOENT: there is no O_TMPFILE here (open(2)), and the
 * permission check stands. Harmless: the directory's entries and times do not change.
 */
static void attempt_file(int directory_fd, struct attempt *out)
{
    int fd = openat(directory_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd >= 0) {
        (void)close(fd);
        (void)settle(out, 0, METHOD_ATTEMPT);
    } else if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
        (void)settle(out, errno, METHOD_ATTEMPT);
    }
}

static void attempt_path(const struct attempts *attempts, const char *path, struct attempt *out)
{
    struct statvfs flags;
    struct statfs filesystem;
    struct stat status;
    int fd = openat(attempts->root_fd, path, O_PATH | O_CLOEXEC);

    if (fd < 0) {
        (void)settle(out, errno, METHOD_PERMISSION);
        return;
    }
    if (fstatvfs(fd, &flags) < 0 || fstatfs(fd, &filesystem) < 0 || fstat(fd, &status) < 0) {
        (void)settle(out, errno, METHOD_FLAG);
        out->is_unsettled = true;
        (void)close(fd);
        return;
    }
    out->mode = status.st_mode;
    out->owner = status.st_uid;
    out->group = status.st_gid;
    bool is_directory = S_ISDIR(status.st_mode);
    int mode = is_directory ? W_OK | X_OK : W_OK;
    if ((flags.f_flag & ST_RDONLY) != 0)
        (void)settle(out, EROFS, METHOD_FLAG);
    else if (settle(out, permission_check(&attempts->calls, attempts->root_fd, path, mode),
                    METHOD_PERMISSION) == 0 &&
             is_directory && filesystem.f_type != OVERLAYFS_SUPER_MAGIC)
        attempt_file(fd, out);
    (void)close(fd);
}

static void attempt_step(size_t index, void *shared, const void *context)
{
    const struct attempts *attempts = context;
    const char *path = attempts->paths->items[index];

    /* Below the root's descriptor; "/" itself is that descriptor's own ".". */
    path += strspn(path, "/");
    attempt_path(attempts, path[0] == '\0' ? "." : path, (struct attempt *)shared + index);
}

/* Why the path cannot be written, as far as its owner and mode tell. */
static void add_evidence(const struct target *target, const char *path,
                         const struct attempt *attempt, struct fact *fact)
{
    const struct credentials *credentials = &target->credentials;
    const struct mount_entry *mount = mount_table_find(&target->mounts, path);

    if (attempt->code == 0 && attempt->method == METHOD_PERMISSION)
        fact_set_detail(fact, "by the kernel's permission check");
    if (attempt->code != EACCES || attempt->mode == 0 || !credentials->known[CREDENTIAL_UIDS] ||
        !credentials->known[CREDENTIAL_GIDS])
        return;
    CLEANUP(mem_free_text)
    char *words =
        mem_format("%s%s%smode %04o, owner %u:%u; this process is %u:%u", mount == NULL ? "" : "a ",
                   mount == NULL ? "" : mount->type, mount == NULL ? "" : " is mounted there with ",
                   attempt->mode & 07777U, attempt->owner, attempt->group, credentials->uid[1],
                   credentials->gid[1]);
    fact_set_detail(fact, words);
}

static void put_attempt(const struct target *target, const char *path,
                        const struct attempt *attempt, struct step_result result, struct facts *out)
{
    char words[96];
    char name[16];

    if (result.end != STEP_DONE) {
        (void)facts_put_unknown(out, &keys[0], path, step_words(result, words));
        return;
    }
    if (attempt->is_unsettled) {
        const char *call = attempt->code == ENOSYS ? "faccessat2(2) is not to be had here, and "
                                                     "access(2) would answer for other ids"
                                                   : error_name(attempt->code, name);
        (void)facts_put_unknown(out, &keys[0], path, call);
        return;
    }
    const char *value = attempt->code == 0 ? writable : error_name(attempt->code, name);
    bool is_missing = attempt->code == ENOENT || attempt->code == ENOTDIR;
    struct fact *fact = facts_put_text(out, &keys[0], path, is_missing ? missing : value);
    add_evidence(target, path, attempt, fact);
}

static void filesystem_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    const struct strset *paths = &request->write_paths;
    struct attempts context = {
        .root_fd = target->root_fd,
        .paths = paths,
        .calls = permission_calls_of(target),
    };
    size_t size = (paths->count == 0 ? 1 : paths->count) * sizeof(struct attempt);
    struct step_result *results = mem_new(paths->count, sizeof *results);
    struct attempt *attempts = throwaway_share(size);

    if (attempts == NULL || target->root_fd < 0) {
        (void)facts_put_unknown(out, &keys[0], NULL, "the root directory cannot be opened");
    } else {
        throwaway_run(paths->count, attempt_step, attempts, &context, results);
        for (size_t i = 0; i < paths->count; i++)
            put_attempt(target, paths->items[i], &attempts[i], results[i], out);
    }
    throwaway_unshare(attempts, size);
    free(results);
}

const struct probe probe_filesystem = {
    .name = "filesystem",
    .summary = "whether the policy's paths can be written",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .observe = filesystem_observe,
};
