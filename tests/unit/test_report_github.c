/*
 * The formats github and markdown: the annotations and the job summary of GitHub Actions.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

Test(github, the_verdict_comes_first_then_the_worst)
{
    char *text = report_fixture_write_all("github", SEVERITY_LOW);

    cr_expect_eq(strncmp(text, "::error title=watertight%3A fail::policy test: 1 passed, ", 57), 0,
                 "%s", text);
    report_expect_in(text, "\n::error title=t.fail /a b (high)::/a b is not what");
    report_expect_in(text, "%0Aexpected: writable%0Adocker: --tmpfs%0Acompose: ");
    report_expect_in(text, "\n::error title=t.low (low)::");
    report_expect_in(text, "\n::warning title=t.unknown (high)::");
    report_expect_in(text, "\n::notice title=t.waived (high)::");
    cr_expect_null(strstr(text, "t.pass"));
    cr_expect_null(strstr(text, "t.skip"));
    cr_expect_lt((void *)strstr(text, "t.fail"), (void *)strstr(text, "t.low"));
    cr_expect_lt((void *)strstr(text, "t.low"), (void *)strstr(text, "t.unknown"));
    free(text);
}

Test(github, a_failure_below_the_threshold_is_a_warning)
{
    char *text = report_fixture_write_all("github", SEVERITY_HIGH);

    report_expect_in(text, "\n::warning title=t.low (low%2C below --fail-on=high)::");
    free(text);
}

Test(github, a_verdict_that_is_not_a_failure_is_no_error)
{
    char *pass = report_fixture_write_one("title", NULL, "m", STATUS_PASS, "github");
    char *unknown = report_fixture_write_one("title", NULL, "m", STATUS_UNKNOWN, "github");

    cr_expect_eq(strncmp(pass, "::notice title=watertight%3A pass::", 35), 0, "%s", pass);
    cr_expect_eq(strncmp(unknown, "::warning title=watertight%3A incomplete::", 42), 0, "%s",
                 unknown);
    free(pass);
    free(unknown);
}

Test(github, no_text_can_end_a_property_or_a_line)
{
    char *text = report_fixture_write_one("title", "/a,file=x::b%0A", "m: 1, 2 100%\n::error::x",
                                          STATUS_UNKNOWN, "github");

    report_expect_in(text, "\n::warning title=t.rule /a%2Cfile=x%3A%3Ab%250A (high)::"
                           "m: 1, 2 100%25%0A::error::x\n");
    free(text);
}

Test(markdown, each_status_has_its_table)
{
    char *text = report_fixture_write_all("markdown", SEVERITY_LOW);

    report_expect_in(text, "## \xe2\x9d\x8c watertight: fail\n\nPolicy **test**: ");
    report_expect_in(text, "\n| <code>t.fail /a b</code> | high | /a b is not");
    report_expect_in(text, "<br>expected: writable | docker: <code>--tmpfs</code><br>compose: ");
    report_expect_in(text, "\n### Not determined\n\n| Check | Severity | Why |\n|---|---|---|\n"
                           "| <code>t.unknown</code> | high | test.integer could not be "
                           "determined: a \"filter\" killed it |\n");
    report_expect_in(text, "\n### Waived\n");
    report_expect_in(text, "\n### Skipped\n");
    report_expect_in(text, "<summary>1 passed</summary>\n\n- <code>t.pass</code> it passes\n");
    free(text);
}

Test(markdown, no_text_becomes_markup_or_ends_its_cell)
{
    char *text = report_fixture_write_one("title", "`|<b>*_[x](y)\\", "a\n| b | www.h.invalid @c",
                                          STATUS_UNKNOWN, "markdown");

    report_expect_in(text, "| <code>t.rule &#96;&#124;&#60;b&#62;&#42;&#95;&#91;x&#93;(y)&#92;"
                           "</code> | high | a &#124; b &#124; www&#46;h.invalid &#64;c |\n");
    free(text);
}

Test(markdown, an_underscore_inside_a_word_stays_readable)
{
    char *text = report_fixture_write_one("title", NULL, "CAP_SYS_ADMIN _b_ c_ __d e_\xc3\xa9",
                                          STATUS_UNKNOWN, "markdown");

    report_expect_in(text, " CAP_SYS_ADMIN &#95;b&#95; c&#95; &#95;&#95;d e&#95;\xc3\xa9 |\n");
    free(text);
}

Test(markdown, a_title_of_a_pass_stays_in_its_line)
{
    char *text = report_fixture_write_one("a\n# b", NULL, "m", STATUS_PASS, "markdown");

    report_expect_in(text, "\n- <code>t.rule</code> a &#35; b\n\n</details>\n");
    free(text);
}
