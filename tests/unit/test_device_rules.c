/*
 * devices.list as the kernel prints it (security/device_cgroup.c), and what is none.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/device_rules.h"

static bool parse(const char *text, struct device_rule *out)
{
    struct span line = {.at = text, .end = text + strlen(text)};

    return device_rule_parse(line, out, NULL);
}

Test(device_rules, lines_of_the_kernel_are_read)
{
    static const struct {
        const char *text;
        struct device_rule rule;
    } cases[] = {
        {"a *:* rwm", {'a', DEVICE_RULE_ANY, DEVICE_RULE_ANY, true}},
        {"c *:* m", {'c', DEVICE_RULE_ANY, DEVICE_RULE_ANY, false}},
        {"c 136:* rwm", {'c', 136, DEVICE_RULE_ANY, true}},
        {"b 8:16 r", {'b', 8, 16, true}},
        {"b 8:16 wm", {'b', 8, 16, true}},
        {"c 4294967295:0 w", {'c', 4294967295, 0, true}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct device_rule rule = {0};
        cr_assert(parse(cases[i].text, &rule), "%s", cases[i].text);
        cr_expect_eq(rule.type, cases[i].rule.type);
        cr_expect_eq(rule.major, cases[i].rule.major);
        cr_expect_eq(rule.minor, cases[i].rule.minor);
        cr_expect_eq(rule.can_open, cases[i].rule.can_open, "%s", cases[i].text);
    }
}

Test(device_rules, other_lines_are_refused)
{
    static const char *const cases[] = {
        "",           "a",         "a *:*",     "a * rwm",   "d 1:3 rwm",
        "cc 1:3 rwm", "c 1:3 rwx", "c 1: rwm",  "c :3 rwm",  "c 4294967296:0 r",
        "c -1:3 r",   "c 1:3 r m", "c 1:3:4 r", "c **:1 rw", "c 0x1:3 rwm",
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct device_rule rule = {0};
        cr_expect_not(parse(cases[i], &rule), "%s", cases[i]);
    }
}
