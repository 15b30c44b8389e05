/*
 * The second pass: facts and a policy give findings. Pure: no clock, no system call.
 */
#include "agent/core/judge.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/fact_index.h"
#include "agent/core/mem.h"
#include "agent/core/message.h"

struct judging {
    struct fact_index index;
    const struct policy *policy;
    struct date today;
    struct findings *out;
};

/* What one rule says of one subject, before waivers. */
struct outcome {
    enum status status;
    char *message;         /* owned */
    struct value observed; /* lent by the facts */
};

/*
 * The row for key and subject. What the probes did not say is answered by stand_in: absent where
 * the key's rows name all that there are, else unknown.
 */
static const struct fact *judge_look_up(const struct judging *judging, const struct fact_key *key,
                                        const char *subject, struct fact *stand_in)
{
    const char *asked = key->subjects == SUBJECTS_NONE ? NULL : subject;
    const struct fact *row = fact_index_find(&judging->index, key, asked);
    size_t count = 0;

    if (row == NULL)
        row = fact_index_find(&judging->index, key, NULL);
    if (row != NULL)
        return row;
    (void)fact_index_rows(&judging->index, key, &count);
    *stand_in = (struct fact){.key = key, .subject = (char *)(uintptr_t)asked};
    stand_in->state = FACT_UNKNOWN;
    stand_in->reason = "it was not observed";
    if (key->subjects == SUBJECTS_ALL && count > 0)
        stand_in->state = FACT_ABSENT;
    return stand_in;
}

static char *unknown_words(const struct fact *row)
{
    const char *between = row->subject == NULL ? "" : " of ";
    const char *subject = row->subject == NULL ? "" : row->subject;

    return mem_format("%s%s%s could not be determined: %s", row->key->name, between, subject,
                      row->reason == NULL ? "no reason was given" : row->reason);
}

static char *not_applicable(const struct fact *row)
{
    CLEANUP(mem_free_text) char *words = message_observed(row);

    return mem_format("not applicable: %s", words);
}

/* A condition on a parameter is asked as if that were a fact; param, zeroed, is made into one. */
static const struct fact *judge_param(const struct judging *judging,
                                      const struct condition *condition, struct fact_key *key,
                                      struct fact *param)
{
    const struct operand asked = {.param = condition->param};

    *key = (struct fact_key){.name = condition->param};
    /* Lends the value: nobody frees this row. */
    *param = (struct fact){.key = key, .value = *policy_operand(judging->policy, &asked)};
    return param;
}

/* STATUS_PASS when the condition holds; otherwise why not, as the finding's outcome. */
static struct outcome judge_condition(const struct judging *judging,
                                      const struct condition *condition, const char *subject)
{
    const char *asked = condition->subject != NULL ? condition->subject : subject;
    const struct value *operand = policy_operand(judging->policy, &condition->operand);
    struct fact stand_in = {0};
    struct fact_key key = {0};
    const struct fact *row = condition->fact == NULL
                                 ? judge_param(judging, condition, &key, &stand_in)
                                 : judge_look_up(judging, condition->fact, asked, &stand_in);

    if (row->state == FACT_UNKNOWN)
        return (struct outcome){.status = STATUS_UNKNOWN, .message = unknown_words(row)};
    if (row->state == FACT_ABSENT ? condition->holds_if_absent
                                  : compare_holds(condition->op, &row->value, operand, NULL))
        return (struct outcome){.status = STATUS_PASS};
    CLEANUP(mem_free_text) char *words = not_applicable(row);
    return (struct outcome){
        .status = STATUS_SKIP,
        .message = condition->reason == NULL ? mem_copy(words)
                                             : mem_format("%s; %s", words, condition->reason),
    };
}

/* Of alternatives one that holds is enough; otherwise unknown counts more than skipped. */
static bool is_better(enum status a, enum status b)
{
    return a == STATUS_PASS || (a == STATUS_UNKNOWN && b == STATUS_SKIP);
}

/* The outcome of the condition at *index and of its alternatives; moves *index behind them. */
static struct outcome judge_alternatives(const struct judging *judging, const struct rule *rule,
                                         size_t *index, const char *subject)
{
    struct outcome best = judge_condition(judging, &rule->when[(*index)++], subject);

    for (; *index < rule->when_count && rule->when[*index].is_alternative; (*index)++) {
        struct outcome next = judge_condition(judging, &rule->when[*index], subject);
        bool is_kept = is_better(best.status, next.status);
        free(is_kept ? next.message : best.message);
        best = is_kept ? best : next;
    }
    return best;
}

/* STATUS_PASS when every condition holds; otherwise why not, as the finding's outcome. */
static struct outcome judge_conditions(const struct judging *judging, const struct rule *rule,
                                       const char *subject)
{
    struct outcome outcome = {.status = STATUS_PASS};

    for (size_t i = 0; i < rule->when_count;) {
        struct outcome next = judge_alternatives(judging, rule, &i, subject);
        /* The first that does not hold is told; but what is unknown might be what matters. */
        bool is_told = outcome.status == STATUS_PASS || next.status == STATUS_UNKNOWN;
        free(is_told ? outcome.message : next.message);
        outcome = is_told ? next : outcome;
        if (outcome.status == STATUS_UNKNOWN)
            return outcome;
    }
    return outcome;
}

static enum status status_of_absent(enum absent_means absent)
{
    static const enum status statuses[] = {
        [ABSENT_UNKNOWN] = STATUS_UNKNOWN,
        [ABSENT_PASS] = STATUS_PASS,
        [ABSENT_FAIL] = STATUS_FAIL,
        [ABSENT_SKIP] = STATUS_SKIP,
    };

    return statuses[absent];
}

static struct outcome judge_fact(const struct judging *judging, const struct rule *rule,
                                 const struct fact_key *key, const char *subject)
{
    const struct value *operand = policy_operand(judging->policy, &rule->operand);
    struct strset excess = {0};
    struct fact stand_in = {0};
    const struct fact *row = judge_look_up(judging, key, subject, &stand_in);
    struct outcome outcome = {.observed = row->value};

    if (row->state == FACT_UNKNOWN) {
        outcome.status = STATUS_UNKNOWN;
        outcome.message = unknown_words(row);
        return outcome;
    }
    if (row->state == FACT_ABSENT)
        outcome.status = status_of_absent(rule->absent);
    else if (!compare_holds(rule->op, &row->value, operand, &excess))
        outcome.status = STATUS_FAIL;
    else
        outcome.status = STATUS_PASS;
    if (outcome.status == STATUS_FAIL)
        outcome.message = message_fail(rule, row, subject, operand, &excess);
    else if (outcome.status == STATUS_SKIP)
        outcome.message = not_applicable(row);
    else
        outcome.message = message_observed(row);
    strset_free(&excess);
    return outcome;
}

/* Of two outcomes under one rule the worse decides: fail, then unknown, then pass, then skip. */
static bool is_worse(enum status a, enum status b)
{
    static const int badness[] = {
        [STATUS_SKIP] = 0, [STATUS_PASS] = 1, [STATUS_UNKNOWN] = 2, [STATUS_FAIL] = 3};

    return badness[a] > badness[b];
}

static struct outcome judge_facts(const struct judging *judging, const struct rule *rule,
                                  const char *subject)
{
    struct outcome worst = judge_conditions(judging, rule, subject);

    if (worst.status != STATUS_PASS)
        return worst;
    free(worst.message);
    worst = judge_fact(judging, rule, rule->facts[0], subject);
    for (size_t i = 1; i < rule->fact_count; i++) {
        struct outcome next = judge_fact(judging, rule, rule->facts[i], subject);
        struct outcome *loser = is_worse(next.status, worst.status) ? &worst : &next;
        struct outcome kept = loser == &worst ? next : worst;
        free(loser->message);
        worst = kept;
    }
    return worst;
}

static bool waiver_covers(const struct waiver *waiver, const char *rule, const char *subject)
{
    if (!rule_matches(rule, waiver->rule))
        return false;
    return waiver->subject == NULL || (subject != NULL && strcmp(waiver->subject, subject) == 0);
}

/* Turns a failure or an unknown into waived, or says that its waiver has expired. */
static void judge_waivers(const struct judging *judging, const struct rule *rule,
                          const char *subject, struct outcome *outcome)
{
    const struct waiver *expired = NULL;

    if (outcome->status != STATUS_FAIL && outcome->status != STATUS_UNKNOWN)
        return;
    CLEANUP(mem_free_text) char *message = outcome->message;
    outcome->message = NULL;
    for (size_t i = 0; i < judging->policy->waiver_count; i++) {
        const struct waiver *waiver = &judging->policy->waivers[i];
        if (!waiver_covers(waiver, rule->id, subject))
            continue;
        if (waiver->has_until && date_compare(judging->today, waiver->until) > 0) {
            expired = waiver;
            continue;
        }
        outcome->status = STATUS_WAIVED;
        outcome->message = mem_format("%s; waived: %s", message, waiver->reason);
        return;
    }
    if (expired == NULL)
        outcome->message = mem_copy(message);
    else
        outcome->message =
            mem_format("%s; its waiver expired on %04d-%02d-%02d: %s", message, expired->until.year,
                       expired->until.month, expired->until.day, expired->reason);
}

/* Adds a finding; takes over the outcome. */
static void judge_add(const struct judging *judging, const struct rule *rule, const char *subject,
                      struct outcome outcome)
{
    struct findings *out = judging->out;

    judge_waivers(judging, rule, subject, &outcome);
    out->rows = mem_grow(out->rows, out->count, &out->capacity, sizeof *out->rows);
    out->rows[out->count++] = (struct finding){
        .rule = rule,
        .subject = mem_copy(subject),
        .status = outcome.status,
        .message = outcome.message,
        .expected = *policy_operand(judging->policy, &rule->operand),
        .observed = outcome.observed,
    };
    out->totals[outcome.status]++;
}

static void judge_skip(const struct judging *judging, const struct rule *rule, const char *reason)
{
    judge_add(judging, rule, NULL,
              (struct outcome){.status = STATUS_SKIP, .message = mem_copy(reason)});
}

/* A rule that names no subjects is judged for each that the facts hold. */
static void judge_every_subject(const struct judging *judging, const struct rule *rule)
{
    size_t count = 0;
    const struct fact **rows = fact_index_rows(&judging->index, rule->facts[0], &count);

    for (size_t i = 0; i < count; i++)
        judge_add(judging, rule, rows[i]->subject, judge_facts(judging, rule, rows[i]->subject));
    if (count == 0)
        judge_add(judging, rule, NULL, judge_facts(judging, rule, NULL));
}

static void judge_rule(const struct judging *judging, const struct rule *rule)
{
    const struct value *subjects = policy_operand(judging->policy, &rule->subjects);

    if (rule->skip_reason != NULL) {
        judge_skip(judging, rule, rule->skip_reason);
        return;
    }
    if (rule->facts[0]->subjects == SUBJECTS_NONE) {
        judge_add(judging, rule, NULL, judge_facts(judging, rule, NULL));
        return;
    }
    if (subjects->type != VALUE_SET) {
        judge_every_subject(judging, rule);
        return;
    }
    if (subjects->set.count == 0)
        judge_skip(judging, rule, "the policy names no subject for it");
    for (size_t i = 0; i < subjects->set.count; i++) {
        const char *subject = subjects->set.items[i];
        judge_add(judging, rule, subject, judge_facts(judging, rule, subject));
    }
}

void judge(const struct facts *facts, const struct policy *policy, struct date today,
           struct findings *out)
{
    struct judging judging = {
        .index = fact_index_build(facts), .policy = policy, .today = today, .out = out};

    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].enabled)
            judge_rule(&judging, &policy->rules[i]);
    }
    fact_index_free(&judging.index);
}
