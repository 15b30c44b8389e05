/*
 * The fix of saved facts. See fix_fixture.h.
 */
#include "tests/unit/fix_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/fix.h"
#include "agent/core/mem.h"
#include "report/fix_format.h"

static const struct fix_format *format_of(const char *name)
{
    size_t i = 0;

    while (fix_format_at(i) != NULL && strcmp(fix_format_at(i)->name, name) != 0)
        i++;
    cr_assert_not_null(fix_format_at(i), "%s", name);
    return fix_format_at(i);
}

char *fix_text(const struct judged_file *file, const char *format)
{
    CLEANUP(fix_free) struct fix fix = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    fix_plan(&file->facts, &file->policy, &file->findings, &fix);
    format_of(format)->write(&fix, &file->findings, &file->policy, out);
    (void)fclose(out);
    return text;
}

void expect_in_fix(const struct judged_file *file, const char *words, bool is_there)
{
    char *text = fix_text(file, "docker");

    cr_expect_eq(strstr(text, words) != NULL, is_there, "%s:\n%s", words, text);
    free(text);
}

struct strset *param_set(struct judged_file *file, const char *name)
{
    return &policy_param(&file->policy, name)->value.set;
}

void put_write(struct judged_file *file, const char *path, const char *value, const char *param)
{
    const struct fact_key *key = facts_file_row(file, "filesystem.write", "/")->key;

    (void)facts_put_text(&file->facts, key, path, value);
    strset_add(param_set(file, param), path);
}
