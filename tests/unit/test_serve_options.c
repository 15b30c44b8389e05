/*
 * What the options of serve mean.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/un.h>

#include "agent/core/mem.h"
#include "agent/serve_options.h"

Test(serve_options, take_intervals_with_a_unit)
{
    static const struct {
        const char *text;
        int64_t milliseconds;
    } rows[] = {
        {"100ms", 100}, {"500ms", 500},    {"1s", 1000},        {"30s", 30000},
        {"5m", 300000}, {"24h", 86400000}, {"1440m", 86400000}, {"86400000ms", 86400000},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t milliseconds = 0;
        cr_expect(interval_parse(rows[i].text, &milliseconds), "%s", rows[i].text);
        cr_expect_eq(milliseconds, rows[i].milliseconds, "%s", rows[i].text);
    }
}

Test(serve_options, refuse_other_intervals)
{
    static const char *const words[] = {
        "",
        "30",
        "s",
        "0s",
        "99ms",
        "25h",
        "-1s",
        "+1s",
        " 30s",
        "30s ",
        "30S",
        "1.5s",
        "1m30s",
        "30sec",
        "0x10s",
        "86400001ms",
        "1e3s",
        "1441m",
        "∞s",
        "99999999999999999999s",
        "18446744073709551617s",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        int64_t milliseconds = 0;
        cr_expect_not(interval_parse(words[i], &milliseconds), "%s", words[i]);
    }
}

Test(serve_options, take_addresses_and_print_them_alike)
{
    static const char *const words[] = {
        "127.0.0.1:9797", "0.0.0.0:0",   "[::1]:9797",     "[::]:65535",
        "unix:/run/w.s",  "unix:w.sock", "[fe80::1:2]:80",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct sockaddr_storage address;
        socklen_t length = 0;
        struct error err = {0};
        char buffer[ADDRESS_TEXT_MAX];
        cr_expect(address_parse(words[i], &address, &length, &err), "%s", err.text);
        cr_expect_str_eq(address_words(&address, buffer), words[i]);
        cr_expect_gt(length, 0);
    }
}

Test(serve_options, refuse_other_addresses_and_say_why)
{
    CLEANUP(mem_free_text) char *path = mem_new(sizeof(struct sockaddr_un) + 8, 1);
    memset(path, 'x', sizeof(struct sockaddr_un) + 7);
    memcpy(path, "unix:", 5);
    const char *const rows[][2] = {
        {"", "no port"},
        {"127.0.0.1", "no port"},
        {"127.0.0.1:", "no port"},
        {"127.0.0.1:http", "no port"},
        {"127.0.0.1:65536", "no port"},
        {"127.0.0.1:-1", "no port"},
        {"127.0.0.1: 1", "no port"},
        {"127.0.0.1:1 ", "no port"},
        {":9797", "[::]:9797"},
        {"localhost:9797", "no numeric address"},
        {"::1:9797", "no numeric address"},
        {"[127.0.0.1]:9797", "no numeric address"},
        {"[]:9797", "no numeric address"},
        {"[::1:9797", "no numeric address"},
        {"256.0.0.1:9797", "no numeric address"},
        {"unix:", "a path is missing"},
        {path, "at most"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_storage address;
        socklen_t length = 0;
        struct error err = {0};
        cr_expect_not(address_parse(rows[i][0], &address, &length, &err), "%s", rows[i][0]);
        cr_expect_not_null(strstr(err.text, rows[i][1]), "%s: %s", rows[i][0], err.text);
    }
}

static bool read_with(enum option_id id, const char *word, struct serve_options *out,
                      struct error *err)
{
    struct options options = {0};
    char *items[] = {(char *)word};

    if (word != NULL)
        options.values[id] = (struct option_values){.items = items, .count = 1};
    return serve_options_read(&options, out, err);
}

Test(serve_options, have_defaults)
{
    struct serve_options options;
    struct error err = {0};
    char buffer[ADDRESS_TEXT_MAX];

    cr_assert(read_with(OPTION_LISTEN, NULL, &options, &err), "%s", err.text);
    cr_expect_eq(options.interval_ms, 30000);
    cr_expect_eq(options.ready_when, READY_WHEN_PASS);
    cr_expect_str_eq(address_words(&options.address, buffer), "127.0.0.1:9797");
}

Test(serve_options, know_every_word_of_ready_when)
{
    struct serve_options options;

    for (size_t i = 0; ready_when_name(i) != NULL; i++) {
        cr_assert(read_with(OPTION_READY_WHEN, ready_when_name(i), &options, NULL));
        cr_expect_eq(options.ready_when, i);
    }
    cr_expect_eq(options.ready_when, READY_WHEN_NO_LOW);
}

Test(serve_options, name_the_option_that_is_wrong)
{
    struct serve_options options;
    struct error err = {0};

    cr_expect_not(read_with(OPTION_INTERVAL, "30", &options, &err));
    cr_expect_not_null(strstr(err.text, "--interval: \"30\""), "%s", err.text);
    cr_expect_not(read_with(OPTION_LISTEN, "x", &options, &err));
    cr_expect_not_null(strstr(err.text, "--listen: \"x\""), "%s", err.text);
}
