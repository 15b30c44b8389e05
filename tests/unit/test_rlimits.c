/*
 * The limits that a process carries: the kernel's file, and the probe on this very process.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "probes/observe.h"
#include "probes/rlimit_text.h"
#include "tests/unit/fixture.h"

#define NOFILE "Max open files            512                  1024                 files     \n"

static struct resource_limits read_text(const char *text)
{
    struct resource_limits limits;
    struct error err = {0};

    cr_assert(rlimit_text_parse(text, strlen(text), &limits, &err), "%s", err.text);
    return limits;
}

Test(rlimit_text, every_line_of_a_real_kernel_is_read)
{
    size_t length = 0;
    char *text = fixture_read("limits/linux-6.18", &length);
    struct resource_limits limits;

    cr_assert(rlimit_text_parse(text, length, &limits, NULL));
    for (int i = 0; i < RLIM_NLIMITS; i++)
        cr_expect(limits.known[i], "%s", rlimit_name(i));
    cr_expect_eq(limits.of[RLIMIT_CPU].rlim_cur, RLIM_INFINITY);
    cr_expect_eq(limits.of[RLIMIT_STACK].rlim_cur, 8388608);
    cr_expect_eq(limits.of[RLIMIT_STACK].rlim_max, RLIM_INFINITY);
    cr_expect_eq(limits.of[RLIMIT_CORE].rlim_cur, 0);
    cr_expect_eq(limits.of[RLIMIT_NPROC].rlim_max, 96365);
    cr_expect_eq(limits.of[RLIMIT_NOFILE].rlim_cur, 20000);
    cr_expect_eq(limits.of[RLIMIT_NICE].rlim_max, 0);
    cr_expect_eq(limits.of[RLIMIT_RTTIME].rlim_max, RLIM_INFINITY);
    free(text);
}

Test(rlimit_text, limits_that_an_engine_set_are_read)
{
    size_t length = 0;
    char *text = fixture_read("limits/linux-6.1", &length);
    struct resource_limits limits;

    cr_assert(rlimit_text_parse(text, length, &limits, NULL));
    cr_expect_eq(limits.of[RLIMIT_NOFILE].rlim_cur, 1048576);
    cr_expect_eq(limits.of[RLIMIT_NOFILE].rlim_max, 1048576);
    cr_expect_eq(limits.of[RLIMIT_MEMLOCK].rlim_max, RLIM_INFINITY);
    cr_expect_eq(limits.of[RLIMIT_CORE].rlim_cur, 0);
    cr_expect_eq(limits.of[RLIMIT_CORE].rlim_max, 4096);
    free(text);
}

Test(rlimit_text, what_a_kernel_does_not_print_is_not_known)
{
    struct resource_limits limits = read_text("Limit  Soft Limit  Hard Limit  Units\n" NOFILE
                                              "Max open filesystems 1 2 files\n");

    for (int i = 0; i < RLIM_NLIMITS; i++)
        cr_expect_eq(limits.known[i], i == RLIMIT_NOFILE, "%s", rlimit_name(i));
    cr_expect_eq(limits.of[RLIMIT_NOFILE].rlim_cur, 512);
    cr_expect_eq(limits.of[RLIMIT_NOFILE].rlim_max, 1024);
}

Test(rlimit_text, malformed_lines_are_refused_by_name)
{
    static const char *const cases[] = {
        NOFILE NOFILE,
        "Max open files \n",
        "Max open files 512\n",
        "Max open files 512 files\n",
        "Max open files 512 -1 files\n",
        "Max open files 512 0x400 files\n",
        "Max open files 512 18446744073709551616 files\n",
        "Max open files 1025 1024 files\n",
        "Max open files unlimited 1024 files\n",
        "Max open files 512 1024 files more\n",
        "Max open files 512 unlimite",
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct resource_limits limits;
        struct error err = {0};
        cr_expect_not(rlimit_text_parse(cases[i], strlen(cases[i]), &limits, &err), "%zu", i);
        cr_expect_not_null(strstr(err.text, "Max open files"), "%zu: %s", i, err.text);
    }
}

static void expect_limit(const struct facts *facts, const char *key, const char *name, rlim_t limit)
{
    const struct fact *fact = facts_find(facts, key, name);

    cr_assert_not_null(fact, "%s %s", key, name);
    if (limit == RLIM_INFINITY) {
        cr_expect_eq(fact->state, FACT_ABSENT, "%s %s", key, name);
        return;
    }
    cr_assert_eq(fact->state, FACT_KNOWN, "%s %s", key, name);
    cr_expect_eq(fact->value.integer, (int64_t)limit, "%s %s", key, name);
}

/* valgrind keeps some descriptors and memory for itself, and answers for the kernel there. */
static bool is_asked_in_vain(int resource)
{
    return fixture_is_under_valgrind() &&
           (resource == RLIMIT_NOFILE || resource == RLIMIT_DATA || resource == RLIMIT_STACK);
}

Test(rlimits, the_facts_are_what_the_kernel_says)
{
    const struct observe_request request = {.is_survey = true, .wants_all = true};
    struct rlimit size = {.rlim_cur = 100000000, .rlim_max = 200000000};
    struct facts facts = {0};

    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &size), 0);
    observe_self(&request, &facts);
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit limit;
        if (is_asked_in_vain(i))
            continue;
        cr_assert_eq(getrlimit((__rlimit_resource_t)i, &limit), 0);
        expect_limit(&facts, "limit.rlimit.soft", rlimit_name(i), limit.rlim_cur);
        expect_limit(&facts, "limit.rlimit.hard", rlimit_name(i), limit.rlim_max);
    }
    facts_free(&facts);
}

Test(rlimits, no_rule_asks_so_the_file_is_not_read)
{
    const struct observe_request request = {.wants_all = true};
    struct facts facts = {0};

    observe_self(&request, &facts);
    const struct fact *fact = facts_find(&facts, "limit.rlimit.soft", NULL);
    cr_assert_not_null(fact);
    cr_expect_eq(fact->state, FACT_UNKNOWN);
    cr_expect_str_eq(fact->reason, "no rule of the policy asks for it");
    facts_free(&facts);
}
