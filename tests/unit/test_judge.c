/*
 * Judging: facts and a policy give findings.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/judge.h"
#include "tests/unit/catalog.h"
#include "tests/unit/policy_text.h"

static const struct date today = {2026, 11, 24};

/* Judges and returns the status of the only finding. */
static enum status judge_one(const struct facts *facts, const char *rule)
{
    struct policy policy = policy_of_rule(rule);
    struct findings findings = {0};

    judge(facts, &policy, today, &findings);
    cr_assert_eq(findings.count, 1);
    enum status status = findings.rows[0].status;
    cr_expect_eq(findings.totals[status], 1);
    findings_free(&findings);
    policy_free(&policy);
    return status;
}

static void put_words(struct facts *facts, const struct fact_key *key, const char *a, const char *b)
{
    struct strset set = {0};

    if (a != NULL)
        strset_add(&set, a);
    if (b != NULL)
        strset_add(&set, b);
    (void)facts_put_set(facts, key, NULL, &set);
}

Test(judge, each_operator_holds_where_it_should)
{
    static const struct {
        const char *rule;
        enum status status;
    } cases[] = {
        {"\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":true", STATUS_PASS},
        {"\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":false", STATUS_FAIL},
        {"\"fact\":\"test.integer\",\"operator\":\"is_not\",\"operand\":0", STATUS_PASS},
        {"\"fact\":\"test.integer\",\"operator\":\"is_not\",\"operand\":7", STATUS_FAIL},
        {"\"fact\":\"test.integer\",\"operator\":\"at_least\",\"operand\":7", STATUS_PASS},
        {"\"fact\":\"test.integer\",\"operator\":\"at_least\",\"operand\":8", STATUS_FAIL},
        {"\"fact\":\"test.integer\",\"operator\":\"at_most\",\"operand\":7", STATUS_PASS},
        {"\"fact\":\"test.integer\",\"operator\":\"at_most\",\"operand\":6", STATUS_FAIL},
        {"\"fact\":\"test.integer\",\"operator\":\"one_of\",\"operand\":[\"6\",\"7\"]",
         STATUS_PASS},
        {"\"fact\":\"test.integer\",\"operator\":\"contains_none\",\"operand\":[\"7\"]",
         STATUS_FAIL},
        {"\"fact\":\"test.text\",\"operator\":\"is\",\"operand\":\"word\"", STATUS_PASS},
        {"\"fact\":\"test.text\",\"operator\":\"one_of\",\"operand\":[\"other\"]", STATUS_FAIL},
        {"\"fact\":\"test.set\",\"operator\":\"empty\"", STATUS_FAIL},
        {"\"fact\":\"test.set\",\"operator\":\"subset_of\",\"operand\":[\"a\",\"b\",\"c\"]",
         STATUS_PASS},
        {"\"fact\":\"test.set\",\"operator\":\"subset_of\",\"operand\":[\"a\"]", STATUS_FAIL},
        {"\"fact\":\"test.set\",\"operator\":\"contains_all\",\"operand\":[\"a\"]", STATUS_PASS},
        {"\"fact\":\"test.set\",\"operator\":\"contains_all\",\"operand\":[\"a\",\"c\"]",
         STATUS_FAIL},
        {"\"fact\":\"test.set\",\"operator\":\"contains_none\",\"operand\":[\"c\"]", STATUS_PASS},
        {"\"fact\":\"test.set\",\"operator\":\"contains_none\",\"operand\":[\"b\"]", STATUS_FAIL},
        {"\"fact\":\"test.set\",\"operator\":\"is\",\"operand\":[\"b\",\"a\"]", STATUS_PASS},
    };
    struct facts facts = {0};

    (void)facts_put_bool(&facts, &key_bool, NULL, true);
    (void)facts_put_integer(&facts, &key_integer, NULL, 7);
    (void)facts_put_text(&facts, &key_text, NULL, "word");
    put_words(&facts, &key_set, "a", "b");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(judge_one(&facts, cases[i].rule), cases[i].status, "%s", cases[i].rule);
    facts_free(&facts);
}

Test(judge, unknown_never_passes)
{
    struct facts facts = {0};

    (void)facts_put_unknown(&facts, &key_integer, NULL, "it was dark");
    cr_expect_eq(
        judge_one(&facts, "\"fact\":\"test.integer\",\"operator\":\"is_not\",\"operand\":0"),
        STATUS_UNKNOWN);
    facts_free(&facts);
}

Test(judge, what_was_not_observed_is_unknown)
{
    struct facts facts = {0};

    cr_expect_eq(
        judge_one(&facts, "\"fact\":\"test.integer\",\"operator\":\"is_not\",\"operand\":0"),
        STATUS_UNKNOWN);
    cr_expect_eq(judge_one(&facts,
                           "\"fact\":\"test.path\",\"subjects\":[\"/x\"],\"operator\":\"is\","
                           "\"operand\":\"y\",\"absent\":\"pass\""),
                 STATUS_UNKNOWN);
    cr_expect_eq(judge_one(&facts, "\"fact\":\"test.everywhere\",\"subjects\":[\"x\"],\"operator\":"
                                   "\"is\",\"operand\":1,\"absent\":\"pass\""),
                 STATUS_UNKNOWN);
    facts_free(&facts);
}

Test(judge, an_absent_fact_means_what_the_rule_says)
{
    static const struct {
        const char *absent;
        enum status status;
    } cases[] = {
        {"", STATUS_UNKNOWN},
        {",\"absent\":\"unknown\"", STATUS_UNKNOWN},
        {",\"absent\":\"pass\"", STATUS_PASS},
        {",\"absent\":\"fail\"", STATUS_FAIL},
        {",\"absent\":\"skip\"", STATUS_SKIP},
    };
    struct facts facts = {0};

    (void)facts_put_absent(&facts, &key_integer, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rule[128];
        (void)snprintf(rule, sizeof rule,
                       "\"fact\":\"test.integer\",\"operator\":\"is\",\"operand\":1%s",
                       cases[i].absent);
        cr_expect_eq(judge_one(&facts, rule), cases[i].status, "%s", cases[i].absent);
    }
    facts_free(&facts);
}

Test(judge, a_subject_that_an_exhaustive_key_does_not_name_is_absent)
{
    static const char rule[] = "\"fact\":\"test.everywhere\",\"subjects\":[\"x\"],"
                               "\"operator\":\"is\",\"operand\":1,\"absent\":\"fail\"";
    struct facts facts = {0};

    (void)facts_put_integer(&facts, &key_everywhere, "y", 1);
    cr_expect_eq(judge_one(&facts, rule), STATUS_FAIL);
    facts_free(&facts);
    (void)facts_put_unknown(&facts, &key_everywhere, NULL, "the list could not be read");
    cr_expect_eq(judge_one(&facts, rule), STATUS_UNKNOWN);
    facts_free(&facts);
}

Test(judge, a_rule_without_subjects_looks_at_every_one)
{
    struct policy policy =
        policy_of_rule("\"fact\":\"test.everywhere\",\"operator\":\"at_least\",\"operand\":2");
    struct facts facts = {0};
    struct findings findings = {0};

    (void)facts_put_integer(&facts, &key_everywhere, "b", 1);
    (void)facts_put_integer(&facts, &key_everywhere, "a", 2);
    (void)facts_put_unknown(&facts, &key_everywhere, "c", "hidden");
    judge(&facts, &policy, today, &findings);
    cr_assert_eq(findings.count, 3);
    cr_expect_str_eq(findings.rows[0].subject, "a");
    cr_expect_eq(findings.rows[0].status, STATUS_PASS);
    cr_expect_eq(findings.rows[1].status, STATUS_FAIL);
    cr_expect_eq(findings.rows[2].status, STATUS_UNKNOWN);
    findings_free(&findings);
    facts_free(&facts);
    policy_free(&policy);
}

Test(judge, the_worst_of_several_facts_decides)
{
    static const char rule[] = "\"fact\":[\"test.integer\",\"test.other\"],"
                               "\"operator\":\"is_not\",\"operand\":0";
    struct facts facts = {0};

    (void)facts_put_integer(&facts, &key_integer, NULL, 5);
    (void)facts_put_unknown(&facts, &key_other, NULL, "hidden");
    cr_expect_eq(judge_one(&facts, rule), STATUS_UNKNOWN);
    facts_free(&facts);
    (void)facts_put_integer(&facts, &key_other, NULL, 0);
    (void)facts_put_unknown(&facts, &key_integer, NULL, "hidden");
    cr_expect_eq(judge_one(&facts, rule), STATUS_FAIL);
    facts_free(&facts);
}

Test(judge, a_condition_that_does_not_hold_skips)
{
    static const char rule[] =
        "\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":true,"
        "\"when\":[{\"fact\":\"test.word\",\"operator\":\"is\",\"operand\":\"red\"}]";
    struct facts facts = {0};

    (void)facts_put_bool(&facts, &key_bool, NULL, false);
    (void)facts_put_text(&facts, &key_word, NULL, "green");
    cr_expect_eq(judge_one(&facts, rule), STATUS_SKIP);
    value_free(&facts.rows[1].value);
    facts.rows[1].value = value_text("red");
    cr_expect_eq(judge_one(&facts, rule), STATUS_FAIL);
    facts_free(&facts);
}

Test(judge, a_condition_that_is_unknown_makes_the_finding_unknown)
{
    struct facts facts = {0};

    (void)facts_put_bool(&facts, &key_bool, NULL, true);
    (void)facts_put_unknown(&facts, &key_word, NULL, "hidden");
    cr_expect_eq(judge_one(&facts,
                           "\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":true,\"when\":[{"
                           "\"fact\":\"test.word\",\"operator\":\"is\",\"operand\":\"red\"}]"),
                 STATUS_UNKNOWN);
    facts_free(&facts);
}

Test(judge, an_absent_condition_holds_only_when_it_says_so)
{
    struct facts facts = {0};

    (void)facts_put_bool(&facts, &key_bool, NULL, true);
    (void)facts_put_absent(&facts, &key_word, NULL);
    cr_expect_eq(judge_one(&facts,
                           "\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":true,\"when\":[{"
                           "\"fact\":\"test.word\",\"operator\":\"is_not\",\"operand\":\"red\"}]"),
                 STATUS_SKIP);
    cr_expect_eq(judge_one(&facts,
                           "\"fact\":\"test.bool\",\"operator\":\"is\",\"operand\":true,\"when\":[{"
                           "\"fact\":\"test.word\",\"operator\":\"is_not\",\"operand\":\"red\","
                           "\"absent\":true}]"),
                 STATUS_PASS);
    facts_free(&facts);
}

Test(judge, a_rule_whose_list_of_subjects_is_empty_is_skipped)
{
    struct facts facts = {0};

    cr_expect_eq(judge_one(&facts, "\"fact\":\"test.path\",\"subjects\":[],\"operator\":\"is\","
                                   "\"operand\":\"x\""),
                 STATUS_SKIP);
    facts_free(&facts);
}

/* Judges one failing fact under a waiver of these members and gives the finding. */
static enum status judge_waived(const char *waiver, bool is_unknown, char message[static 256])
{
    char members[512];
    struct facts facts = {0};
    struct findings findings = {0};

    (void)snprintf(members, sizeof members,
                   "\"rules\":{\"t.rule\":{\"title\":\"a\",\"severity\":\"low\",\"fact\":"
                   "\"test.path\",\"subjects\":[\"/x\"],\"operator\":\"is\",\"operand\":\"y\"}},"
                   "\"waivers\":[{\"reason\":\"TICKET-1\",%s}]",
                   waiver);
    struct policy policy = policy_of(members);
    if (is_unknown)
        (void)facts_put_unknown(&facts, &key_path, "/x", "hidden");
    else
        (void)facts_put_text(&facts, &key_path, "/x", "z");
    judge(&facts, &policy, today, &findings);
    enum status status = findings.rows[0].status;
    (void)snprintf(message, 256, "%s", findings.rows[0].message);
    findings_free(&findings);
    facts_free(&facts);
    policy_free(&policy);
    return status;
}

Test(judge, a_waiver_covers_failures_and_unknowns)
{
    char message[256];

    cr_expect_eq(judge_waived("\"rule\":\"t.rule\"", false, message), STATUS_WAIVED);
    cr_expect(strstr(message, "TICKET-1") != NULL, "%s", message);
    cr_expect_eq(judge_waived("\"rule\":\"t.rule\"", true, message), STATUS_WAIVED);
    cr_expect_eq(judge_waived("\"rule\":\"t.\"", false, message), STATUS_WAIVED);
    cr_expect_eq(judge_waived("\"rule\":\"t.rule\",\"subject\":\"/x\"", false, message),
                 STATUS_WAIVED);
    cr_expect_eq(judge_waived("\"rule\":\"t.rule\",\"subject\":\"/w\"", false, message),
                 STATUS_FAIL);
}

Test(judge, a_waiver_holds_through_its_last_day_and_not_longer)
{
    char message[256];

    cr_expect_eq(judge_waived("\"rule\":\"t.rule\",\"until\":\"2026-11-24\"", false, message),
                 STATUS_WAIVED);
    cr_expect_eq(judge_waived("\"rule\":\"t.rule\",\"until\":\"2026-11-23\"", false, message),
                 STATUS_FAIL);
    cr_expect(strstr(message, "expired on 2026-11-23") != NULL, "%s", message);
}

Test(judge, the_message_is_filled_in_and_gives_the_evidence)
{
    struct policy policy = policy_of_rule(
        "\"fact\":\"test.path\",\"subjects\":[\"/x\"],\"operator\":\"is\",\"operand\":\"y\","
        "\"message\":\"{subject} is {observed}, not {expected}\"");
    struct facts facts = {0};
    struct findings findings = {0};

    fact_set_detail(facts_put_text(&facts, &key_path, "/x", "z"), "mode 0755");
    judge(&facts, &policy, today, &findings);
    cr_expect_str_eq(findings.rows[0].message, "/x is z, not y (mode 0755)");
    findings_free(&findings);
    facts_free(&facts);
    policy_free(&policy);
}

/* The verdict over one failure and one unknown, each of which may be missing. */
static enum verdict verdict_of(const char *severity, bool has_failure, bool has_unknown,
                               enum severity fail_on)
{
    char members[512];
    struct facts facts = {0};
    struct findings findings = {0};

    (void)snprintf(members, sizeof members,
                   "\"rules\":{\"a\":{\"title\":\"a\",\"severity\":\"%s\",\"fact\":\"test.bool\","
                   "\"operator\":\"is\",\"operand\":true},\"b\":{\"title\":\"b\",\"severity\":"
                   "\"low\",\"fact\":\"test.integer\",\"operator\":\"is\",\"operand\":1}}",
                   severity);
    struct policy policy = policy_of(members);
    (void)facts_put_bool(&facts, &key_bool, NULL, !has_failure);
    if (has_unknown)
        (void)facts_put_unknown(&facts, &key_integer, NULL, "hidden");
    else
        (void)facts_put_integer(&facts, &key_integer, NULL, 1);
    judge(&facts, &policy, today, &findings);
    enum verdict verdict = findings_verdict(&findings, fail_on);
    findings_free(&findings);
    facts_free(&facts);
    policy_free(&policy);
    return verdict;
}

Test(judge, the_verdict_follows_severity_and_certainty)
{
    cr_expect_eq(verdict_of("medium", false, false, SEVERITY_LOW), VERDICT_PASS);
    cr_expect_eq(verdict_of("medium", true, false, SEVERITY_LOW), VERDICT_FAIL);
    cr_expect_eq(verdict_of("medium", true, false, SEVERITY_MEDIUM), VERDICT_FAIL);
    cr_expect_eq(verdict_of("medium", true, false, SEVERITY_HIGH), VERDICT_PASS);
    cr_expect_eq(verdict_of("medium", true, true, SEVERITY_LOW), VERDICT_FAIL);
    cr_expect_eq(verdict_of("medium", true, true, SEVERITY_HIGH), VERDICT_INCOMPLETE);
    cr_expect_eq(verdict_of("medium", false, true, SEVERITY_CRITICAL), VERDICT_INCOMPLETE);
}
