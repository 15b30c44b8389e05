/*
 * The formats junit and html, and the quoting that they share: each status has its place, and no
 * text becomes markup.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"
#include "tests/unit/report_fixture.h"

static char *quoted(const char *text)
{
    char *out = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&out, &length);

    markup_put(text, stream);
    (void)fclose(stream);
    return out;
}

Test(markup, what_is_special_becomes_a_reference)
{
    static const struct {
        const char *text;
        const char *markup;
    } cases[] = {
        {"", ""},
        {"plain: a.b-c_d/e", "plain: a.b-c_d/e"},
        {"<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"},
        {"]]>", "]]&gt;"},
        {"&amp;", "&amp;amp;"},
        {"a\nb", "a&#10;b"},
        {"\xc3\xa9 \xf0\x9f\x98\x80", "\xc3\xa9 \xf0\x9f\x98\x80"},
        {"\x01\x1b\x7f", "\\x01\\x1b\\x7f"},
        {"\xff\xc3", "\\xff\\xc3"},
        /* U+FFFD is a character of XML, U+FFFE and U+FFFF are not. */
        {"\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"a\xef\xbf\xbe<\xef\xbf\xbf", "a\\xef\\xbf\\xbe&lt;\\xef\\xbf\\xbf"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *markup = quoted(cases[i].text);
        cr_expect_str_eq(markup, cases[i].markup);
        free(markup);
    }
}

Test(junit, each_status_has_its_element)
{
    char *text = report_fixture_write_all("junit", SEVERITY_LOW);

    report_expect_in(text,
                     "<testsuites name=\"watertight\" tests=\"7\" failures=\"3\" errors=\"1\">");
    report_expect_in(text, " skipped=\"2\" time=\"0.001250\" timestamp=\"2026-11-24T00:00:00Z\">");
    report_expect_in(text, "<property name=\"verdict\" value=\"fail\"/>");
    report_expect_in(text, "<property name=\"policy\" value=\"test\"/>");
    report_expect_in(text, "<testcase classname=\"t.pass\" name=\"t.pass: it passes\"/>\n");
    report_expect_in(text,
                     "name=\"t.fail /a b: it #fails \\ here\">\n      <failure type=\"high\" ");
    report_expect_in(text, "expected: writable\nobserved: EACCES\ndocker: --tmpfs\n");
    report_expect_in(text, "<error type=\"high\" message=\"test.integer could not be determined: "
                           "a &quot;filter&quot; killed it\">");
    report_expect_in(text, "<skipped message=\"not applicable: ");
    report_expect_in(text, "waived: SHOP-1\"/>");
    free(text);
}

Test(junit, a_failure_below_the_threshold_is_skipped_and_says_so)
{
    char *text = report_fixture_write_all("junit", SEVERITY_CRITICAL);

    report_expect_in(text, "failures=\"0\" errors=\"1\"");
    report_expect_in(text, " skipped=\"5\" ");
    report_expect_in(text, "<skipped message=\"below --fail-on=critical: ");
    free(text);
}

Test(junit, what_is_unknown_tells_no_observed_value)
{
    char *text = report_fixture_write_one("title", NULL, "m", STATUS_UNKNOWN, "junit");

    report_expect_in(text, "<error type=\"high\" message=\"m\">m\nexpected: ");
    cr_expect_null(strstr(text, "observed"));
    free(text);
}

Test(junit, no_name_can_end_an_attribute_or_an_element)
{
    char *text =
        report_fixture_write_one("\"/><failure/>", "</testcase>", "]]>\"", STATUS_FAIL, "junit");

    report_expect_in(text, "name=\"t.rule &lt;/testcase&gt;: &quot;/&gt;&lt;failure/&gt;\">\n"
                           "      <failure type=\"high\" message=\"]]&gt;&quot;\">]]&gt;&quot;\n");
    free(text);
}

Test(html, each_status_has_its_section)
{
    char *text = report_fixture_write_all("html", SEVERITY_LOW);

    report_expect_in(text, "<title>watertight: fail, policy test</title>");
    report_expect_in(text, "<h2>Failed (3)</h2>");
    report_expect_in(text, "<h3 class=\"name\">t.fail /a b</h3> <span class=\"tag\">high</span>");
    report_expect_in(text, "<dt>Observed</dt><dd><code>EACCES</code></dd>");
    report_expect_in(text, "<dt>Fix: Docker</dt><dd><code>--tmpfs</code></dd>");
    report_expect_in(text, "<h2>Not determined (1)</h2>");
    report_expect_in(text, "<h2>Waived (1)</h2>");
    report_expect_in(text, "<h2>Skipped (1)</h2>");
    report_expect_in(text, "<h2>Passed (1)</h2>");
    report_expect_in(text, "<th scope=\"row\" class=\"name\">t.pass</th><td>it passes</td>");
    cr_expect_lt((void *)strstr(text, "t.fail-too"), (void *)strstr(text, "t.low"));
    free(text);
}

Test(html, a_section_without_findings_is_left_out)
{
    char *text = report_fixture_write_one("title", NULL, "m", STATUS_PASS, "html");

    report_expect_in(text, "<header class=\"pass\">");
    cr_expect_null(strstr(text, "Failed ("));
    cr_expect_null(strstr(text, "Waived ("));
    free(text);
}

Test(html, nothing_comes_from_outside_and_nothing_runs)
{
    static const char *const forbidden[] = {"http:",   "https:",  "//",    "src=", "url(",
                                            "@import", "<script", "<link", "<img", " on"};
    char *text = report_fixture_write_one("title", NULL, "m", STATUS_FAIL, "html");

    report_expect_in(text, "content=\"default-src 'none'; style-src 'unsafe-inline'\"");
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        cr_expect_null(strstr(text, forbidden[i]), "%s", forbidden[i]);
    free(text);
}

Test(html, no_name_becomes_an_element)
{
    char *text =
        report_fixture_write_one("<b>", "<script>alert(1)</script>", "<i>", STATUS_FAIL, "html");

    report_expect_in(text, "t.rule &lt;script&gt;alert(1)&lt;/script&gt;");
    cr_expect_null(strstr(text, "<script"));
    cr_expect_null(strstr(text, "<b>"));
    cr_expect_null(strstr(text, "<i>"));
    free(text);
}
