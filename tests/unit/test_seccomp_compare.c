/*
 * The policy in force against a profile: facts and a profile give facts.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/facts_json.h"
#include "agent/seccomp_compare.h"
#include "agent/seccomp_profile_json.h"
#include "probes/observe.h"

#define ROW(key, rest) "{\"key\":\"" key "\"," rest "}"
#define KNOWN(value) "\"state\":\"known\",\"value\":" value
#define UNKNOWN "\"state\":\"unknown\",\"reason\":\"for a reason\""
#define HOST                                                                                       \
    ROW("runtime.machine", KNOWN("\"x86_64\""))                                                    \
    "," ROW("runtime.kernel", KNOWN("\"5.10.0\"")) "," ROW("capabilities.bounding", KNOWN("[]"))
#define CALLS                                                                                      \
    ROW("seccomp.syscalls", "\"subject\":\"allow\"," KNOWN("[\"mount\",\"read\",\"unshare\"]"))    \
    "," ROW("seccomp.syscalls",                                                                    \
            "\"subject\":\"errno(ENOSYS)\"," KNOWN(                                                \
                "[\"reboot\",\"sync\"]")) "," ROW("seccomp.syscalls",                              \
                                                  "\"subject\":\"exempt\"," KNOWN("[\"uprobe\"]"))
#define ARGUMENTS                                                                                  \
    ROW("seccomp.calls", "\"subject\":\"unshare(CLONE_NEWUSER)\"," KNOWN("\"allow\""))             \
    "," ROW("seccomp.calls", "\"subject\":\"unshare(CLONE_NEWNS)\"," KNOWN("\"trap\""))

static const char profile_text[] =
    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
    "{\"names\":[\"read\",\"sync\",\"no_such_call\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

/* The rows of seccomp.profile as "subject: words; …" for facts of these rows. */
static char *compare(const char *rows, const char *profile)
{
    struct fact_catalog catalog = observe_catalog();
    struct seccomp_profile written = {0};
    struct facts facts = {0};
    struct facts_origin origin;
    struct error err = {0};
    CLEANUP(mem_free_text)
    char *text =
        mem_format("{\"schema\":\"watertight.facts/1\",\"target\":{\"pid\":1,\"self\":true},"
                   "\"started\":\"x\",\"facts\":[%s]}",
                   rows);
    char *words = mem_copy("");

    cr_assert(facts_parse(text, strlen(text), "f", &catalog, &facts, &origin, &err), "%s",
              err.text);
    if (profile != NULL)
        cr_assert(seccomp_profile_parse(profile, strlen(profile), "p", &written, &err));
    seccomp_compare(profile == NULL ? NULL : &written, &catalog, &facts);
    for (size_t i = 0; i < facts.count; i++) {
        const struct fact *row = &facts.rows[i];
        if (strcmp(row->key->name, "seccomp.profile") != 0)
            continue;
        CLEANUP(mem_free_text) char *before = words;
        CLEANUP(mem_free_text) char *value = value_words(&row->value);
        words = mem_format("%s%s: %s; ", before, row->subject == NULL ? "-" : row->subject,
                           row->state == FACT_KNOWN    ? value
                           : row->state == FACT_ABSENT ? "absent"
                                                       : row->reason);
    }
    facts_free(&facts);
    seccomp_profile_free(&written);
    fact_catalog_free(&catalog);
    return words;
}

Test(seccomp_compare, every_difference_is_put_where_it_belongs)
{
    static const char wanted[] =
        "looser: mount: allow, not errno(EPERM), unshare: allow, not errno(EPERM); "
        "other: reboot: errno(ENOSYS), not errno(EPERM); "
        "stricter: sync: errno(ENOSYS), not allow, "
        "unshare(CLONE_NEWNS): trap, not errno(EPERM); "
        "unknown: no_such_call; ";
    CLEANUP(mem_free_text)
    char *words = compare(HOST "," CALLS "," ARGUMENTS, profile_text);

    cr_expect_str_eq(words, wanted, "%s", words);
}

Test(seccomp_compare, log_and_trace_cannot_be_told_from_allow)
{
    static const char written[] =
        "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":["
        "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_TRACE\"},"
        "{\"names\":[\"reboot\",\"sync\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38},"
        "{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":[{\"index\":0,"
        "\"value\":131072,\"valueTwo\":131072,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}";
    CLEANUP(mem_free_text) char *words = compare(HOST "," CALLS "," ARGUMENTS, written);

    cr_expect_str_eq(words, "looser: none; other: none; stricter: none; unknown: none; ", "%s",
                     words);
}

Test(seccomp_compare, what_is_not_known_is_never_compared)
{
    static const struct {
        const char *rows, *wanted;
    } rows[] = {
        {HOST, "-: seccomp.syscalls was not observed; "},
        {HOST "," CALLS, "-: seccomp.calls was not observed; "},
        {HOST "," ROW("seccomp.syscalls", UNKNOWN) "," ARGUMENTS, "-: for a reason; "},
        {HOST "," CALLS "," ROW("seccomp.calls", UNKNOWN), "-: for a reason; "},
        {CALLS "," ARGUMENTS, "-: the machine's architecture is not known; "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(mem_free_text) char *words = compare(rows[i].rows, profile_text);
        cr_expect_str_eq(words, rows[i].wanted, "%s", words);
    }
}

Test(seccomp_compare, what_an_earlier_comparison_found_is_replaced)
{
    static const char stale[] = HOST
        "," CALLS "," ARGUMENTS
        "," ROW("seccomp.profile", "\"subject\":\"looser\"," KNOWN("[\"x: allow, not kill\"]"));
    CLEANUP(mem_free_text) char *without = compare(stale, NULL);
    CLEANUP(mem_free_text) char *with = compare(stale, profile_text);

    cr_expect_str_eq(without, "looser: absent; ");
    cr_expect_null(strstr(with, "x: allow"));
}
