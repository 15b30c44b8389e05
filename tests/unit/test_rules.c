/*
 * Where a rule of the policy strict draws its line, on a hardened container's facts with one of
 * them changed: what no machine of the container tests can make, and what lies just beside it.
 */
#include <criterion/criterion.h>

#include "tests/unit/facts_file.h"

static enum status judge_with_rank(int64_t rank)
{
    struct judged_file file = facts_file_judge("hardened", "strict");

    facts_file_row(&file, "process.oom_score_adj", NULL)->value.integer = rank;
    facts_file_judge_again(&file);
    enum status status = facts_file_finding(&file, "limits.oom-score", NULL)->status;
    facts_file_free(&file);
    return status;
}

Test(rules, only_a_process_that_is_never_killed_out_of_memory_fails)
{
    cr_expect_eq(judge_with_rank(-1000), STATUS_FAIL);
    cr_expect_eq(judge_with_rank(-999), STATUS_PASS);
    cr_expect_eq(judge_with_rank(-997), STATUS_PASS);
    cr_expect_eq(judge_with_rank(0), STATUS_PASS);
    cr_expect_eq(judge_with_rank(1000), STATUS_PASS);
}

static enum status judge_with_randomization(const char *whose, const char *degree)
{
    struct judged_file file = facts_file_judge("hardened", "strict");
    struct fact *row = facts_file_row(&file, "memory.randomization", whose);

    value_free(&row->value);
    row->value = value_text(degree);
    facts_file_judge_again(&file);
    enum status status = facts_file_finding(&file, "memory.randomization", whose)->status;
    facts_file_free(&file);
    return status;
}

Test(rules, randomisation_that_is_off_fails_whoever_turned_it_off)
{
    static const char *const whose[] = {"kernel", "process"};

    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(judge_with_randomization(whose[i], "off"), STATUS_FAIL);
        cr_expect_eq(judge_with_randomization(whose[i], "partial"), STATUS_PASS);
        cr_expect_eq(judge_with_randomization(whose[i], "full"), STATUS_PASS);
    }
}
