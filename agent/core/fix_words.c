/*
 * The words of a fix. See fix_words.h.
 */
#include "agent/core/fix_words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/fix_place.h"
#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"

/* So many words are named one by one: a privileged container has some 200 devices. */
enum { ID_ORDINARY = 1000, LABEL_MAX = 63, NAMED_MAX = 40 };

/* --- user and group ------------------------------------------------------------------------- */

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whether the rule fails for an id, one of the facts that begin with prefix ("user.gid."). */
static bool fails_for(const struct facts *facts, const struct policy *policy,
                      const struct rule *rule, const char *prefix)
{
    const struct value *operand = policy_operand(policy, &rule->operand);

    for (size_t i = 0; i < rule->fact_count; i++) {
        const struct fact *row = has_prefix(rule->facts[i]->name, prefix)
                                     ? facts_find(facts, rule->facts[i]->name, NULL)
                                     : NULL;
        if (row != NULL && row->state == FACT_KNOWN &&
            !compare_holds(rule->op, &row->value, operand, NULL))
            return true;
    }
    return false;
}

/* Whether what fails is the engine's own /dev, and only of another user it does not. */
static bool is_of_dev(const struct facts *facts, const struct finding *finding)
{
    return rule_fix_side_at(&finding->rule->fix, PLACE_DEV, FIX_DOCKER) != NULL &&
           finding->observed.type == VALUE_SET && strset_has(&finding->observed.set, "/dev") &&
           fix_place_of(facts, "/dev") == PLACE_DEV;
}

/* The ordinary id, or the smallest that every enabled rule about such ids takes. */
static int64_t new_id(const struct policy *policy, const char *prefix)
{
    int64_t id = ID_ORDINARY;

    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        const struct value *operand = policy_operand(policy, &rule->operand);
        if (rule->enabled && rule->op == OPERATOR_AT_LEAST &&
            has_prefix(rule->facts[0]->name, prefix) && operand->integer > id)
            id = operand->integer;
    }
    return id;
}

/* Writes the id that should be, and gives whether it is another one than now. */
static bool choose_id(const struct facts *facts, const struct policy *policy,
                      const struct findings *findings, const char *prefix, char out[FIX_ID_MAX])
{
    CLEANUP(mem_free_text) char *key = mem_format("%seffective", prefix);
    const struct fact *now = facts_find(facts, key, NULL);
    bool is_new = now == NULL || now->state != FACT_KNOWN;

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        if (finding->status == STATUS_FAIL && finding->rule->severity >= policy->fail_on)
            is_new = is_new || fails_for(facts, policy, finding->rule, prefix) ||
                     (is_of_dev(facts, finding) && now->value.integer == 0);
    }
    (void)snprintf(out, FIX_ID_MAX, "%" PRId64,
                   is_new ? new_id(policy, prefix) : now->value.integer);
    return is_new;
}

struct fix_ids fix_ids_of(const struct facts *facts, const struct policy *policy,
                          const struct findings *findings)
{
    struct fix_ids ids = {0};

    ids.has_new_uid = choose_id(facts, policy, findings, "user.uid.", ids.uid);
    (void)choose_id(facts, policy, findings, "user.gid.", ids.gid);
    return ids;
}

/* --- the words of a finding ----------------------------------------------------------------- */

/* A label as Kubernetes wants it (RFC 1123) made of a path: "/app/data" is "app-data". */
static char *label_of(const char *subject)
{
    char *label = mem_new(LABEL_MAX + 1, 1);
    size_t length = 0;

    for (const char *c = subject; *c != '\0' && length < LABEL_MAX; c++) {
        if (isalnum((unsigned char)*c))
            label[length++] = (char)tolower((unsigned char)*c);
        else if (length > 0 && label[length - 1] != '-')
            label[length++] = '-';
    }
    while (length > 0 && label[length - 1] == '-')
        label[--length] = '\0';
    if (length > 0)
        return label;
    free(label);
    return mem_copy("root");
}

/* The words without the prefix that configurations leave out ("CAP_"). */
static struct strset bare_words(const struct strset *words, const struct vocabulary *vocabulary)
{
    const char *prefix = vocabulary == NULL || vocabulary->prefix == NULL ? "" : vocabulary->prefix;
    struct strset bare = {0};

    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        strset_add(&bare, has_prefix(word, prefix) ? word + strlen(prefix) : word);
    }
    return bare;
}

/* Tells what was observed and is allowed from what is not. */
static void split_observed(const struct finding *finding, struct fix_words *words)
{
    const struct rule *rule = finding->rule;
    CLEANUP(strset_free) struct strset excess = {0};

    if (finding->observed.type != VALUE_SET)
        return;
    if (rule->op == OPERATOR_EMPTY)
        strset_add_all(&excess, &finding->observed.set);
    else if (rule->op == OPERATOR_SUBSET_OF || rule->op == OPERATOR_CONTAINS_NONE)
        (void)compare_holds(rule->op, &finding->observed, &finding->expected, &excess);
    else
        return;
    CLEANUP(strset_free) struct strset kept = strset_minus(&finding->observed.set, &excess);
    words->kept = bare_words(&kept, rule->facts[0]->vocabulary);
    words->excess = bare_words(&excess, rule->facts[0]->vocabulary);
}

struct fix_words fix_words_of(const struct facts *facts, const struct finding *finding,
                              const struct fix_ids *ids)
{
    const char *subject = finding->subject == NULL ? "" : finding->subject;
    char *name = label_of(subject);

    struct fix_words words = {
        .facts = facts,
        .finding = finding,
        .rows = {{"{subject}", subject},
                 {"{name}", name},
                 {"{uid}", ids->uid},
                 {"{gid}", ids->gid}},
        .name = name,
    };

    split_observed(finding, &words);
    return words;
}

/* --- filling in ----------------------------------------------------------------------------- */

static struct value fill_scalar(const struct fix_words *words, const struct value *value)
{
    if (value->type != VALUE_TEXT)
        return value_copy(value);
    CLEANUP(mem_free_text)
    char *filled = placeholder_fill(value->text, words->rows, FIX_WORDS);
    if (rule_fix_is_id(value->text))
        return value_integer(strtoll(filled, NULL, 10));
    return value_text(filled);
}

static void add_filled(struct tree *list, const char *text, const char *name, const char *word,
                       const char *mount)
{
    const struct placeholder rows[] = {{name, word}, {"{mount}", mount}};
    CLEANUP(mem_free_text) char *filled = placeholder_fill(text, rows, mount == NULL ? 1 : 2);

    tree_add_scalar(list, NULL, value_text(filled));
}

/* The text once for each mount point that the word is about. */
static void fill_mounts(const struct fix_words *words, const char *text, const char *word,
                        struct tree *list)
{
    const char *fact = words->finding->rule->facts[0]->name;
    const char *mount = NULL;
    size_t from = 0, before = list->count;

    while ((mount = fix_place_mount(words->facts, fact, word, &from)) != NULL)
        add_filled(list, text, "{excess}", word, mount);
    /* What has to go is named even then: facts of an older version do not say where it is. */
    if (list->count == before && strstr(text, "{excess}") != NULL)
        add_filled(list, text, "{excess}", word, "an unknown place");
}

static void fill_repeated(const struct fix_words *words, const char *text, struct tree *list)
{
    bool is_kept = strstr(text, "{kept}") != NULL;
    bool is_of_mounts = strstr(text, "{mount}") != NULL;
    const struct strset *set = is_kept ? &words->kept : &words->excess;
    const char *name = is_kept ? "{kept}" : "{excess}";

    if (is_of_mounts && words->finding->subject != NULL) {
        fill_mounts(words, text, words->finding->subject, list);
        return;
    }
    if (!is_kept && set->count > NAMED_MAX) {
        CLEANUP(mem_free_text) char *all = mem_format("each of %zu", set->count);
        add_filled(list, text, name, all, all);
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (is_of_mounts)
            fill_mounts(words, text, set->items[i], list);
        else
            add_filled(list, text, name, set->items[i], NULL);
    }
}

void fix_words_fill(const struct fix_words *words, const struct tree *from, struct tree *out)
{
    out->scalar = fill_scalar(words, &from->scalar);
    for (size_t i = 0; i < from->count; i++) {
        const struct tree *child = &from->children[i];
        if (rule_fix_is_repeated(child)) {
            fill_repeated(words, child->scalar.text, out);
            continue;
        }
        struct tree *filled = tree_add(out, child->key, child->kind);
        fix_words_fill(words, child, filled);
        /* A list of nothing but such words, of which there are none. */
        if (child->count > 0 && filled->count == 0 && child->kind == TREE_LIST)
            tree_free(&out->children[--out->count]);
    }
}

void fix_words_free(struct fix_words *words)
{
    free(words->name);
    strset_free(&words->kept);
    strset_free(&words->excess);
}
