/*
 * The forms of the policy in force, from made facts.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/seccomp_groups.h"
#include "agent/seccomp_print.h"
#include "agent/seccomp_profile_json.h"
#include "probes/observe.h"
#include "probes/syscall_calls.h"
#include "probes/syscall_name.h"

/* Facts: these names are let through, these trapped; the rest of what is asked about is refused. */
static struct facts make(const char *const *allowed, const char *const *trapped)
{
    struct fact_catalog catalog = observe_catalog();
    const struct fact_key *key = fact_catalog_find(&catalog, "seccomp.syscalls");
    struct facts facts = {0};
    struct strset sets[3] = {{0}};
    size_t count = 0;
    const struct syscall_name *names = syscall_names(&count);

    for (size_t i = 0; i < count; i++)
        strset_add(&sets[2], names[i].name);
    for (; *allowed != NULL; allowed++)
        strset_add(&sets[0], *allowed);
    for (; *trapped != NULL; trapped++)
        strset_add(&sets[1], *trapped);
    struct strset refused = strset_minus(&sets[2], &sets[0]);
    strset_free(&sets[2]);
    sets[2] = strset_minus(&refused, &sets[1]);
    strset_free(&refused);
    (void)facts_put_set(&facts, key, "allow", &sets[0]);
    (void)facts_put_set(&facts, key, "errno(EACCES)", &sets[2]);
    (void)facts_put_set(&facts, key, "trap", &sets[1]);
    (void)facts_put_text(&facts, fact_catalog_find(&catalog, "seccomp.mode"), NULL, "filter");
    (void)facts_put_text(&facts, fact_catalog_find(&catalog, "runtime.machine"), NULL, "x86_64");
    fact_catalog_free(&catalog);
    return facts;
}

static void put_call(struct facts *facts, const char *call, const char *action)
{
    struct fact_catalog catalog = observe_catalog();

    (void)facts_put_text(facts, fact_catalog_find(&catalog, "seccomp.calls"), call, action);
    fact_catalog_free(&catalog);
}

static char *print(const struct facts *facts)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    seccomp_print_profile(facts, stream);
    (void)fclose(stream);
    return text;
}

/* What the printed profile says of a call, by the reader of profiles. */
static void expect_said(const char *profile_text, const char *name, long first, long second,
                        const char *wanted)
{
    const long arguments[SECCOMP_ARGUMENTS] = {first, second};
    struct strset none = {0};
    const struct seccomp_host host = {.machine = "x86_64", .bounding = &none, .kernel = "5.10.0"};
    struct seccomp_profile profile;
    CLEANUP(seccomp_policy_free) struct seccomp_policy policy = {0};
    CLEANUP(strset_free) struct strset accepted = {0};
    struct error err = {0};

    cr_assert(seccomp_profile_parse(profile_text, strlen(profile_text), "p", &profile, &err), "%s",
              err.text);
    cr_assert(seccomp_profile_resolve(&profile, &host, &policy, &err));
    cr_expect_str_eq(seccomp_policy_answer(&policy, name, arguments, &accepted), wanted,
                     "%s(%ld, %ld)", name, first, second);
    cr_expect_eq(accepted.count, 1, "%s(%ld, %ld)", name, first, second);
    seccomp_profile_free(&profile);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(seccomp_print, no_call_is_in_two_groups_and_every_one_is_a_call)
{
    struct strset seen = {0};
    size_t count = 0;

    for (size_t i = 0; seccomp_group_at(i) != NULL; i++) {
        for (const char *const *call = seccomp_group_at(i)->calls; *call != NULL; call++) {
            cr_expect(syscall_is_known(*call), "%s", *call);
            strset_add(&seen, *call);
            cr_expect_eq(seen.count, ++count, "%s is in two groups", *call);
        }
    }
    strset_free(&seen);
}

Test(seccomp_print, a_profile_has_the_most_frequent_refusal_as_its_default)
{
    struct facts facts = make(NAMES("read", "write"), NAMES("mount"));
    CLEANUP(mem_free_text) char *text = print(&facts);

    expect_said(text, "read", 0, 0, "allow");
    expect_said(text, "mount", 0, 0, "trap");
    expect_said(text, "reboot", 0, 0, "errno(EACCES)");
    facts_free(&facts);
}

Test(seccomp_print, flags_that_are_refused_are_left_out_of_what_is_let_through)
{
    struct facts facts = make(NAMES("clone"), NAMES("vfork"));
    put_call(&facts, "clone(CLONE_NEWUSER)", "errno(EACCES)");
    put_call(&facts, "clone(CLONE_NEWNS)", "trap");
    put_call(&facts, "clone(CLONE_NEWPID)", "allow");
    put_call(&facts, "unshare(CLONE_NEWNET)", "allow");
    CLEANUP(mem_free_text) char *text = print(&facts);

    expect_said(text, "clone", 17, 0, "allow");
    expect_said(text, "clone", 0x10000000 | 17, 0, "errno(EACCES)");
    expect_said(text, "clone", 0x20000 | 17, 0, "trap");
    expect_said(text, "clone", 0x20000000 | 17, 0, "allow");
    expect_said(text, "unshare", 0x40000000, 0, "allow");
    expect_said(text, "unshare", 0x10000000, 0, "errno(EACCES)");
    facts_free(&facts);
}

Test(seccomp_print, values_that_are_refused_are_left_out_of_what_is_let_through)
{
    struct facts facts = make(NAMES("socket", "ioctl"), NAMES("vfork"));
    put_call(&facts, "socket(AF_ALG)", "errno(EACCES)");
    put_call(&facts, "socket(AF_VSOCK)", "trap");
    put_call(&facts, "socket(AF_PACKET)", "errno(EACCES)");
    put_call(&facts, "ioctl(TIOCSTI)", "errno(EACCES)");
    CLEANUP(mem_free_text) char *text = print(&facts);

    for (long family = 0; family < 64; family++) {
        bool is_refused = family == 17 || family == 38;
        expect_said(text, "socket", family, 0,
                    family == 40 ? "trap"
                    : is_refused ? "errno(EACCES)"
                                 : "allow");
    }
    expect_said(text, "ioctl", 0x5412, 0x5413, "allow");
    expect_said(text, "ioctl", 0, 0x5412, "errno(EACCES)");
    facts_free(&facts);
}

Test(seccomp_print, a_value_that_is_let_through_is_the_only_one)
{
    struct facts facts = make(NAMES("read"), NAMES("vfork"));
    put_call(&facts, "socket(AF_NETLINK)", "allow");
    CLEANUP(mem_free_text) char *text = print(&facts);

    expect_said(text, "socket", 16, 0, "allow");
    expect_said(text, "socket", 17, 0, "errno(EACCES)");
    facts_free(&facts);
}

Test(seccomp_print, a_person_sees_groups_in_lines_that_fit)
{
    struct facts facts = make(NAMES("mount", "clone"), NAMES("vfork"));
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    put_call(&facts, "clone(CLONE_NEWUSER)", "errno(EACCES)");
    seccomp_print_text(&facts, 80, stream);
    (void)fclose(stream);
    cr_expect_not_null(strstr(text, "\n      2  allow\n"));
    cr_expect_not_null(strstr(text, "\nmount: mounts and root directories\n"
                                    "  allow            mount\n"
                                    "  errno(EACCES)    "));
    cr_expect_not_null(strstr(text, "  errno(EACCES)    clone(CLONE_NEWUSER)\n"));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        cr_expect_leq(strcspn(line, "\n"), 80, "%.90s", line);
    facts_free(&facts);
}
