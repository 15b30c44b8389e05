/*
 * Tokens in volumes. See projected.h.
 */
#include "probes/projected.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/entries.h"
#include "probes/mount_kind.h"
#include "probes/procfile.h"
#include "probes/target.h"
#include "probes/token.h"

enum { ENTRIES_MAX = 256, DEPTH_MAX = 4, AUDIENCES_TOLD = 4 };

/* Each token begins so: a header in JSON, in base64url. */
static const char token_start[] = "eyJ";

static const char current[] = "..data";

static void note_token(struct projected_tokens *out, const struct token *token, const char *path)
{
    bool is_first = out->for_server.count == 0;

    if (token->is_for_api_server) {
        strset_add(&out->for_server, path);
        bool is_later = token->expiry < 0 || (out->expiry >= 0 && token->expiry > out->expiry);
        out->expiry = is_first || is_later ? token->expiry : out->expiry;
        return;
    }
    CLEANUP(mem_free_text)
    char *audiences = strset_join_some(&token->audiences, ", ", AUDIENCES_TOLD);
    CLEANUP(mem_free_text) char *text = mem_format("%s for %s", path, audiences);
    strset_add(&out->for_others, text);
}

/* The buffer is wiped: nothing of a token is kept but its audiences. */
static void look_into(struct projected_tokens *out, int fd, const char *path)
{
    char *text = mem_new(TOKEN_MAX + 1, 1);
    struct token token = {0};
    size_t length = 0;
    ssize_t count = 0;

    while (length <= TOKEN_MAX && (count = read(fd, text + length, TOKEN_MAX + 1 - length)) > 0)
        length += (size_t)count;
    if (count < 0)
        (void)error_sys(&out->problem, "cannot read %s", path);
    if (strncmp(text, token_start, sizeof token_start - 1) == 0 &&
        token_read(text, length, &token, NULL) && token.is_service_account)
        note_token(out, &token, path);
    token_free(&token);
    explicit_bzero(text, length);
    free(text);
}

/* In memory nothing answers late; a pipe is not opened. */
static void look_at_file(struct projected_tokens *out, int folder_fd, const char *name,
                         const char *path)
{
    struct stat status;

    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
        return;
    CLEANUP(procfile_close)
    int fd = openat(folder_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        look_into(out, fd, path);
    else if (errno != EACCES && errno != EPERM && errno != ENOENT)
        (void)error_sys(&out->problem, "cannot open %s", path);
}

struct place {
    struct projected_tokens *out;
    int fd;
    const char *path; /* as a program would name it: without ..data */
    size_t depth;
    size_t *entries;      /* of the whole volume */
    const char *obstacle; /* why no directory can be listed, or NULL */
};

static void look_at_folder(const struct place *parent, const char *name, const char *path);

static bool visit(const struct dirent64 *entry, void *context)
{
    const struct place *place = context;
    CLEANUP(mem_free_text) char *path = mem_format("%s/%s", place->path, entry->d_name);

    if (++*place->entries > ENTRIES_MAX)
        return error_set(&place->out->problem, "%s has more files than are looked at", place->path);
    if (entry->d_type == DT_DIR)
        look_at_folder(place, entry->d_name, path);
    else
        look_at_file(place->out, place->fd, entry->d_name, path);
    return true;
}

static void look_at_folder(const struct place *parent, const char *name, const char *path)
{
    struct place place = *parent;

    if (parent->obstacle != NULL) {
        (void)error_set(&place.out->problem, "cannot list %s: %s", path, parent->obstacle);
        return;
    }
    CLEANUP(procfile_close)
    int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    place.fd = fd;
    place.path = path;
    if (fd < 0 && (errno == EACCES || errno == ENOENT))
        return;
    if (++place.depth > DEPTH_MAX)
        (void)error_set(&place.out->problem, "%s is deeper than is looked at", path);
    else if (fd < 0 || !entries_visit(fd, visit, &place))
        (void)error_sys(&place.out->problem, "cannot list %s", path);
}

static void look_at_mount(const struct target *target, const char *point,
                          struct projected_tokens *out)
{
    CLEANUP(mem_free_text) char *data = mem_format("%s/%s", point, current);
    const struct witness *witness = &target->witness;
    bool can_list = witness->answered[WITNESS_GETDENTS];
    const struct place root = {.out = out,
                               .fd = target->root_fd,
                               .path = point,
                               .entries = &(size_t){0},
                               .obstacle = can_list ? NULL : witness->reason[WITNESS_GETDENTS]};
    struct stat status = {0};
    int code = fstatat(target->root_fd, data + 1, &status, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;

    if (code == ENOTDIR)
        look_at_file(out, target->root_fd, point + 1, point);
    else if (code == 0 && S_ISLNK(status.st_mode))
        look_at_folder(&root, data + 1, point);
    else if (code == 0 && (status.st_mode & S_IFMT) == 0)
        (void)error_set(&out->problem, "what stands at %s cannot be told", point);
    else if (code != 0 && code != ENOENT && code != EACCES)
        (void)error_sys(&out->problem, "cannot look at %s", point);
}

static bool may_be_volume(const struct mount_entry *entry)
{
    const char *point = entry->mount_point;

    return mount_kind(entry) == MOUNT_MEMORY && point[0] == '/' && point[1] != '\0' &&
           !path_is_below(point, "/dev") && !path_is_below(point, "/sys") &&
           !path_is_below(point, target_procfs_path);
}

void projected_tokens_find(const struct target *target, struct projected_tokens *out)
{
    const struct mount_table *mounts = &target->mounts;

    *out = (struct projected_tokens){.expiry = -1};
    if (target->mounts_problem.text[0] != '\0')
        (void)error_set(&out->problem, "%s", target->mounts_problem.text);
    for (size_t i = 0; i < mounts->visible_count; i++) {
        if (may_be_volume(mounts->visible[i]))
            look_at_mount(target, mounts->visible[i]->mount_point, out);
    }
}

void projected_tokens_free(struct projected_tokens *tokens)
{
    strset_free(&tokens->for_server);
    strset_free(&tokens->for_others);
}
