/*
 * Whether system calls are filtered, by how many filters, and what they answer to each call
 * (seccomp(2)). syscall_policy.c finds the answers out, without executing a call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/sort.h"
#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/probe.h"
#include "probes/syscall_abi.h"
#include "probes/syscall_action.h"
#include "probes/syscall_calls.h"
#include "probes/syscall_name.h"
#include "probes/syscall_policy.h"
#include "probes/target.h"

static const char *const mode_names[] = {"disabled", "strict", "filter", NULL};

static const struct vocabulary modes = {.name = "seccomp mode", .words = mode_names};

/* In the order of enum syscall_abi_state, from 1 on. */
static const char *const abi_states[] = {"absent", "blocked", "reachable", NULL};

static const struct vocabulary abi_vocabulary = {.name = "state of an ABI", .words = abi_states};

static const char *const difference_words[] = {"looser", "other", "stricter", NULL};

static const struct vocabulary differences = {.name = "difference", .words = difference_words};

enum {
    KEY_MODE,
    KEY_FILTERS,
    KEY_SYSCALLS,
    KEY_CALLS,
    KEY_ABI,
    KEY_LOOSER,
    KEY_PROFILE,
    KEY_COUNT
};

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
                      .subject_vocabulary = &syscall_action_vocabulary,
                      .vocabulary = &syscall_vocabulary,
                      .summary = "the calls that get this answer: allow, errno(EPERM), kill, …"},
    [KEY_CALLS] = {.name = "seccomp.calls",
                   .type = VALUE_TEXT,
                   .subjects = SUBJECTS_ALL,
                   .subject_name = "call",
                   .subject_vocabulary = &syscall_call_vocabulary,
                   .vocabulary = &syscall_action_vocabulary,
                   .summary = "the answer to a call with arguments: allow, errno(EPERM), kill, …"},
    [KEY_ABI] = {.name = "seccomp.abi",
                 .type = VALUE_TEXT,
                 .subjects = SUBJECTS_ALL,
                 .subject_name = "ABI",
                 .subject_vocabulary = &syscall_abi_vocabulary,
                 .vocabulary = &abi_vocabulary,
                 .summary = "i386 (int $0x80) and x32: absent, blocked or reachable"},
    [KEY_LOOSER] = {.name = "seccomp.abi.looser",
                    .type = VALUE_SET,
                    .subjects = SUBJECTS_ALL,
                    .subject_name = "ABI",
                    .subject_vocabulary = &syscall_abi_vocabulary,
                    .vocabulary = &syscall_vocabulary,
                    .summary = "the calls that are let through there, and refused natively"},
    [KEY_PROFILE] = {.name = "seccomp.profile",
                     .type = VALUE_SET,
                     .subjects = SUBJECTS_ALL,
                     .subject_name = "difference",
                     .subject_vocabulary = &differences,
                     .summary = "looser, stricter or other than --seccomp-profile says"},
};

/* Everything that is asked about natively, the answers, and how other ABIs compare. */
struct inquiry {
    const struct syscall_name *names;
    size_t name_count;
    struct syscall_native *natives; /* the names but the exempt ones, then the calls */
    size_t plain_count;             /* how many are names */
    size_t native_count;
    bool has_abis; /* other ABIs are asked about too */
    struct syscall_abi abis[SYSCALL_ABIS];
};

static void inquiry_free(struct inquiry *inquiry)
{
    for (size_t i = 0; i < SYSCALL_ABIS; i++)
        strset_free(&inquiry->abis[i].looser);
    free(inquiry->natives);
}

/* Every answer is `allow` until somebody else is asked. */
static void inquiry_start(struct inquiry *inquiry)
{
    size_t call_count = 0;
    const struct syscall_call *calls = syscall_calls(&call_count);
    size_t count = 0;

    inquiry->names = syscall_names(&inquiry->name_count);
    inquiry->natives = mem_new(inquiry->name_count + call_count, sizeof *inquiry->natives);
    for (size_t i = 0; i < inquiry->name_count; i++) {
        const struct syscall_name *name = &inquiry->names[i];
        if (!syscall_is_exempt(name->name))
            inquiry->natives[count++] = (struct syscall_native){
                .name = name->name,
                .call = name->name,
                .i386 = name->i386,
                .question = {.number = name->number},
            };
    }
    inquiry->plain_count = count;
    for (size_t i = 0; i < call_count; i++)
        inquiry->natives[count++] = (struct syscall_native){
            .name = calls[i].name,
            .call = calls[i].call,
            .i386 = inquiry->has_abis ? syscall_number_i386(calls[i].call) : -1,
            .question = calls[i].question,
        };
    inquiry->native_count = count;
}

/*
 * Where the filters have been read, they need not be asked; but whether the kernel has i386 at all
 * shows before any filter.
 */
static void evaluate(const struct filter_set *filters, const struct syscall_question *questions,
                     size_t count, struct syscall_answer *answers)
{
    struct syscall_abi abis[SYSCALL_ABIS] = {0};

    syscall_abi_find(abis);
    filter_set_answer_all(filters, questions, count,
                          abis[SYSCALL_ABI_I386].state == SYSCALL_ABI_ABSENT, answers);
    for (size_t i = 0; i < SYSCALL_ABIS; i++)
        strset_free(&abis[i].looser);
}

static bool inquiry_ask(struct inquiry *inquiry, const struct filter_set *filters,
                        struct error *err)
{
    CLEANUP(syscall_abi_questions_free) struct syscall_abi_questions others = {0};
    size_t natives = inquiry->native_count;

    if (inquiry->has_abis)
        syscall_abi_prepare(inquiry->natives, natives, &others);
    size_t count = natives + others.count;
    struct syscall_question *questions = mem_new(count, sizeof *questions);
    struct syscall_answer *answers = mem_new(count, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        questions[i] = i < natives ? inquiry->natives[i].question : others.questions[i - natives];
    bool ok = true;
    if (filters != NULL)
        evaluate(filters, questions, count, answers);
    else
        ok = syscall_policy_read(questions, count, answers, err);
    for (size_t i = 0; i < natives; i++)
        inquiry->natives[i].answer = answers[i];
    if (ok && inquiry->has_abis)
        ok = syscall_abi_compare(inquiry->natives, natives, &others, answers + natives,
                                 inquiry->abis, err);
    free(questions);
    free(answers);
    return ok;
}

/* The calls that get one answer. */
static void put_action(const struct inquiry *inquiry, struct syscall_answer answer,
                       struct facts *out)
{
    struct strset calls = {0};
    char buffer[SYSCALL_ACTION_NAME_MAX];

    for (size_t i = 0; i < inquiry->plain_count; i++) {
        struct syscall_answer other = inquiry->natives[i].answer;
        if (other.action == answer.action && other.code == answer.code)
            strset_add(&calls, inquiry->natives[i].name);
    }
    (void)facts_put_set(out, &keys[KEY_SYSCALLS], syscall_action_name(answer, buffer), &calls);
}

static void put_exempt(const struct inquiry *inquiry, struct facts *out)
{
    struct strset calls = {0};

    for (size_t i = 0; i < inquiry->name_count; i++) {
        if (syscall_is_exempt(inquiry->names[i].name))
            strset_add(&calls, inquiry->names[i].name);
    }
    if (calls.count > 0)
        (void)facts_put_set(out, &keys[KEY_SYSCALLS], "exempt", &calls);
}

static int answer_compare(const void *left, const void *right)
{
    const struct syscall_answer *a = left;
    const struct syscall_answer *b = right;
    char buffers[2][SYSCALL_ACTION_NAME_MAX];

    return strcmp(syscall_action_name(*a, buffers[0]), syscall_action_name(*b, buffers[1]));
}

/* One row an action, in the order of their names. */
static void put_answers(const struct inquiry *inquiry, struct facts *out)
{
    struct syscall_answer *answers = mem_new(inquiry->plain_count, sizeof *answers);
    size_t count = 0;

    for (size_t i = 0; i < inquiry->plain_count; i++) {
        struct syscall_answer answer = inquiry->natives[i].answer;
        size_t k = 0;
        while (k < count && (answers[k].action != answer.action || answers[k].code != answer.code))
            k++;
        answers[k] = answer;
        count += k == count;
    }
    sort(answers, count, sizeof *answers, answer_compare);
    for (size_t i = 0; i < count; i++)
        put_action(inquiry, answers[i], out);
    free(answers);
    put_exempt(inquiry, out);
}

static void put_calls(const struct inquiry *inquiry, const struct observe_request *request,
                      struct facts *out)
{
    char buffer[SYSCALL_ACTION_NAME_MAX];

    if (!observe_request_wants(request, &keys[KEY_CALLS]))
        return;
    for (size_t i = inquiry->plain_count; i < inquiry->native_count; i++)
        (void)facts_put_text(out, &keys[KEY_CALLS], inquiry->natives[i].name,
                             syscall_action_name(inquiry->natives[i].answer, buffer));
}

static void put_abi(const char *name, struct syscall_abi *abi, struct facts *out)
{
    struct fact *fact = NULL;

    if (abi->state == SYSCALL_ABI_UNKNOWN)
        fact = facts_put_unknown(out, &keys[KEY_ABI], name, abi->reason);
    else
        fact = facts_put_text(out, &keys[KEY_ABI], name, abi_states[abi->state - 1]);
    if (abi->detail != NULL)
        fact_set_detail(fact, abi->detail);
    if (abi->is_compared)
        (void)facts_put_set(out, &keys[KEY_LOOSER], name, &abi->looser);
    else if (abi->state == SYSCALL_ABI_ABSENT)
        (void)facts_put_absent(out, &keys[KEY_LOOSER], name);
    else
        (void)facts_put_unknown(out, &keys[KEY_LOOSER], name, abi->reason);
}

static void put_unknown_policy(const char *reason, struct facts *out)
{
    for (size_t key = KEY_SYSCALLS; key < KEY_COUNT; key++)
        (void)facts_put_unknown(out, &keys[key], NULL, reason);
}

/* They take a third of the time, or a process of their own. */
static bool asks_about_abis(const struct observe_request *request)
{
    return request->is_survey || strset_has(&request->keys, keys[KEY_ABI].name) ||
           strset_has(&request->keys, keys[KEY_LOOSER].name);
}

static void put_abis(struct inquiry *inquiry, struct facts *out)
{
    static const char reason[] = "no rule of the policy asks about other ABIs";

    for (size_t i = 0; i < SYSCALL_ABIS && inquiry->has_abis; i++)
        put_abi(syscall_abi_name(i), &inquiry->abis[i], out);
    if (inquiry->has_abis)
        return;
    (void)facts_put_unknown(out, &keys[KEY_ABI], NULL, reason);
    (void)facts_put_unknown(out, &keys[KEY_LOOSER], NULL, reason);
}

static void put_policy(const struct target *target, const struct observe_request *request,
                       bool is_filtered, struct facts *out)
{
    CLEANUP(inquiry_free) struct inquiry inquiry = {.has_abis = asks_about_abis(request)};
    struct error err = {0};

    inquiry_start(&inquiry);
    if (!is_filtered && inquiry.has_abis) {
        syscall_abi_find(inquiry.abis);
    } else if (is_filtered && !inquiry_ask(&inquiry, target->filters, &err)) {
        put_unknown_policy(err.text, out);
        return;
    }
    put_answers(&inquiry, out);
    put_calls(&inquiry, request, out);
    put_abis(&inquiry, out);
}

static void put_syscalls(const struct target *target, const struct observe_request *request,
                         struct facts *out)
{
    const struct credentials *credentials = &target->credentials;
    bool is_filtered = credentials->seccomp_mode != 0;

    if (!credentials->known[CREDENTIAL_SECCOMP_MODE])
        put_unknown_policy(credentials->reason[CREDENTIAL_SECCOMP_MODE], out);
    else if (request->is_fast && is_filtered)
        put_unknown_policy("left out by --fast", out);
    else if (!target->is_self && is_filtered && target->filters == NULL)
        put_unknown_policy("the filters of another process answer that process only", out);
    else
        put_policy(target, request, is_filtered, out);
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
    put_syscalls(target, request, out);
    /* Not observed: agent/seccomp_compare.c replaces it where there is a profile. */
    (void)facts_put_absent(out, &keys[KEY_PROFILE], "looser");
}

const struct probe probe_seccomp = {
    .name = "seccomp",
    .summary = "the seccomp mode, and what the filters answer to each call",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = seccomp_observe,
};
