/*
 * The format tap, on reports made by hand: no text can forge a line, a directive or a block.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

static char *write_tap(const char *title, const char *subject, const char *message,
                       enum status status)
{
    return report_fixture_write_one(title, subject, message, status, "tap");
}

Test(report_tap, a_title_cannot_forge_a_directive)
{
    char *text = write_tap("all is well # SKIP", NULL, "m", STATUS_FAIL);

    report_expect_in(text, "\nnot ok 1 - t.rule: all is well \\# SKIP\n");
    free(text);
}

Test(report_tap, a_subject_cannot_forge_a_line)
{
    char *text = write_tap("title", "/a\nok 2 - forged", "m", STATUS_FAIL);

    report_expect_in(text, "\nnot ok 1 - t.rule /a ok 2 - forged: title\n");
    free(text);
}

Test(report_tap, a_reason_cannot_forge_a_line)
{
    char *skipped = write_tap("title", NULL, "why\nBail out!", STATUS_SKIP);
    char *waived = write_tap("title", NULL, "why\nBail out!", STATUS_WAIVED);

    report_expect_in(skipped, "\nok 1 - t.rule: title # SKIP why Bail out!\n");
    report_expect_in(waived, "\nnot ok 1 - t.rule: title # TODO why Bail out!\n");
    free(skipped);
    free(waived);
}

Test(report_tap, a_message_cannot_end_its_block)
{
    char *text = write_tap("title", NULL, "a: \"b\" # c\n  ...\nok 2", STATUS_UNKNOWN);

    report_expect_in(text, "\n  message: \"a: \\\"b\\\" # c\\n  ...\\nok 2\"\n");
    free(text);
}

Test(report_tap, no_control_character_comes_through)
{
    char *text = write_tap("a \033[31m b \xc2\x9b"
                           "2J c \x7f d \xff",
                           NULL, "\x7f", STATUS_FAIL);

    report_expect_in(text, ": a \\\\x1b[31m b \\\\xc2\\\\x9b2J c \\\\x7f d \\\\xff\n");
    report_expect_in(text, "\n  message: \"\\\\x7f\"\n");
    free(text);
}

Test(report_tap, a_pass_is_one_line)
{
    char *text = write_tap("title", NULL, "m", STATUS_PASS);

    cr_expect_str_eq(text, "TAP version 14\n1..1\nok 1 - t.rule: title\n");
    free(text);
}

Test(report_tap, the_plan_counts_the_lines_in_their_order)
{
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);
    char *text = report_fixture_write(&fixture, "tap", false, 80);
    int plan = atoi(strstr(text, "1..") + 3);
    int lines = 0;

    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        bool is_not_ok = strncmp(line, "not ok ", 7) == 0;
        if (!is_not_ok && strncmp(line, "ok ", 3) != 0)
            continue;
        cr_expect_eq(atoi(line + (is_not_ok ? 7 : 3)), ++lines);
    }
    cr_expect_gt(plan, 1);
    cr_expect_eq(lines, plan);
    free(text);
    report_fixture_free(&fixture);
}
