/*
 * Whether system calls are filtered, by how many filters, and what they answer to each call
 * (seccomp(2)). syscall_policy.c finds the answers out, without executing a call.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/probe.h"
#include "probes/syscall_calls.h"
#include "probes/syscall_name.h"
#include "probes/syscall_policy.h"
#include "probes/target.h"

static const char *const mode_names[] = {"disabled", "strict", "filter", NULL};

static const struct vocabulary modes = {.name = "seccomp mode", .words = mode_names};

enum { KEY_MODE, KEY_FILTERS, KEY_SYSCALLS, KEY_CALLS, KEY_COUNT };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_MODE] = {.name = "seccomp.mode",
                  .type = VALUE_TEXT,
                  .vocabulary = &modes,
                  .summary = "disabled, strict or filter"},
    [KEY_FILTERS] = {.name = "seccomp.filters",
                     .type = VALUE_INTEGER,
                     .summary = "how many filters are loaded; absent before Linux 5.9"},
    [KEY_SYSCALLS] = {.name = "seccomp.syscalls",
                      .type = VALUE_SET,
                      .subjects = SUBJECTS_ALL,
                      .subject_name = "action",
                      .vocabulary = &syscall_vocabulary,
                      .summary = "the calls that get this answer: allow, errno(EPERM), kill, …"},
    [KEY_CALLS] = {.name = "seccomp.calls",
                   .type = VALUE_TEXT,
                   .subjects = SUBJECTS_ALL,
                   .subject_name = "call",
                   .summary = "the answer to a call with arguments: allow, errno(EPERM), kill, …"},
};

/* The subject of an answer; the caller frees it. */
static char *action_name(struct syscall_answer answer)
{
    static const char *const names[] = {
        [SYSCALL_ALLOW] = "allow",
        [SYSCALL_TRAP] = "trap",
        [SYSCALL_KILL] = "kill",
        [SYSCALL_EXEMPT] = "exempt",
    };
    char buffer[16];

    if (answer.action == SYSCALL_ERRNO)
        return mem_format("errno(%s)", error_name(answer.code, buffer));
    return mem_copy(names[answer.action]);
}

/* One row an action, in the order of their names. */
static void put_answers(const struct syscall_name *names, size_t count,
                        const struct syscall_answer *answers, struct facts *out)
{
    struct strset actions = {0};

    for (size_t i = 0; i < count; i++) {
        CLEANUP(mem_free_text) char *action = action_name(answers[i]);
        strset_add(&actions, action);
    }
    for (size_t k = 0; k < actions.count; k++) {
        struct strset calls = {0};
        for (size_t i = 0; i < count; i++) {
            CLEANUP(mem_free_text) char *action = action_name(answers[i]);
            if (strcmp(action, actions.items[k]) == 0)
                strset_add(&calls, names[i].name);
        }
        (void)facts_put_set(out, &keys[KEY_SYSCALLS], actions.items[k], &calls);
    }
    strset_free(&actions);
}

static void put_calls(const struct syscall_call *calls, size_t count,
                      const struct syscall_answer *answers, struct facts *out)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(mem_free_text) char *action = action_name(answers[i]);
        (void)facts_put_text(out, &keys[KEY_CALLS], calls[i].name, action);
    }
}

/* Every name, then every call with arguments, in one array. */
static struct syscall_question *make_questions(const struct syscall_name *names, size_t name_count,
                                               const struct syscall_call *calls, size_t call_count)
{
    struct syscall_question *questions = mem_new(name_count + call_count, sizeof *questions);

    for (size_t i = 0; i < name_count; i++)
        questions[i] = (struct syscall_question){.number = names[i].number,
                                                 .is_exempt = syscall_is_exempt(names[i].name)};
    for (size_t i = 0; i < call_count; i++)
        questions[name_count + i] = calls[i].question;
    return questions;
}

static void put_unknown_syscalls(const char *reason, struct facts *out)
{
    (void)facts_put_unknown(out, &keys[KEY_SYSCALLS], NULL, reason);
    (void)facts_put_unknown(out, &keys[KEY_CALLS], NULL, reason);
}

static void put_policy(bool is_filtered, struct facts *out)
{
    struct error err = {0};
    size_t name_count = 0;
    size_t call_count = 0;
    struct syscall_name *names = syscall_names(&name_count);
    const struct syscall_call *calls = syscall_calls(&call_count);
    size_t count = name_count + call_count;
    struct syscall_question *questions = make_questions(names, name_count, calls, call_count);
    struct syscall_answer *answers = mem_new(count, sizeof *answers);

    for (size_t i = 0; i < count && !is_filtered; i++)
        answers[i].action = SYSCALL_ALLOW; /* there is nobody to ask */
    if (is_filtered && !syscall_policy_read(questions, count, answers, &err)) {
        put_unknown_syscalls(err.text, out);
    } else {
        put_answers(names, name_count, answers, out);
        put_calls(calls, call_count, answers + name_count, out);
    }
    syscall_names_free(names, name_count);
    free(questions);
    free(answers);
}

static void put_syscalls(const struct credentials *credentials, bool is_fast, struct facts *out)
{
    bool is_filtered = credentials->seccomp_mode != 0;

    if (!credentials->known[CREDENTIAL_SECCOMP_MODE])
        put_unknown_syscalls(credentials->reason[CREDENTIAL_SECCOMP_MODE], out);
    else if (is_fast && is_filtered)
        put_unknown_syscalls("left out by --fast", out);
    else
        put_policy(is_filtered, out);
}

static void seccomp_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    const struct credentials *credentials = &target->credentials;

    /* PR_GET_SECCOMP gives 0, 1 or 2, and the status file is parsed to the same bound. */
    if (credentials->known[CREDENTIAL_SECCOMP_MODE] && credentials->seccomp_mode <= 2)
        (void)facts_put_text(out, &keys[KEY_MODE], NULL, mode_names[credentials->seccomp_mode]);
    else
        (void)facts_put_unknown(out, &keys[KEY_MODE], NULL,
                                credentials->reason[CREDENTIAL_SECCOMP_MODE]);
    if (!credentials->known[CREDENTIAL_SECCOMP_FILTERS])
        (void)facts_put_unknown(out, &keys[KEY_FILTERS], NULL,
                                credentials->reason[CREDENTIAL_SECCOMP_FILTERS]);
    else if (credentials->has_seccomp_filters)
        (void)facts_put_integer(out, &keys[KEY_FILTERS], NULL, credentials->seccomp_filters);
    else
        (void)facts_put_absent(out, &keys[KEY_FILTERS], NULL);
    put_syscalls(credentials, request->is_fast, out);
}

const struct probe probe_seccomp = {
    .name = "seccomp",
    .summary = "the seccomp mode and the number of filters",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = seccomp_observe,
};
