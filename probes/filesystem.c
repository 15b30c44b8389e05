/*
 * Whether the process could create a file below a path (or write to it, where it is no directory).
 * write_attempt.c finds it out; here it gets its words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/looks.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"
#include "probes/write_attempt.h"

enum { ERRNO_MAX = 133 };

/* Besides the names of errno(3). */
static const char writable[] = "writable";
static const char missing[] = "missing";

/* NULL past the end. */
static const char *answer_name(size_t index, char buffer[static 16])
{
    if (index == 0)
        return writable;
    if (index == 1)
        return missing;
    return index > ERRNO_MAX + 1 ? NULL : error_name((int)index - 1, buffer);
}

static bool answers_nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    char buffer[16];
    const char *name = answer_name(index, buffer);

    if (name != NULL)
        (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", name);
    return name != NULL;
}

static bool answers_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    const char *name = NULL;
    char buffer[16];

    for (size_t i = 0; (name = answer_name(i, buffer)) != NULL; i++) {
        if (strcmp(name, word) == 0)
            return answers_nth(i, out);
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

/* Why the path cannot be written, as far as its owner and mode tell. */
static void add_evidence(const struct target *target, const char *path,
                         const struct write_attempt *attempt, struct fact *fact)
{
    const struct credentials *credentials = &target->credentials;
    const struct mount_entry *mount = mount_table_find(&target->mounts, path);

    if (attempt->code == 0 && attempt->method == WRITE_PERMISSION)
        fact_set_detail(fact, "by the kernel's permission check");
    if (attempt->method == WRITE_MODE)
        fact_set_detail(fact, "by its owner and mode");
    if (attempt->code != EACCES || attempt->mode == 0 || !credentials->known[CREDENTIAL_UIDS] ||
        !credentials->known[CREDENTIAL_GIDS])
        return;
    CLEANUP(mem_free_text)
    char *words =
        mem_format("%s%s%smode %04o, owner %u:%u; %s process is %u:%u", mount == NULL ? "" : "a ",
                   mount == NULL ? "" : mount->type, mount == NULL ? "" : " is mounted there with ",
                   attempt->mode & 07777U, attempt->owner, attempt->group,
                   target->is_self ? "this" : "the", credentials->uid[1], credentials->gid[1]);
    fact_set_detail(fact, words);
}

/* Why an attempt tells nothing; the caller frees it. */
static char *doubt_words(const struct target *target, const struct write_attempt *attempt)
{
    char name[16];

    if (attempt->doubt == WRITE_LABEL)
        return mem_copy("it could be written, but a security module confines the process otherwise "
                        "than watertight");
    if (attempt->doubt == WRITE_CREDENTIALS)
        return mem_format("only a process with its credentials could tell: %s",
                          target->has_same_user_namespace
                              ? "to take them takes CAP_SETUID, CAP_SETGID and its capabilities"
                              : "they are of another user namespace");
    if (attempt->doubt == WRITE_NO_FLAGS)
        return mem_copy(target->witness.reason[WITNESS_FSTATFS]);
    if (attempt->code != ENOSYS)
        return mem_copy(error_name(attempt->code, name));
    return mem_copy(target->is_self ? "faccessat2(2) is not to be had here, and access(2) would "
                                      "answer for other ids"
                                    : "openat2(2) or faccessat2(2) is not to be had here");
}

static void put_attempt(const struct target *target, const char *path,
                        const struct write_attempt *attempt, struct step_result result,
                        struct facts *out)
{
    char words[96];
    char name[16];

    if (result.end != STEP_DONE) {
        (void)facts_put_unknown(out, &keys[0], path, step_words(result, words));
        return;
    }
    if (attempt->doubt != WRITE_SETTLED) {
        CLEANUP(mem_free_text) char *why = doubt_words(target, attempt);
        (void)facts_put_unknown(out, &keys[0], path, why);
        return;
    }
    const char *value = attempt->code == 0 ? writable : error_name(attempt->code, name);
    bool is_missing = attempt->code == ENOENT || attempt->code == ENOTDIR;
    struct fact *fact = facts_put_text(out, &keys[0], path, is_missing ? missing : value);
    add_evidence(target, path, attempt, fact);
}

static bool is_read_only(const struct mount_entry *mount)
{
    return strncmp(mount->options, "ro", strcspn(mount->options, ",")) == 0 ||
           strncmp(mount->super_options, "ro", strcspn(mount->super_options, ",")) == 0;
}

/*
 * Without the root directory only the mount table is left. It tells of mount points alone: the way
 * to any other path may lead over a link to somewhere else.
 */
static void put_by_table(const struct target *target, const struct strset *paths, struct facts *out)
{
    struct error err = {0};

    target_explain_root(target, &err);
    if (target->is_self || paths->count == 0) {
        (void)facts_put_unknown(out, &keys[0], NULL, err.text);
        return;
    }
    for (size_t i = 0; i < paths->count; i++) {
        const struct mount_entry *mount = mount_table_find(&target->mounts, paths->items[i]);
        if (mount != NULL && is_read_only(mount))
            fact_set_detail(facts_put_text(out, &keys[0], paths->items[i], "EROFS"),
                            "by the mount's flags");
        else
            (void)facts_put_unknown(out, &keys[0], paths->items[i], err.text);
    }
}

static void filesystem_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    const struct strset *paths = &request->write_paths;
    const struct look *look = &target->looks->writes;
    const struct write_attempt *attempts = look->seen;

    if (target->root_fd < 0)
        put_by_table(target, paths, out);
    else if (attempts == NULL)
        (void)facts_put_unknown(out, &keys[0], NULL, "no memory can be shared with a child");
    else
        for (size_t i = 0; i < paths->count; i++)
            put_attempt(target, paths->items[i], &attempts[i], look->job.results[i], out);
}

const struct probe probe_filesystem = {
    .name = "filesystem",
    .summary = "whether the policy's paths can be written",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = filesystem_observe,
};
