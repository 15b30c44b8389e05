/*
 * Secrets that the process was given: names of variables that look like one, and tokens of
 * Kubernetes service accounts. Values never leave this file: no fact, message or detail holds one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "probes/mount_kind.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/projected.h"
#include "probes/secret_name.h"
#include "probes/target.h"
#include "probes/token.h"

enum { KEY_ENVIRONMENT, KEY_TOKEN, KEY_EXPIRY, KEY_PATHS, KEY_COUNT, PATHS_TOLD = 6 };

static const char usual_path[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/* The same below the root's descriptor: without the leading slash. */
static const char *const token_path = usual_path + 1;
static const size_t var_length = sizeof "/var" - 1;

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_ENVIRONMENT] = {.name = "secret.environment",
                         .type = VALUE_SET,
                         .summary = "names of variables that look like secrets; never a value"},
    [KEY_TOKEN] = {.name = "secret.service_account_token",
                   .type = VALUE_BOOL,
                   .summary = "a Kubernetes service account's token can be read that the "
                              "cluster's API server would take"},
    [KEY_EXPIRY] = {.name = "secret.service_account_expiry",
                    .type = VALUE_TEXT,
                    .summary = "until when that token is good (UTC), or never"},
    [KEY_PATHS] = {.name = "secret.service_account_paths",
                   .type = VALUE_SET,
                   .summary = "where such tokens lie; those for others, as of workload "
                              "identity, are the detail"},
};

/*
 * A value that begins as a path does is one where its first folder exists: a file may come later,
 * but a password has none.
 */
static bool is_path(const struct target *target, const char *value)
{
    struct stat status;

    value += strcspn(value, "/"); /* behind "file:" */
    value += strspn(value, "/");
    CLEANUP(mem_free_text) char *first = mem_copy_n(value, strcspn(value, "/"));
    return target->root_fd < 0 ||
           fstatat(target->root_fd, first, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void observe_environment(const struct target *target, struct facts *out)
{
    struct strset names = {0};
    size_t length = 0;

    if (!target->is_self) {
        (void)facts_put_unknown(out, &keys[KEY_ENVIRONMENT], NULL,
                                "the environment of another process is not looked at");
        return;
    }
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        enum secret_kind kind = secret_name_kind(*entry, &length);
        if (kind == SECRET_NONE || (kind == SECRET_PATH && is_path(target, *entry + length + 1)))
            continue;
        CLEANUP(mem_free_text) char *name = mem_copy_n(*entry, length);
        strset_add(&names, name);
    }
    (void)facts_put_set(out, &keys[KEY_ENVIRONMENT], NULL, &names);
}

/* --- tokens of service accounts ------------------------------------------------------------- */

/* What is found out about the token at its usual place. */
struct usual_token {
    bool is_readable;
    int64_t expiry;         /* -1: never */
    const char *note;       /* why it is not readable though something stands there, or NULL */
    struct error unread;    /* why its expiry cannot be told; "" when it can */
    struct error unsettled; /* why none of this can be told; "" when it can */
};

static void read_usual(int fd, struct usual_token *out)
{
    struct token token = {0};
    char *text = NULL;
    size_t length = 0;

    if (!procfile_read_fd(fd, TOKEN_MAX, &text, &length, &out->unsettled))
        return;
    out->is_readable = true;
    if (token_read(text, length, &token, &out->unread))
        out->expiry = token.expiry;
    token_free(&token);
    explicit_bzero(text, length);
    free(text);
}

/* O_NONBLOCK: what stands there may be a pipe that nobody writes to. */
static void look_at_usual(const struct target *target, struct usual_token *out)
{
    struct stat status;
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, token_path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return;
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        out->note = "it is there, but this process may not read it";
    else if (fd < 0 || fstat(fd, &status) < 0)
        (void)error_sys(&out->unsettled, "it cannot be looked at");
    else if (!S_ISREG(status.st_mode))
        out->note = "what stands there is no file";
    else
        read_usual(fd, out);
}

static void put_expiry(int64_t expiry, struct facts *out)
{
    char words[DATE_TIME_MAX] = "never";

    if (expiry >= 0)
        date_time_format(expiry, words);
    (void)facts_put_text(out, &keys[KEY_EXPIRY], NULL, words);
}

static void put_token(const struct usual_token *usual, const struct projected_tokens *tokens,
                      struct facts *out)
{
    const struct fact_key *key = &keys[KEY_TOKEN];
    bool is_found = usual->is_readable || tokens->for_server.count > 0;
    const char *unsettled =
        usual->unsettled.text[0] != '\0' ? usual->unsettled.text : tokens->problem.text;

    /* What was found stands, whatever else could not be seen. */
    if (!is_found && unsettled[0] != '\0') {
        (void)facts_put_unknown(out, key, NULL, unsettled);
        return;
    }
    struct fact *fact = facts_put_bool(out, key, NULL, is_found);
    CLEANUP(mem_free_text)
    char *paths = strset_join_some(&tokens->for_server, ", ", PATHS_TOLD);
    if (!usual->is_readable && is_found)
        fact_set_detail(fact, paths);
    else if (!is_found && usual->note != NULL)
        fact_set_detail(fact, usual->note);
}

static void put_until(const struct usual_token *usual, const struct projected_tokens *tokens,
                      struct facts *out)
{
    const struct fact_key *key = &keys[KEY_EXPIRY];

    if (usual->unsettled.text[0] != '\0')
        (void)facts_put_unknown(out, key, NULL, usual->unsettled.text);
    else if (usual->is_readable && usual->unread.text[0] != '\0')
        (void)facts_put_unknown(out, key, NULL, usual->unread.text);
    else if (usual->is_readable)
        put_expiry(usual->expiry, out);
    else if (tokens->for_server.count > 0)
        put_expiry(tokens->expiry, out);
    else
        (void)facts_put_absent(out, key, NULL);
}

/* /var/run is /run in most images, and that is what the table of mounts calls it then. */
static const char *name_usual(const struct mount_table *mounts)
{
    const char *short_path = usual_path + var_length;

    for (size_t i = 0; i < mounts->visible_count; i++) {
        const char *point = mounts->visible[i]->mount_point;
        if (strcmp(point, "/") != 0 && path_is_below(short_path, point))
            return short_path;
    }
    return usual_path;
}

static void put_paths(const struct usual_token *usual, const struct mount_table *mounts,
                      struct projected_tokens *tokens, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_PATHS];
    const char *unsettled =
        usual->unsettled.text[0] != '\0' ? usual->unsettled.text : tokens->problem.text;
    CLEANUP(mem_free_text)
    char *others = strset_join_some(&tokens->for_others, "; ", PATHS_TOLD);

    if (usual->is_readable)
        strset_add(&tokens->for_server, name_usual(mounts));
    /* What was found stands, whatever else could not be seen. */
    if (tokens->for_server.count == 0 && unsettled[0] != '\0') {
        (void)facts_put_unknown(out, key, NULL, unsettled);
        return;
    }
    struct fact *fact = facts_put_set(out, key, NULL, &tokens->for_server);
    if (others[0] != '\0')
        fact_set_detail(fact, others);
}

static void observe_tokens(const struct target *target, struct facts *out)
{
    struct usual_token usual = {.expiry = -1};
    CLEANUP(projected_tokens_free) struct projected_tokens tokens;

    look_at_usual(target, &usual);
    projected_tokens_find(target, &tokens);
    put_token(&usual, &tokens, out);
    put_until(&usual, &tokens, out);
    put_paths(&usual, &target->mounts, &tokens, out);
}

static void put_unknown(const char *reason, struct facts *out)
{
    static const int of_tokens[] = {KEY_TOKEN, KEY_EXPIRY, KEY_PATHS};

    for (size_t i = 0; i < sizeof of_tokens / sizeof of_tokens[0]; i++)
        (void)facts_put_unknown(out, &keys[of_tokens[i]], NULL, reason);
}

static void secrets_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    (void)request;
    observe_environment(target, out);
    if (!target->is_self)
        put_unknown("what another process may read cannot be asked", out);
    else if (target->root_fd < 0)
        put_unknown("the root directory cannot be opened", out);
    else
        observe_tokens(target, out);
}

const struct probe probe_secrets = {
    .name = "secrets",
    .summary = "names of secrets in the environment, and service accounts' tokens",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = secrets_observe,
};
