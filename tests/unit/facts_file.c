/*
 * Saved facts, judged. See facts_file.h.
 */
#include "tests/unit/facts_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/judge.h"
#include "agent/core/mem.h"
#include "agent/facts_json.h"
#include "agent/policy_json.h"
#include "probes/observe.h"
#include "tests/unit/fixture.h"

void facts_file_judge_again(struct judged_file *file)
{
    findings_free(&file->findings);
    judge(&file->facts, &file->policy, (struct date){2026, 11, 25}, &file->findings);
}

struct judged_file facts_file_judge(const char *name, const char *policy)
{
    struct judged_file file = {.catalog = observe_catalog()};
    struct facts_origin origin;
    struct error err = {0};
    size_t length = 0;
    char *path = mem_format("facts/%s.json", name);
    char *text = fixture_read(path, &length);

    cr_assert(policy_load(policy, &file.catalog, &file.policy, &err), "%s", err.text);
    cr_assert(facts_parse(text, length, name, &file.catalog, &file.facts, &origin, &err), "%s",
              err.text);
    free(path);
    free(text);
    facts_file_judge_again(&file);
    return file;
}

const struct finding *facts_file_finding(const struct judged_file *file, const char *rule,
                                         const char *subject)
{
    const char *wanted = subject == NULL ? "" : subject;
    const struct finding *found = NULL;

    for (size_t i = 0; i < file->findings.count && found == NULL; i++) {
        const struct finding *row = &file->findings.rows[i];
        const char *its = row->subject == NULL ? "" : row->subject;
        if (strcmp(row->rule->id, rule) == 0 && strcmp(its, wanted) == 0)
            found = row;
    }
    cr_assert_not_null(found, "%s %s", rule, wanted);
    return found;
}

struct fact *facts_file_row(struct judged_file *file, const char *key, const char *subject)
{
    const struct fact *row = facts_find(&file->facts, key, subject);

    cr_assert_not_null(row, "%s", key);
    return &file->facts.rows[row - file->facts.rows];
}

void facts_file_free(struct judged_file *file)
{
    findings_free(&file->findings);
    facts_free(&file->facts);
    policy_free(&file->policy);
    fact_catalog_free(&file->catalog);
}
