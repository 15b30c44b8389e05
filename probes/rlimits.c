/*
 * The limits that the process itself carries (getrlimit(2)): what engines call ulimits. Read from
 * the procfs, which shows them of every process to everybody; where there is none that can be
 * trusted, the kernel is asked for this process's own. Changes none.
 */
#include <errno.h>
#include <stdio.h>

#include "agent/core/mem.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/rlimit_text.h"
#include "probes/target.h"
#include "probes/throwaway.h"

enum { KEY_SOFT, KEY_HARD, KEY_COUNT };

/* Of a resource that does not exist, a rule must not hear that it is unlimited. */
static const struct fact_key keys[KEY_COUNT] = {
    [KEY_SOFT] = {.name = "limit.rlimit.soft",
                  .type = VALUE_INTEGER,
                  .subjects = SUBJECTS_REQUESTED,
                  .subject_name = "resource",
                  .summary = "RLIMIT_NOFILE, …, as it is in force; absent: unlimited"},
    [KEY_HARD] = {.name = "limit.rlimit.hard",
                  .type = VALUE_INTEGER,
                  .subjects = SUBJECTS_REQUESTED,
                  .subject_name = "resource",
                  .summary = "how far the process may raise its limit; absent: unlimited"},
};

/* What the child writes. */
struct answers {
    int code; /* an errno value, or 0 */
    struct resource_limits limits;
};

/*
 * prlimit64(2) only reads here. A filter can make it "succeed" without being executed: then the
 * soft limit stays above the hard one, which the kernel allows nobody.
 */
static void ask_step(size_t index, void *shared, const void *context)
{
    struct answers *answers = shared;

    (void)index;
    (void)context;
    for (int i = 0; i < RLIM_NLIMITS && answers->code == 0; i++) {
        struct rlimit *limit = &answers->limits.of[i];
        *limit = (struct rlimit){.rlim_cur = 1};
        answers->code = getrlimit((__rlimit_resource_t)i, limit) < 0 ? errno : 0;
        answers->limits.known[i] = limit->rlim_cur <= limit->rlim_max;
    }
}

static bool ask_kernel(struct resource_limits *out, struct error *err)
{
    char words[96];
    char name[16];
    struct step_result result = {0};
    struct answers *answers = throwaway_share_light(sizeof *answers);

    if (answers == NULL)
        return error_set(err, "no memory can be shared");
    struct throwaway_job job = {.count = 1,
                                .step = ask_step,
                                .shared = answers,
                                .results = &result,
                                .keeps_core_limit = true};
    throwaway_run_light(&job, 1);
    int code = answers->code;
    *out = answers->limits;
    throwaway_unshare(answers, sizeof *answers);
    if (result.end != STEP_DONE)
        return error_set(err, "prlimit(2): %s", step_words(result, words));
    return code == 0 || error_set(err, "prlimit(2): %s", error_name(code, name));
}

static bool read_file(const struct target *target, struct resource_limits *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    return procfile_read(target, "limits", &text, &length, err) &&
           rlimit_text_parse(text, length, out, err);
}

static bool read_limits(const struct target *target, struct resource_limits *out, struct error *err)
{
    struct error from_file = {0};
    struct error from_kernel = {0};

    if (read_file(target, out, &from_file))
        return true;
    if (!target->is_self)
        return error_set(err, "%s", from_file.text);
    return ask_kernel(out, &from_kernel) ||
           error_set(err, "%s; %s", from_file.text, from_kernel.text);
}

static void put_limit(struct facts *out, const struct fact_key *key, const char *name, rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        fact_set_detail(facts_put_absent(out, key, name), "unlimited");
    else
        (void)facts_put_integer(out, key, name, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
}

static void put_limits(const struct resource_limits *limits, size_t which, struct facts *out)
{
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        const struct rlimit *limit = &limits->of[i];
        if (limits->known[i])
            put_limit(out, &keys[which], rlimit_name(i),
                      which == KEY_SOFT ? limit->rlim_cur : limit->rlim_max);
        else
            (void)facts_put_unknown(out, &keys[which], rlimit_name(i), "the kernel does not say");
    }
}

static void rlimits_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    struct resource_limits limits = {0};
    struct error err = {0};
    bool is_asked = request->is_survey || strset_has(&request->keys, keys[KEY_SOFT].name) ||
                    strset_has(&request->keys, keys[KEY_HARD].name);
    bool is_read = is_asked ? read_limits(target, &limits, &err)
                            : error_set(&err, "no rule of the policy asks for it");

    for (size_t which = 0; which < KEY_COUNT; which++) {
        if (is_read)
            put_limits(&limits, which, out);
        else
            (void)facts_put_unknown(out, &keys[which], NULL, err.text);
    }
}

const struct probe probe_rlimits = {
    .name = "rlimits",
    .summary = "the process's own limits (ulimits)",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = rlimits_observe,
};
