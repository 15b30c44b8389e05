/*
 * What is in force against what a profile says. See seccomp_compare.h.
 */
#include "agent/seccomp_compare.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/seccomp_facts.h"

enum difference { DIFFERENCE_LOOSER, DIFFERENCE_OTHER, DIFFERENCE_STRICTER, DIFFERENCE_COUNT };

static const char *const subjects[DIFFERENCE_COUNT] = {"looser", "other", "stricter"};

struct comparison {
    const struct facts *facts;
    struct seccomp_policy policy;
    struct strset differences[DIFFERENCE_COUNT];
};

/* How much an action restricts: the kernel's order, seccomp(2). */
static int rank_of(const char *action)
{
    static const char *const order[] = {"allow", "log", "trace", "notify", "errno", "trap", "kill"};
    int rank = 0;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (strncmp(action, order[i], strlen(order[i])) == 0)
            rank = (int)i;
    }
    return rank;
}

/* A filter's LOG and TRACE let a call through as far as can be seen from where we ask. */
static bool lets_through(const char *action)
{
    return rank_of(action) <= rank_of("trace");
}

static bool is_accepted(const struct strset *accepted, const char *observed)
{
    for (size_t i = 0; i < accepted->count; i++) {
        if (lets_through(accepted->items[i]) && lets_through(observed))
            return true;
    }
    return strset_has(accepted, observed);
}

/* What kind of difference, or DIFFERENCE_COUNT: none. *wanted lends what the profile says. */
static enum difference compare_call(const struct comparison *comparison, const char *name,
                                    const long *arguments, const char *observed,
                                    const char **wanted)
{
    CLEANUP(strset_free) struct strset accepted = {0};

    *wanted = seccomp_policy_answer(&comparison->policy, name, arguments, &accepted);
    if (is_accepted(&accepted, observed))
        return DIFFERENCE_COUNT;
    if (rank_of(observed) == rank_of(*wanted))
        return DIFFERENCE_OTHER;
    return rank_of(observed) < rank_of(*wanted) ? DIFFERENCE_LOOSER : DIFFERENCE_STRICTER;
}

/* "mount: allow, not errno(EPERM)"; the caller frees it. */
static char *difference_words(const char *call, const char *observed, const char *wanted)
{
    return mem_format("%s: %s, not %s", call, observed, wanted);
}

static void compare_syscalls(struct comparison *comparison, const struct fact *row)
{
    static const long none[SECCOMP_ARGUMENTS];
    const char *wanted = NULL;

    if (strcmp(row->subject, "exempt") == 0)
        return; /* no filter is asked about these */
    for (size_t i = 0; i < row->value.set.count; i++) {
        const char *name = row->value.set.items[i];
        enum difference kind = compare_call(comparison, name, none, row->subject, &wanted);
        if (kind == DIFFERENCE_COUNT)
            continue;
        CLEANUP(mem_free_text) char *words = difference_words(name, row->subject, wanted);
        strset_add(&comparison->differences[kind], words);
    }
}

/* A call with arguments that differs as the call without them does is not named again. */
static void compare_arguments(struct comparison *comparison, const struct fact *row)
{
    const struct syscall_call *call = seccomp_facts_call(row->subject);
    const char *observed = row->value.text;
    const char *wanted = NULL;

    if (call == NULL)
        return;
    CLEANUP(mem_free_text)
    char *name = seccomp_facts_bare(row->subject);
    enum difference kind =
        compare_call(comparison, name, call->question.arguments, observed, &wanted);
    if (kind == DIFFERENCE_COUNT)
        return;
    CLEANUP(mem_free_text) char *bare = difference_words(name, observed, wanted);
    CLEANUP(mem_free_text) char *words = difference_words(row->subject, observed, wanted);
    if (!strset_has(&comparison->differences[kind], bare))
        strset_add(&comparison->differences[kind], words);
}

/* The rows of a key: all that are known, or why they are not. */
static bool compare_rows(struct comparison *comparison, const char *key,
                         void (*compare)(struct comparison *, const struct fact *),
                         struct error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < comparison->facts->count; i++) {
        const struct fact *row = &comparison->facts->rows[i];
        if (strcmp(row->key->name, key) != 0)
            continue;
        if (row->state == FACT_UNKNOWN)
            return error_set(err, "%s", row->reason);
        if (row->state == FACT_ABSENT || row->subject == NULL)
            continue;
        compare(comparison, row);
        count++;
    }
    return count > 0 || error_set(err, "%s was not observed", key);
}

static const struct strset *known_set(const struct facts *facts, const char *key)
{
    const struct fact *row = facts_find(facts, key, NULL);

    return row != NULL && row->state == FACT_KNOWN ? &row->value.set : NULL;
}

static bool compare_all(const struct seccomp_profile *profile, struct comparison *comparison,
                        struct error *err)
{
    const struct facts *facts = comparison->facts;
    const struct seccomp_host host = {
        .machine = facts_text(facts, "runtime.machine"),
        .bounding = known_set(facts, "capabilities.bounding"),
        .kernel = facts_text(facts, "runtime.kernel"),
    };

    return seccomp_profile_resolve(profile, &host, &comparison->policy, err) &&
           compare_rows(comparison, "seccomp.syscalls", compare_syscalls, err) &&
           compare_rows(comparison, "seccomp.calls", compare_arguments, err);
}

static void put_differences(const struct fact_key *key, const struct seccomp_profile *profile,
                            struct comparison *comparison, struct facts *facts)
{
    struct strset unknown = seccomp_profile_unknown(profile);
    CLEANUP(mem_free_text) char *names = strset_join(&unknown, ", ");
    const char *mode = facts_text(facts, "seccomp.mode");

    for (size_t i = 0; i < DIFFERENCE_COUNT; i++) {
        struct fact *row = facts_put_set(facts, key, subjects[i], &comparison->differences[i]);
        if (i == DIFFERENCE_LOOSER && mode != NULL && strcmp(mode, "disabled") == 0)
            fact_set_detail(row, "no filter is loaded");
    }
    struct fact *row = facts_put_set(facts, key, "unknown", &unknown);
    if (names[0] != '\0')
        fact_set_detail(row, "no Linux has a system call of these names");
}

void seccomp_compare(const struct seccomp_profile *profile, const struct fact_catalog *catalog,
                     struct facts *facts)
{
    const struct fact_key *key = fact_catalog_find(catalog, "seccomp.profile");
    struct comparison comparison = {.facts = facts};
    struct error err = {0};

    if (key == NULL)
        return;
    facts_remove(facts, key);
    if (profile == NULL)
        (void)facts_put_absent(facts, key, subjects[DIFFERENCE_LOOSER]); /* so are the others */
    else if (compare_all(profile, &comparison, &err))
        put_differences(key, profile, &comparison, facts);
    else
        (void)facts_put_unknown(facts, key, NULL, err.text);
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++)
        strset_free(&comparison.differences[i]);
    seccomp_policy_free(&comparison.policy);
}
