/*
 * What holds for every policy and every set of facts, tried on real facts of this process and on
 * made ones that pass everything.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/judge.h"
#include "agent/core/mem.h"
#include "agent/facts_json.h"
#include "agent/policy_json.h"
#include "probes/observe.h"
#include "report/facts.h"
#include "tests/unit/fixture.h"

static const struct date today = {2026, 11, 24};

struct setting {
    struct fact_catalog catalog;
    struct policy policy;
    struct facts facts;
};

static struct setting set_up(bool is_real)
{
    struct setting setting = {.catalog = observe_catalog()};
    struct facts_origin origin;
    struct error err = {0};

    cr_assert(policy_load("strict", &setting.catalog, &setting.policy, &err), "%s", err.text);
    if (!is_real) {
        size_t length = 0;
        /* A hardened container's, which pass `strict`. */
        CLEANUP(mem_free_text) char *text = fixture_read("facts/hardened.json", &length);
        cr_assert(facts_parse(text, length, "f", &setting.catalog, &setting.facts, &origin, &err),
                  "%s", err.text);
        return setting;
    }
    struct observe_request request = {
        .wants_all = true,
        .keys = policy_keys(&setting.policy),
        .write_paths = policy_subjects(&setting.policy, "filesystem.write"),
    };
    observe_self(&request, &setting.facts);
    strset_free(&request.keys);
    strset_free(&request.write_paths);
    return setting;
}

static void tear_down(struct setting *setting)
{
    facts_free(&setting->facts);
    policy_free(&setting->policy);
    fact_catalog_free(&setting->catalog);
}

/* Whether some finding of b passes that did not pass in a. */
static bool has_new_pass(const struct findings *a, const struct findings *b)
{
    for (size_t i = 0; i < b->count; i++) {
        bool did_pass = false;
        if (b->rows[i].status != STATUS_PASS)
            continue;
        for (size_t k = 0; k < a->count; k++) {
            const char *left = a->rows[k].subject == NULL ? "" : a->rows[k].subject;
            const char *right = b->rows[i].subject == NULL ? "" : b->rows[i].subject;
            did_pass |= a->rows[k].rule == b->rows[i].rule && strcmp(left, right) == 0 &&
                        a->rows[k].status == STATUS_PASS;
        }
        if (!did_pass)
            return true;
    }
    return false;
}

/* Turns each fact unknown in turn; gives how many turns changed the verdict from pass. */
static size_t turn_each_unknown(struct setting *setting, enum verdict *before)
{
    struct findings findings = {0};
    size_t changed = 0;

    judge(&setting->facts, &setting->policy, today, &findings);
    *before = findings_verdict(&findings, SEVERITY_LOW);
    for (size_t i = 0; i < setting->facts.count; i++) {
        struct fact *row = &setting->facts.rows[i];
        struct fact kept = *row;
        struct findings turned = {0};
        row->state = FACT_UNKNOWN;
        row->value = (struct value){0};
        row->reason = (char[]){"turned"};
        judge(&setting->facts, &setting->policy, today, &turned);
        cr_expect_not(has_new_pass(&findings, &turned), "%s %s", kept.key->name,
                      kept.subject == NULL ? "" : kept.subject);
        changed += findings_verdict(&turned, SEVERITY_LOW) != *before;
        findings_free(&turned);
        *row = kept;
    }
    findings_free(&findings);
    return changed;
}

Test(properties, turning_a_fact_unknown_never_makes_a_new_pass)
{
    for (int is_real = 0; is_real < 2; is_real++) {
        enum verdict before;
        struct setting setting = set_up(is_real == 1);
        (void)turn_each_unknown(&setting, &before);
        tear_down(&setting);
    }
}

Test(properties, a_pass_needs_every_one_of_its_facts)
{
    enum verdict before;
    struct setting setting = set_up(false);

    cr_expect_eq(turn_each_unknown(&setting, &before), setting.facts.count);
    cr_expect_eq(before, VERDICT_PASS);
    tear_down(&setting);
}

static void set_text(struct setting *setting, const char *key, const char *text)
{
    for (size_t i = 0; i < setting->facts.count; i++) {
        struct fact *row = &setting->facts.rows[i];
        if (strcmp(row->key->name, key) != 0)
            continue;
        value_free(&row->value);
        row->state = FACT_KNOWN;
        row->value = value_text(text);
    }
}

static enum status status_of(const struct setting *setting, const char *rule)
{
    struct findings findings = {0};
    enum status status = STATUS_WAIVED;

    judge(&setting->facts, &setting->policy, today, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        if (strcmp(findings.rows[i].rule->id, rule) == 0)
            status = findings.rows[i].status;
    }
    findings_free(&findings);
    return status;
}

/* The initial namespace of a sandbox's own kernel is not the host's; a Firecracker VM may be it. */
Test(properties, a_namespace_of_a_sandboxs_own_kernel_is_not_the_hosts)
{
    struct setting setting = set_up(false);

    set_text(&setting, "namespace.network", "host");
    cr_expect_eq(status_of(&setting, "namespaces.network"), STATUS_FAIL);
    set_text(&setting, "runtime.sandbox", "kata");
    cr_expect_eq(status_of(&setting, "namespaces.network"), STATUS_SKIP);
    set_text(&setting, "runtime.sandbox", "gvisor");
    cr_expect_eq(status_of(&setting, "namespaces.pid"), STATUS_SKIP);
    /* gVisor may pass sockets on to the host's. */
    cr_expect_eq(status_of(&setting, "namespaces.network"), STATUS_FAIL);
    cr_expect_eq(status_of(&setting, "mounts.kernel-masks"), STATUS_SKIP);
    set_text(&setting, "runtime.sandbox", "firecracker");
    cr_expect_eq(status_of(&setting, "namespaces.network"), STATUS_FAIL);
    tear_down(&setting);
}

/* The findings as one text. */
static char *findings_text(const struct findings *findings)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    for (size_t i = 0; i < findings->count; i++)
        (void)fprintf(out, "%s %s %d %s\n", findings->rows[i].rule->id,
                      findings->rows[i].subject == NULL ? "" : findings->rows[i].subject,
                      (int)findings->rows[i].status, findings->rows[i].message);
    (void)fclose(out);
    return text;
}

static char *judged_text(const struct facts *facts, const struct policy *policy)
{
    struct findings findings = {0};

    judge(facts, policy, today, &findings);
    char *text = findings_text(&findings);
    findings_free(&findings);
    return text;
}

Test(properties, judging_is_deterministic)
{
    struct setting setting = set_up(true);
    char *first = judged_text(&setting.facts, &setting.policy);

    for (int i = 0; i < 10; i++) {
        char *again = judged_text(&setting.facts, &setting.policy);
        cr_expect_str_eq(first, again);
        free(again);
    }
    free(first);
    tear_down(&setting);
}

/* Turns the rows' order around. */
static void reverse(struct facts *facts)
{
    for (size_t i = 0; i < facts->count / 2; i++) {
        struct fact kept = facts->rows[i];
        facts->rows[i] = facts->rows[facts->count - 1 - i];
        facts->rows[facts->count - 1 - i] = kept;
    }
}

Test(properties, the_order_of_facts_does_not_matter)
{
    struct setting setting = set_up(true);
    char *first = judged_text(&setting.facts, &setting.policy);

    reverse(&setting.facts);
    char *again = judged_text(&setting.facts, &setting.policy);
    cr_expect_str_eq(first, again);
    free(first);
    free(again);
    tear_down(&setting);
}

Test(properties, facts_written_and_read_again_judge_the_same)
{
    for (int is_real = 0; is_real < 2; is_real++) {
        struct setting setting = set_up(is_real == 1);
        struct facts again;
        struct facts_origin origin;
        struct error err = {0};
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        struct report report = {
            .tool_version = "1", .facts = &setting.facts, .pid = 1, .started = "x"};
        report_facts_write(&report, out);
        (void)fclose(out);
        cr_assert(facts_parse(text, length, "f", &setting.catalog, &again, &origin, &err), "%s",
                  err.text);
        char *before = judged_text(&setting.facts, &setting.policy);
        char *after = judged_text(&again, &setting.policy);
        cr_expect_str_eq(before, after);
        free(before);
        free(after);
        free(text);
        facts_free(&again);
        tear_down(&setting);
    }
}

Test(properties, a_policy_asks_for_the_facts_of_its_enabled_rules_only)
{
    struct setting setting = set_up(false);
    struct rule *rule = policy_rule(&setting.policy, "mounts.write-exec");
    CLEANUP(strset_free) struct strset all = policy_keys(&setting.policy);

    cr_expect(strset_has(&all, "mount.write_exec"));
    cr_expect(strset_has(&all, "user.groups"), "it is not the first fact of its rule");
    rule->enabled = false;
    CLEANUP(strset_free) struct strset without = policy_keys(&setting.policy);
    cr_expect_not(strset_has(&without, "mount.write_exec"));
    rule->enabled = true;
    rule->skip_reason = mem_copy("skipped");
    CLEANUP(strset_free) struct strset skipped = policy_keys(&setting.policy);
    cr_expect_not(strset_has(&skipped, "mount.write_exec"));
    tear_down(&setting);
}

/* The findings of this very process by a policy, as "rule subject status message". */
static struct strset judge_self(const char *name, bool wants_all)
{
    struct setting setting = {.catalog = observe_catalog()};
    struct findings findings = {0};
    struct strset rows = {0};
    struct error err = {0};

    cr_assert(policy_load(name, &setting.catalog, &setting.policy, &err), "%s", err.text);
    struct observe_request request = {
        .wants_all = wants_all,
        .keys = policy_keys(&setting.policy),
        .write_paths = policy_subjects(&setting.policy, "filesystem.write"),
    };
    observe_self(&request, &setting.facts);
    judge(&setting.facts, &setting.policy, today, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *row = &findings.rows[i];
        CLEANUP(mem_free_text)
        char *words =
            mem_format("%s %s %d %s", row->rule->id, row->subject == NULL ? "" : row->subject,
                       (int)row->status, row->message == NULL ? "" : row->message);
        strset_add(&rows, words);
    }
    findings_free(&findings);
    observe_request_free(&request);
    tear_down(&setting);
    return rows;
}

/*
 * Whether what was asked for gives the findings that everything gives. The machine's mounts may
 * change in between: what is compared are looks between which it stood still.
 */
static bool is_same_by_what_is_asked(const char *name)
{
    enum { TRIES = 50 };
    bool is_still = false;
    bool is_same = false;

    for (size_t i = 0; i < TRIES && !is_still; i++) {
        struct strset before = judge_self(name, true);
        struct strset asked = judge_self(name, false);
        struct strset after = judge_self(name, true);
        cr_expect_gt(before.count, 10, "%s", name);
        is_still = strset_equal(&before, &after);
        is_same = strset_equal(&before, &asked);
        strset_free(&before);
        strset_free(&asked);
        strset_free(&after);
    }
    return is_still && is_same;
}

Test(properties, facts_that_nobody_asks_for_change_no_finding)
{
    const char *name = NULL;

    for (size_t i = 0; (name = policy_builtin_at(i)) != NULL; i++)
        cr_expect(is_same_by_what_is_asked(name), "%s", name);
}
