/*
 * The format text, on reports made by hand: what is long, hostile or below the threshold.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

enum { WIDTH = 80 };

static void expect_in(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "no \"%s\" in\n%s", part, text);
}

/* A failing rule whose operand is "expected"; the texts are lent. */
static struct rule rule_of(char *id, enum severity severity, char *fix)
{
    return (struct rule){
        .id = id,
        .title = (char *)"a title",
        .severity = severity,
        .op = OPERATOR_IS,
        .remedy = {.docker = fix},
    };
}

static struct finding failure_of(const struct rule *rule, char *subject, char *message)
{
    return (struct finding){
        .rule = rule,
        .subject = subject,
        .status = STATUS_FAIL,
        .message = message,
        .expected = {.type = VALUE_TEXT, .text = (char *)"expected"},
        .observed = {.type = VALUE_TEXT, .text = (char *)"observed"},
    };
}

static char *write_text(struct finding *rows, size_t count, enum severity fail_on)
{
    struct policy policy = {.name = (char *)"hand", .source = (char *)"f", .fail_on = fail_on};
    struct findings findings = {.rows = rows, .count = count};

    for (size_t i = 0; i < count; i++)
        findings.totals[rows[i].status]++;
    return report_fixture_write_findings(&findings, &policy, NULL, "text");
}

static char *write_message(char *message)
{
    struct rule rule = rule_of((char *)"t.rule", SEVERITY_HIGH, NULL);
    struct finding row = failure_of(&rule, NULL, message);

    return write_text(&row, 1, SEVERITY_LOW);
}

Test(report_text, a_long_subject_goes_to_a_line_of_its_own)
{
    struct rule rule =
        rule_of((char *)"filesystem.a-rule-with-a-long-id", SEVERITY_HIGH, (char *)"fix it");
    char subject[] = "/var/lib/a/folder/deep/below/many/others/of/long/names";
    struct finding rows[] = {failure_of(&rule, subject, (char *)"m"),
                             failure_of(&rule, subject, (char *)"m")};

    rows[1].status = STATUS_PASS;
    char *text = write_text(rows, 2, SEVERITY_LOW);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        cr_expect_leq(strcspn(line, "\n"), (size_t)WIDTH, "%.*s", (int)strcspn(line, "\n"), line);
    cr_expect_null(strstr(text, " \n"), "a blank ends a line of\n%s", text);
    free(text);
}

Test(report_text, a_word_longer_than_a_line_is_not_cut)
{
    char message[] =
        "before xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx after";
    char *text = write_message(message);
    char *word = strchr(message, 'x');

    word[strcspn(word, " ")] = '\0';
    expect_in(text, "        before\n        xxx");
    expect_in(text, word);
    expect_in(text, "x\n        after\n");
    free(text);
}

Test(report_text, a_character_of_several_bytes_is_one_column)
{
    char *text = write_message((char *)"éééééééééé éééééééééé éééééééééé éééééééééé éééééééééé "
                                       "éééééééééé end");

    expect_in(text,
              "        éééééééééé éééééééééé éééééééééé éééééééééé éééééééééé éééééééééé end\n");
    free(text);
}

Test(report_text, no_control_character_comes_through)
{
    char *text = write_message((char *)"a \033[31m b \xc2\x9b"
                                       "2J c \x7f d \xff");

    expect_in(text, "a \\x1b[31m b \\xc2\\x9b2J c \\x7f d \\xff\n");
    free(text);
}

Test(report_text, a_failure_below_the_threshold_says_so)
{
    struct rule rule = rule_of((char *)"t.rule", SEVERITY_MEDIUM, NULL);
    struct finding row = failure_of(&rule, NULL, (char *)"m");
    char *counted = write_text(&row, 1, SEVERITY_MEDIUM);
    char *below = write_text(&row, 1, SEVERITY_HIGH);

    expect_in(counted, "FAIL  policy hand: 0 passed, 1 failed, ");
    expect_in(counted, "t.rule [medium]\n");
    expect_in(below, "PASS  policy hand: 0 passed, 1 failed (below --fail-on=high), ");
    expect_in(below, "t.rule [medium, below --fail-on=high]\n");
    free(counted);
    free(below);
}

Test(report_text, a_fix_that_was_told_before_is_referred_to_by_its_rule)
{
    struct rule rules[] = {rule_of((char *)"t.one", SEVERITY_HIGH, (char *)"fix one"),
                           rule_of((char *)"t.two", SEVERITY_HIGH, (char *)"fix two"),
                           rule_of((char *)"t.three", SEVERITY_LOW, (char *)"fix one")};
    struct finding rows[] = {failure_of(&rules[0], NULL, (char *)"m"),
                             failure_of(&rules[1], NULL, (char *)"m"),
                             failure_of(&rules[2], NULL, (char *)"m")};
    char *text = write_text(rows, 3, SEVERITY_LOW);

    expect_in(text, "docker      fix two\n");
    expect_in(text, "fix       as for t.one\n");
    cr_expect_null(strstr(strstr(text, "fix one") + 1, "fix one"));
    free(text);
}

Test(report_text, a_set_of_nothing_but_long_elements_is_counted)
{
    struct rule rule = rule_of((char *)"t.rule", SEVERITY_HIGH, NULL);
    struct finding row = failure_of(&rule, NULL, (char *)"m");
    struct strset set = {0};

    strset_add(&set, "lowerdir=/var/lib/containers/storage/overlay/l/AAAAAAAAAAAAAAAAAAAAAAAA");
    row.observed = value_set(&set);
    char *text = write_text(&row, 1, SEVERITY_LOW);
    expect_in(text, "observed  1 too long to show here\n");
    value_free(&row.observed);
    free(text);
}

Test(report_text, nothing_but_passes_takes_few_lines)
{
    struct rule rule = rule_of((char *)"t.rule", SEVERITY_HIGH, (char *)"fix it");
    struct finding rows[] = {failure_of(&rule, (char *)"/a", (char *)"m"),
                             failure_of(&rule, (char *)"/b", (char *)"m")};

    rows[0].status = STATUS_PASS;
    rows[1].status = STATUS_PASS;
    char *text = write_text(rows, 2, SEVERITY_LOW);
    expect_in(text, "ms\n\nPASS    t.rule (2)\n");
    cr_expect_null(strstr(text, "fix it"));
    free(text);
}

Test(report_text, another_process_1_that_is_confined_otherwise_is_named)
{
    static const struct fact_key init = {
        .name = "process.init", .type = VALUE_TEXT, .subjects = SUBJECTS_ALL};
    static const struct fact_key name = {.name = "process.init_name", .type = VALUE_TEXT};
    struct report_fixture fixture = report_fixture_make(SEVERITY_LOW);

    (void)facts_put_text(&fixture.facts, &init, "seccomp.mode", "same");
    (void)facts_put_absent(&fixture.facts, &init, "user.gid.effective");
    fact_set_detail(facts_put_text(&fixture.facts, &name, NULL, "pause\033[31m"), "it waits");
    char *same = report_fixture_write(&fixture, "text", false, WIDTH);
    cr_expect(strstr(same, "process 1") == NULL, "%s", same);
    free(same);
    (void)facts_put_text(&fixture.facts, &init, "user.uid.effective", "different");
    (void)facts_put_text(&fixture.facts, &init, "capabilities.effective", "different");
    char *text = report_fixture_write(&fixture, "text", false, 200);
    expect_in(text, "\n        process 1 (pause\\x1b[31m; it waits) is another and differs in "
                    "capabilities.effective, user.uid.effective\n");
    free(text);
    report_fixture_free(&fixture);
}
