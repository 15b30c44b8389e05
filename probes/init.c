/*
 * How process 1 of this PID namespace compares with this one. A program that is started by `exec`
 * may have other credentials than the workload; so what is said of it need not hold for that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/status.h"
#include "probes/target.h"

enum { KEY_INIT, KEY_NAME, KEY_COUNT };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_INIT] = {.name = "process.init",
                  .type = VALUE_TEXT,
                  .subjects = SUBJECTS_ALL,
                  .subject_name = "fact",
                  .summary = "same or different for process 1; absent where this is process 1"},
    [KEY_NAME] = {.name = "process.init_name",
                  .type = VALUE_TEXT,
                  .summary = "the command name of process 1, where that is another process"},
};

/* What is compared, by the name of the fact that has this process's value. */
static const struct {
    const char *subject;
    enum credential credential;
} aspects[] = {
    {"user.uid.effective", CREDENTIAL_UIDS},
    {"user.gid.effective", CREDENTIAL_GIDS},
    {"capabilities.effective", CREDENTIAL_EFFECTIVE},
    {"capabilities.permitted", CREDENTIAL_PERMITTED},
    {"capabilities.inheritable", CREDENTIAL_INHERITABLE},
    {"capabilities.bounding", CREDENTIAL_BOUNDING},
    {"capabilities.ambient", CREDENTIAL_AMBIENT},
    {"privileges.no_new_privs", CREDENTIAL_NO_NEW_PRIVS},
    {"seccomp.mode", CREDENTIAL_SECCOMP_MODE},
};

enum { ASPECTS = sizeof aspects / sizeof aspects[0] };

/* What a status file has no line for is unknown, as everywhere: credentials.h says which. */
static void compare(const struct credentials *own, const struct credentials *init, bool same[])
{
    const bool equal[ASPECTS] = {
        own->uid[1] == init->uid[1],
        own->gid[1] == init->gid[1],
        own->effective == init->effective,
        own->permitted == init->permitted,
        own->inheritable == init->inheritable,
        own->bounding == init->bounding,
        own->ambient == init->ambient,
        own->no_new_privs == init->no_new_privs,
        own->seccomp_mode == init->seccomp_mode,
    };

    (void)memcpy(same, equal, sizeof equal);
}

static void put_aspects(const struct credentials *own, const struct credentials *init,
                        struct facts *out)
{
    bool same[ASPECTS];

    compare(own, init, same);
    for (size_t i = 0; i < ASPECTS; i++) {
        enum credential credential = aspects[i].credential;
        const char *subject = aspects[i].subject;
        if (!own->known[credential])
            (void)facts_put_unknown(out, &keys[KEY_INIT], subject, own->reason[credential]);
        else if (!init->known[credential])
            (void)facts_put_unknown(out, &keys[KEY_INIT], subject, init->reason[credential]);
        else
            (void)facts_put_text(out, &keys[KEY_INIT], subject, same[i] ? "same" : "different");
    }
}

/* Podman's and Kubernetes's containers that only hold a Pod's namespaces. */
static void put_name(const struct target *target, struct facts *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct error err = {0};

    if (!procfile_read_system(target, "1/comm", &text, &length, &err)) {
        (void)facts_put_unknown(out, &keys[KEY_NAME], NULL, err.text);
        return;
    }
    text[strcspn(text, "\n")] = '\0';
    struct fact *fact = facts_put_text(out, &keys[KEY_NAME], NULL, text);
    if (strcmp(text, "pause") == 0 || strcmp(text, "catatonit") == 0)
        fact_set_detail(fact, "it holds the Pod's PID namespace and is not the workload");
}

static void put_all(const char *reason, struct facts *out)
{
    if (reason != NULL) {
        (void)facts_put_unknown(out, &keys[KEY_INIT], NULL, reason);
        (void)facts_put_unknown(out, &keys[KEY_NAME], NULL, reason);
        return;
    }
    for (size_t i = 0; i < ASPECTS; i++)
        (void)facts_put_absent(out, &keys[KEY_INIT], aspects[i].subject);
    (void)facts_put_absent(out, &keys[KEY_NAME], NULL);
}

static void init_observe(const struct target *target, const struct observe_request *request,
                         struct facts *out)
{
    struct process_status status = {0};
    struct credentials init = {0};
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct error err = {0};

    (void)request;
    if (target->pid == 1) {
        put_all(NULL, out);
        return;
    }
    if (!procfile_read_system(target, "1/status", &text, &length, &err) ||
        !process_status_parse(text, length, &status, &err)) {
        put_all(err.text, out);
        process_status_free(&status);
        return;
    }
    credentials_merge(NULL, &status, "", &init);
    put_aspects(&target->credentials, &init, out);
    put_name(target, out);
    credentials_free(&init);
    process_status_free(&status);
}

const struct probe probe_init = {
    .name = "init",
    .summary = "how process 1 compares with this one",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = init_observe,
};
