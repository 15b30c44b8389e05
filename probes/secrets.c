/*
 * Secrets that the process was given: names of variables that look like one, and the token of a
 * Kubernetes service account. Values never leave this file: no fact, message or detail holds one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/date.h"
#include "agent/core/mem.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/secret_name.h"
#include "probes/target.h"
#include "probes/token.h"

enum { KEY_ENVIRONMENT, KEY_TOKEN, KEY_EXPIRY, KEY_COUNT };

static const char token_path[] = "var/run/secrets/kubernetes.io/serviceaccount/token";

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_ENVIRONMENT] = {.name = "secret.environment",
                         .type = VALUE_SET,
                         .summary = "names of variables that look like secrets; never a value"},
    [KEY_TOKEN] = {.name = "secret.service_account_token",
                   .type = VALUE_BOOL,
                   .summary = "a Kubernetes service account's token can be read"},
    [KEY_EXPIRY] = {.name = "secret.service_account_expiry",
                    .type = VALUE_TEXT,
                    .summary = "until when that token is good (UTC), or never"},
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

static void put_expiry(const char *text, size_t length, struct facts *out)
{
    char words[DATE_TIME_MAX] = "never";
    struct error err = {0};
    int64_t expiry = 0;

    if (!token_expiry(text, length, &expiry, &err)) {
        (void)facts_put_unknown(out, &keys[KEY_EXPIRY], NULL, err.text);
        return;
    }
    if (expiry >= 0)
        date_time_format(expiry, words);
    (void)facts_put_text(out, &keys[KEY_EXPIRY], NULL, words);
}

static void put_absent(const char *detail, struct facts *out)
{
    struct fact *fact = facts_put_bool(out, &keys[KEY_TOKEN], NULL, false);

    if (detail != NULL)
        fact_set_detail(fact, detail);
    (void)facts_put_absent(out, &keys[KEY_EXPIRY], NULL);
}

static void put_unknown(const char *reason, struct facts *out)
{
    (void)facts_put_unknown(out, &keys[KEY_TOKEN], NULL, reason);
    (void)facts_put_unknown(out, &keys[KEY_EXPIRY], NULL, reason);
}

/* O_NONBLOCK: what stands there may be a pipe that nobody writes to. */
static void observe_token(const struct target *target, struct facts *out)
{
    struct stat status;
    char *text = NULL;
    size_t length = 0;
    struct error err = {0};
    CLEANUP(procfile_close)
    int fd = openat(target->root_fd, token_path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        put_absent(NULL, out);
    } else if (fd < 0 && (errno == EACCES || errno == EPERM)) {
        put_absent("it is there, but this process may not read it", out);
    } else if (fd < 0 || fstat(fd, &status) < 0) {
        put_unknown(strerror(errno), out);
    } else if (!S_ISREG(status.st_mode)) {
        put_absent("what stands there is no file", out);
    } else if (!procfile_read_fd(fd, TOKEN_MAX, &text, &length, &err)) {
        put_unknown(err.text, out);
    } else {
        (void)facts_put_bool(out, &keys[KEY_TOKEN], NULL, true);
        put_expiry(text, length, out);
        explicit_bzero(text, length);
        free(text);
    }
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
        observe_token(target, out);
}

const struct probe probe_secrets = {
    .name = "secrets",
    .summary = "names of secrets in the environment, and the service account's token",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = secrets_observe,
};
