/*
 * One change out of many rules' fixes. See fix.h.
 */
#include "agent/core/fix.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/fix_place.h"
#include "agent/core/fix_words.h"
#include "agent/core/mem.h"

struct planning {
    const struct facts *facts;
    const struct policy *policy;
    const struct findings *findings;
    struct fix_ids ids;
    struct fix *out;
};

static bool is_to_fix(const struct planning *planning, const struct finding *finding)
{
    return finding->status == STATUS_FAIL && finding->rule->severity >= planning->policy->fail_on;
}

/* --- one finding ---------------------------------------------------------------------------- */

static void add_rest(struct fix_change *change, const struct finding *finding, const char *reason)
{
    change->rest =
        mem_grow(change->rest, change->rest_count, &change->rest_capacity, sizeof *change->rest);
    change->rest[change->rest_count++] =
        (struct fix_rest){.finding = finding, .reason = mem_copy(reason)};
}

static void apply_side(struct planning *planning, const struct fix_words *words,
                       const struct fix_side *side, enum fix_target target)
{
    const struct finding *finding = words->finding;
    const struct rule *rule = finding->rule;
    struct fix_change *change = &planning->out->changes[target];
    CLEANUP(tree_free) struct tree add = {0};
    CLEANUP(tree_free) struct tree remove = {.kind = TREE_LIST};

    if (!side->is_given) {
        add_rest(change, finding, "the rule does not say how");
        return;
    }
    if (side->reason != NULL) {
        add_rest(change, finding, side->reason);
        return;
    }
    fix_words_fill(words, &side->add, &add);
    fix_words_fill(words, &side->remove, &remove);
    (void)tree_merge(&change->remove, &remove, rule->id);
    if (!tree_merge(&change->add, &add, rule->id))
        add_rest(change, finding, "what it needs contradicts what another rule needs");
}

/* Whether another finding's fix mounts a tmpfs in place of each of the words. */
static bool are_replaced(const struct planning *planning, const struct strset *words,
                         enum fix_target target)
{
    CLEANUP(strset_free) struct strset replaced = {0};

    for (size_t i = 0; i < planning->findings->count; i++) {
        const struct finding *finding = &planning->findings->rows[i];
        if (finding->subject == NULL || !is_to_fix(planning, finding))
            continue;
        enum fix_place place = fix_place_of(planning->facts, finding->subject);
        const struct fix_side *side = rule_fix_side(&finding->rule->fix, place, target);
        if (tree_member(&side->add, "tmpfs") != NULL)
            strset_add(&replaced, finding->subject);
    }
    CLEANUP(strset_free) struct strset left = strset_minus(words, &replaced);
    return left.count == 0;
}

static void apply_at(struct planning *planning, const struct fix_words *words, enum fix_place place)
{
    const struct rule_fix *fix = &words->finding->rule->fix;

    for (size_t i = 0; i < FIX_TARGETS; i++) {
        enum fix_target target = (enum fix_target)i;
        if (place != PLACE_NEEDED || !are_replaced(planning, &words->excess, target))
            apply_side(planning, words, rule_fix_side(fix, place, target), target);
    }
}

static bool is_of_podman(const struct facts *facts)
{
    const struct fact *runtime = facts_find(facts, "runtime.name", NULL);

    return runtime != NULL && runtime->state == FACT_KNOWN &&
           strcmp(runtime->value.text, "podman") == 0;
}

/* The place of what the finding is about; of several names of it, the one that is a mount's. */
static enum fix_place place_of(const struct facts *facts, const struct finding *finding)
{
    const struct strset *about = &finding->rule->fix.about;
    enum fix_place place = fix_place_of(facts, finding->subject);

    for (size_t i = 0; place <= PLACE_ROOT && i < about->count; i++)
        place = fix_place_of(facts, about->items[i]);
    return place;
}

/* Whether one of the rules that the fix may break asks for the path. */
static bool is_needed(const struct planning *planning, const struct rule_fix *fix, const char *path)
{
    for (size_t i = 0; i < planning->findings->count; i++) {
        const struct finding *finding = &planning->findings->rows[i];
        if (finding->subject != NULL && strcmp(finding->subject, path) == 0 &&
            strset_has(&fix->breaks, finding->rule->id))
            return true;
    }
    return false;
}

static enum fix_place place_of_word(const struct planning *planning, const struct rule_fix *fix,
                                    const char *word)
{
    enum fix_place place = fix_place_of(planning->facts, word);

    return place == PLACE_ELSEWHERE && is_needed(planning, fix, word) ? PLACE_NEEDED : place;
}

/* For those of the words that are too much which lie at the place. */
static void apply_to_words(struct planning *planning, const struct finding *finding,
                           enum fix_place place)
{
    struct fix_words words = fix_words_of(planning->facts, finding, &planning->ids);
    struct strset there = {0};

    for (size_t i = 0; i < words.excess.count; i++) {
        if (place_of_word(planning, &finding->rule->fix, words.excess.items[i]) == place)
            strset_add(&there, words.excess.items[i]);
    }
    strset_free(&words.excess);
    words.excess = there;
    if (there.count > 0)
        apply_at(planning, &words, place);
    fix_words_free(&words);
}

static void apply(struct planning *planning, const struct finding *finding)
{
    const struct rule_fix *fix = &finding->rule->fix;
    bool is_of_words =
        finding->subject == NULL && finding->observed.type == VALUE_SET && rule_fix_has_places(fix);
    struct fix_words words = fix_words_of(planning->facts, finding, &planning->ids);

    for (size_t place = 0; place < FIX_PLACES && is_of_words; place++)
        apply_to_words(planning, finding, (enum fix_place)place);
    if (!is_of_words)
        apply_at(planning, &words, place_of(planning->facts, finding));
    if (fix->podman.is_given && is_of_podman(planning->facts))
        apply_side(planning, &words, &fix->podman, FIX_DOCKER);
    fix_words_free(&words);
}

/* --- what a change breaks ------------------------------------------------------------------- */

/*
 * What passes now, and not of a path or of one on the root: a root that becomes read-only, or
 * another user, may end that. A tmpfs of its own stays as it is, unless another user comes.
 */
static bool may_break(const struct planning *planning, const struct finding *finding,
                      const struct strset *broken)
{
    if (finding->status != STATUS_PASS || !strset_has(broken, finding->rule->id))
        return false;
    enum fix_place place = fix_place_of(planning->facts, finding->subject);
    return place <= PLACE_ROOT || (place == PLACE_TMPFS && planning->ids.has_new_uid);
}

static void apply_broken(struct planning *planning)
{
    CLEANUP(strset_free) struct strset broken = {0};
    const struct findings *findings = planning->findings;

    for (size_t i = 0; i < findings->count; i++) {
        if (is_to_fix(planning, &findings->rows[i]))
            strset_add_all(&broken, &findings->rows[i].rule->fix.breaks);
    }
    for (size_t i = 0; i < findings->count; i++) {
        if (may_break(planning, &findings->rows[i], &broken))
            apply(planning, &findings->rows[i]);
    }
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Appends the children of a tree to another, which takes them over. */
static void move_children(struct tree *into, struct tree *from)
{
    for (size_t i = 0; from != NULL && i < from->count; i++) {
        into->children =
            mem_grow(into->children, into->count, &into->capacity, sizeof *into->children);
        into->children[into->count++] = from->children[i];
        from->children[i] = (struct tree){0};
    }
}

/* The members of a service as a Compose file has them. */
static void shape_compose(struct fix_change *change)
{
    CLEANUP(tree_free) struct tree members = change->add;

    change->add = (struct tree){0};
    if (members.count == 0)
        return;
    struct tree *services = tree_add(&change->add, "services", TREE_MAP);
    move_children(tree_add(services, "app", TREE_MAP), &members);
}

/* The members of "pod" and "container" as a Pod has them. */
static void shape_kubernetes(struct fix_change *change)
{
    CLEANUP(tree_free) struct tree parts = change->add;

    change->add = (struct tree){0};
    if (parts.count == 0)
        return;
    struct tree *spec = tree_add(&change->add, "spec", TREE_MAP);
    move_children(spec, tree_member(&parts, "pod"));
    struct tree *container = tree_member(&parts, "container");
    if (container == NULL)
        return;
    struct tree *app = tree_add(tree_add(spec, "containers", TREE_LIST), NULL, TREE_MAP);
    tree_add_scalar(app, "name", value_text("app"));
    move_children(app, container);
}

void fix_plan(const struct facts *facts, const struct policy *policy,
              const struct findings *findings, struct fix *out)
{
    struct planning planning = {.facts = facts, .policy = policy, .findings = findings, .out = out};

    *out = (struct fix){0};
    for (size_t i = 0; i < FIX_TARGETS; i++)
        out->changes[i].remove.kind = TREE_LIST;
    planning.ids = fix_ids_of(facts, policy, findings);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->rows[i];
        out->unknown += finding->status == STATUS_UNKNOWN;
        if (!is_to_fix(&planning, finding))
            continue;
        out->failed++;
        apply(&planning, finding);
    }
    apply_broken(&planning);
    shape_compose(&out->changes[FIX_COMPOSE]);
    shape_kubernetes(&out->changes[FIX_KUBERNETES]);
}

void fix_free(struct fix *fix)
{
    for (size_t i = 0; i < FIX_TARGETS; i++) {
        struct fix_change *change = &fix->changes[i];
        tree_free(&change->add);
        tree_free(&change->remove);
        for (size_t k = 0; k < change->rest_count; k++)
            free(change->rest[k].reason);
        free(change->rest);
    }
    *fix = (struct fix){0};
}
