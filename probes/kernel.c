/*
 * What a container reaches of the kernel's own files, and how they are protected.
 */
#include <errno.h>
#include <stdio.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/kernel_look.h"
#include "probes/kernel_paths.h"
#include "probes/looks.h"
#include "probes/probe.h"
#include "probes/target.h"

enum { KEY_PATH, KEY_PROTECTION, KEY_COUNT };

/* The words of both keys, so that one rule can go over both. */
static const char masked[] = "masked";
static const char absent[] = "absent";
static const char denied[] = "denied";
static const char readable[] = "readable";
static const char writable[] = "writable";
static const char read_only[] = "read-only";
static const char unprotected[] = "unprotected";
static const char foreign[] = "foreign";

static const char *const state_names[] = {masked,    absent,      denied,  readable, writable,
                                          read_only, unprotected, foreign, NULL};

static const struct vocabulary states = {.name = "state of a kernel path", .words = state_names};

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_PATH] = {.name = "kernel.path",
                  .type = VALUE_TEXT,
                  .subjects = SUBJECTS_REQUESTED,
                  .subject_name = "path",
                  .vocabulary = &states,
                  .summary = "masked, absent, or what this process can: denied, readable, "
                             "writable"},
    [KEY_PROTECTION] = {.name = "kernel.protection",
                        .type = VALUE_TEXT,
                        .subjects = SUBJECTS_REQUESTED,
                        .subject_name = "path",
                        .vocabulary = &states,
                        .summary = "what protects it from every user of the container: masked, "
                                   "read-only, foreign (its owner is no user here) or unprotected"},
};

static void put_unknown(const char *subject, const char *reason, struct facts *out)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        (void)facts_put_unknown(out, &keys[i], subject, reason);
}

static void put_path(const char *subject, const struct kernel_look *look, struct facts *out)
{
    static const char *const words[] = {
        [ANSWER_ABSENT] = absent,
        [ANSWER_MASKED] = masked,
        [ANSWER_DENIED] = denied,
        [ANSWER_READABLE] = readable,
    };
    char name[16];
    bool is_there = look->answer == ANSWER_DENIED || look->answer == ANSWER_READABLE;
    bool is_writable = is_there && look->write_code == 0;

    if (is_there && look->write_code == ENOSYS) {
        (void)facts_put_unknown(out, &keys[KEY_PATH], subject,
                                "whether it can be written could not be asked");
        return;
    }
    struct fact *fact =
        facts_put_text(out, &keys[KEY_PATH], subject, is_writable ? writable : words[look->answer]);
    if (is_writable)
        fact_set_detail(fact, "by its mount's flag and the kernel's permission check");
    else if (look->note != NULL)
        fact_set_detail(fact, look->note);
    else if (look->code != 0)
        fact_set_detail(fact, error_name(look->code, name));
}

static void put_protection(const char *subject, const struct kernel_look *look, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_PROTECTION];
    const char *value = unprotected;

    if (look->answer == ANSWER_ABSENT) {
        (void)facts_put_absent(out, key, subject);
        return;
    }
    if (look->answer == ANSWER_MASKED)
        value = masked;
    else if (look->is_read_only)
        value = read_only;
    else if (look->is_foreign)
        value = foreign;
    (void)facts_put_text(out, key, subject, value);
}

static void put_look(const char *subject, const struct kernel_look *look, struct step_result result,
                     struct facts *out)
{
    char words[96];
    char name[16];

    if (result.end != STEP_DONE) {
        put_unknown(subject, step_words(result, words), out);
        return;
    }
    if (look->answer == ANSWER_NONE) {
        (void)snprintf(words, sizeof words, "it cannot be looked at: %s",
                       error_name(look->code, name));
        put_unknown(subject, words, out);
        return;
    }
    put_path(subject, look, out);
    put_protection(subject, look, out);
}

/* Why nothing can be said, or NULL. */
static const char *find_obstacle(const struct target *target)
{
    if (!target->is_self)
        return "only the process itself can be asked";
    if (target->root_fd < 0)
        return "the root directory cannot be opened";
    if (target->looks->kernel.seen == NULL)
        return "no memory can be shared with a child";
    if (!target->witness.answered[WITNESS_FSTATFS])
        return target->witness.reason[WITNESS_FSTATFS];
    return NULL;
}

static void kernel_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    const char *obstacle = find_obstacle(target);
    const struct look *look = &target->looks->kernel;
    const struct kernel_look *looks = look->seen;
    const struct kernel_path *path = NULL;

    (void)request;
    for (size_t i = 0; (path = kernel_path_at(i)) != NULL; i++) {
        bool is_lied = path->place == PLACE_PROCFS && target->procfs == PROCFS_FAKE;
        CLEANUP(mem_free_text)
        char *subject = kernel_path_text(path, kernel_look_places);
        if (obstacle != NULL || is_lied)
            put_unknown(subject, obstacle != NULL ? obstacle : target->procfs_detail.text, out);
        else
            put_look(subject, &looks[i], look->job.results[i], out);
    }
}

const struct probe probe_kernel = {
    .name = "kernel",
    .summary = "the kernel's own files: masked, read-only, readable, writable",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = kernel_observe,
};
