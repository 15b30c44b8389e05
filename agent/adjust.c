/*
 * A policy fitted to the command line. See adjust.h.
 */
#include "agent/adjust.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "agent/path.h"
#include "agent/suggest.h"

/* --- which rules ---------------------------------------------------------------------------- */

static bool is_selected(const struct option_values *selectors, const char *id)
{
    for (size_t i = 0; i < selectors->count; i++) {
        if (rule_matches(id, selectors->items[i]))
            return true;
    }
    return false;
}

static const char *nth_rule(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->rule_count ? policy->rules[index].id : NULL;
}

static bool check_selector(const struct policy *policy, const char *selector, const char *origin,
                           struct error *err)
{
    size_t disabled = 0;

    for (size_t i = 0; i < policy->rule_count; i++) {
        if (!rule_matches(policy->rules[i].id, selector))
            continue;
        if (policy->rules[i].enabled)
            return true;
        disabled++;
    }
    if (disabled > 0)
        return error_set(err, "%s: policy %s disables %s", origin, policy->name, selector);
    const char *near = suggest_nearest(selector, nth_rule, policy);
    if (near == NULL)
        return error_set(err, "%s: no rule of policy %s matches \"%s\"", origin, policy->name,
                         selector);
    return error_set(err, "%s: no rule of policy %s matches \"%s\"; did you mean %s?", origin,
                     policy->name, selector, near);
}

static bool check_selectors(const struct options *options, enum option_id id,
                            const struct policy *policy, struct error *err)
{
    const struct option_values *selectors = &options->values[id];
    CLEANUP(mem_free_text) char *origin = options_origin(options, id);

    for (size_t i = 0; i < selectors->count; i++) {
        if (!check_selector(policy, selectors->items[i], origin, err))
            return false;
    }
    return true;
}

static bool checks_something(const struct policy *policy, const struct rule *rule)
{
    const struct value *subjects = policy_operand(policy, &rule->subjects);

    if (!rule->enabled || rule->skip_reason != NULL)
        return false;
    return subjects->type != VALUE_SET || subjects->set.count > 0;
}

static bool select_rules(const struct options *options, struct policy *policy, struct error *err)
{
    const struct option_values *only = &options->values[OPTION_ONLY];
    const struct option_values *skip = &options->values[OPTION_SKIP];
    CLEANUP(mem_free_text) char *skip_origin = options_origin(options, OPTION_SKIP);

    if (!check_selectors(options, OPTION_ONLY, policy, err) ||
        !check_selectors(options, OPTION_SKIP, policy, err))
        return false;
    for (size_t i = 0; i < policy->rule_count; i++) {
        struct rule *rule = &policy->rules[i];
        if (only->count > 0 && !is_selected(only, rule->id))
            rule->enabled = false;
        if (!rule->enabled || !is_selected(skip, rule->id))
            continue;
        free(rule->skip_reason);
        rule->skip_reason = mem_format("skipped by %s", skip_origin);
    }
    return true;
}

static bool check_any_left(const struct policy *policy, struct error *err)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (checks_something(policy, &policy->rules[i]))
            return true;
    }
    return error_set(err, "no rule of policy %s is left to check", policy->name);
}

/*
 * Without a profile the rule is left out, and no line of a report says so: nobody asked for it. But
 * whoever names it asks for it.
 */
static bool settle_profile(const struct options *options, struct policy *policy, struct error *err)
{
    static const char id[] = POLICY_PROFILE_FACT; /* the rule is called as its fact */
    const char *file = options_word(options, OPTION_SECCOMP_PROFILE, NULL);
    const struct option_values *only = &options->values[OPTION_ONLY];
    struct rule *rule = policy_rule(policy, id);
    CLEANUP(mem_free_text) char *origin = options_origin(options, OPTION_SECCOMP_PROFILE);
    CLEANUP(mem_free_text) char *only_origin = options_origin(options, OPTION_ONLY);

    if (file != NULL && rule == NULL)
        return error_set(err, "%s: policy %s has no rule %s", origin, policy->name, id);
    if (file != NULL)
        policy_set_param(policy, POLICY_PROFILE_PARAM, value_text(file));
    if (rule == NULL || policy_seccomp_profile(policy) != NULL)
        return true;
    for (size_t i = 0; i < only->count; i++) {
        if (strcmp(only->items[i], id) == 0)
            return error_set(err, "%s: %s needs --seccomp-profile", only_origin, id);
    }
    rule->enabled = false;
    return true;
}

/* --- parameters ----------------------------------------------------------------------------- */

/* The set that options of this id speak of. */
static bool find_param(const struct options *options, enum option_id id,
                       const struct policy *policy, const char *name, struct strset **out,
                       struct error *err)
{
    CLEANUP(mem_free_text) char *origin = options_origin(options, id);
    struct param *param = policy_param(policy, name);

    if (param == NULL || param->value.type != VALUE_SET)
        return error_set(err, "%s: policy %s has no parameter %s", origin, policy->name, name);
    *out = &param->value.set;
    return true;
}

static bool unknown_capability(const struct vocabulary *vocabulary, const char *word,
                               const char *origin, struct error *err)
{
    CLEANUP(mem_free_text) char *near = suggest_word(vocabulary, word);

    if (near == NULL)
        return error_set(err, "%s: unknown capability \"%s\"", origin, word);
    return error_set(err, "%s: unknown capability \"%s\"; did you mean %s?", origin, word, near);
}

static bool allow_capabilities(const struct options *options, const struct fact_catalog *catalog,
                               struct policy *policy, struct error *err)
{
    const struct option_values *words = &options->values[OPTION_ALLOW_CAP];
    const struct fact_key *key = fact_catalog_find(catalog, "capabilities.effective");
    CLEANUP(mem_free_text) char *origin = options_origin(options, OPTION_ALLOW_CAP);
    struct strset *allowed = NULL;

    if (words->count == 0)
        return true;
    if (!find_param(options, OPTION_ALLOW_CAP, policy, "allowed_capabilities", &allowed, err))
        return false;
    for (size_t i = 0; i < words->count; i++) {
        CLEANUP(mem_free_text)
        char *name = vocabulary_normalize(key->vocabulary, words->items[i]);
        if (name == NULL)
            return unknown_capability(key->vocabulary, words->items[i], origin, err);
        strset_add(allowed, name);
    }
    return true;
}

/* --- paths ---------------------------------------------------------------------------------- */

/* The caller frees it. */
static char *path_normal(const char *path, const char *origin, struct error *err)
{
    CLEANUP(mem_free_text) char *clean = fact_clean_text(path);

    if (path[0] != '/' || strcmp(clean, path) != 0 || strchr(path, '\n') != NULL) {
        (void)error_set(err, "%s: \"%s\" is not an absolute path of printable characters", origin,
                        path);
        return NULL;
    }
    char *normal = path_spell(path);
    if (normal == NULL)
        (void)error_set(err, "%s: a path must not contain \"..\"", origin);
    return normal;
}

/* The paths of one option. The caller frees the set, also on failure. */
static bool collect_paths(const struct options *options, enum option_id id, struct strset *out,
                          struct error *err)
{
    CLEANUP(mem_free_text) char *origin = options_origin(options, id);

    for (size_t i = 0; i < options->values[id].count; i++) {
        CLEANUP(mem_free_text)
        char *path = path_normal(options->values[id].items[i], origin, err);
        if (path == NULL)
            return false;
        strset_add(out, path);
    }
    return true;
}

/* Of a path that is given as both, the command line's word counts. */
static bool settle_both(const struct options *options, struct strset *writable,
                        struct strset *read_only, struct error *err)
{
    const struct option_values *values = options->values;
    bool yields = values[OPTION_WRITABLE].is_from_environment;
    CLEANUP(strset_free) struct strset both = strset_common(writable, read_only);

    if (both.count > 0 && yields == values[OPTION_READ_ONLY].is_from_environment) {
        CLEANUP(mem_free_text) char *one = options_origin(options, OPTION_WRITABLE);
        CLEANUP(mem_free_text) char *other = options_origin(options, OPTION_READ_ONLY);
        return error_set(err, "%s cannot be both %s and %s", both.items[0], one, other);
    }
    for (size_t i = 0; i < both.count; i++)
        strset_remove(yields ? writable : read_only, both.items[i]);
    return true;
}

/* Adds the paths to one parameter and takes them from the other, which a policy need not have. */
static bool move_paths(const struct options *options, enum option_id id, const struct strset *paths,
                       struct policy *policy, struct error *err)
{
    bool is_writable = id == OPTION_WRITABLE;
    const char *to = is_writable ? "writable_paths" : "read_only_paths";
    const char *from = is_writable ? "read_only_paths" : "writable_paths";
    struct strset *added = NULL;
    struct param *other = policy_param(policy, from);

    if (paths->count == 0)
        return true;
    if (!find_param(options, id, policy, to, &added, err))
        return false;
    strset_add_all(added, paths);
    for (size_t i = 0; i < paths->count; i++) {
        if (other != NULL && other->value.type == VALUE_SET)
            strset_remove(&other->value.set, paths->items[i]);
    }
    return true;
}

static bool adjust_paths(const struct options *options, struct policy *policy, struct error *err)
{
    CLEANUP(strset_free) struct strset writable = {0};
    CLEANUP(strset_free) struct strset read_only = {0};

    if (!collect_paths(options, OPTION_WRITABLE, &writable, err) ||
        !collect_paths(options, OPTION_READ_ONLY, &read_only, err))
        return false;
    return settle_both(options, &writable, &read_only, err) &&
           move_paths(options, OPTION_WRITABLE, &writable, policy, err) &&
           move_paths(options, OPTION_READ_ONLY, &read_only, policy, err);
}

bool adjust_policy(const struct options *options, const struct fact_catalog *catalog,
                   struct policy *policy, struct error *err)
{
    const char *fail_on = options_word(options, OPTION_FAIL_ON, NULL);

    /* The word is one of severity_parse's: the table of options allows no other. */
    if (fail_on != NULL && !severity_parse(fail_on, &policy->fail_on))
        return error_set(err, "unknown severity \"%s\"", fail_on);
    return allow_capabilities(options, catalog, policy, err) &&
           adjust_paths(options, policy, err) && select_rules(options, policy, err) &&
           settle_profile(options, policy, err) && check_any_left(policy, err);
}
