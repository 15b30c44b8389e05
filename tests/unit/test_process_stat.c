/*
 * The parser of /proc/PID/stat.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/process_stat.h"

#define REST " 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 987654 1 2 18446744073709551615\n"

static bool parse(const char *text, struct process_stat *out, struct error *err)
{
    return process_stat_parse(text, strlen(text), out, err);
}

Test(process_stat, fields_are_read)
{
    struct process_stat stat;
    struct error err = {0};

    cr_assert(parse("42 (nginx) S 1 42 42" REST, &stat, &err), "%s", err.text);
    cr_expect_eq(stat.pid, 42);
    cr_expect_str_eq(stat.name, "nginx");
    cr_expect_eq(stat.state, 'S');
    cr_expect_eq(stat.parent, 1);
    cr_expect_eq(stat.threads, 3);
    cr_expect_eq(stat.started, 987654);
    cr_expect_not(stat.is_kernel_thread);
    cr_expect_not(process_stat_has_ended(&stat));
}

Test(process_stat, a_name_cannot_forge_the_fields_behind_it)
{
    struct process_stat stat;
    struct error err = {0};

    cr_assert(parse("7 (a) R 9 (b c)) Z 1 7 7" REST, &stat, &err), "%s", err.text);
    cr_expect_str_eq(stat.name, "a) R 9 (b c)");
    cr_expect_eq(stat.parent, 1);
    cr_expect(process_stat_has_ended(&stat));
}

Test(process_stat, kernel_threads_are_told)
{
    struct process_stat stat;
    struct error err = {0};

    cr_assert(parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0", &stat, &err));
    cr_expect(stat.is_kernel_thread);
}

Test(process_stat, malformed_texts_are_refused)
{
    static const char *const cases[] = {
        "",
        "42",
        "42 nginx S 1 42 42" REST,
        "42 (nginx S 1 42 42" REST,
        "42 nginx) S 1 42 42" REST,
        "42)nginx( S 1 42 42" REST,
        "(nginx) S 1 42 42" REST,
        "42(nginx) S 1 42 42" REST,
        "x (nginx) S 1 42 42" REST,
        "42 (nginx) SS 1 42 42" REST,
        "42 (nginx) S -1 42 42" REST,
        "42 (nginx) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0",
        "42 (nginx) S 1 42 42 0 -1 x 1 2 3 4 5 6 7 8 20 0 3 0 987654 1 2 3",
        "42 (a name that is longer than every name that any kernel ever gave to a thread) S 1 42 "
        "42" REST,
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct process_stat stat;
        struct error err = {0};
        cr_expect_not(parse(cases[i], &stat, &err), "%s", cases[i]);
        cr_expect_str_eq(err.text, "stat: it is malformed");
    }
}
