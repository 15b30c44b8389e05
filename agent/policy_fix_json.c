/*
 * Fixes from JSON. See policy_fix_json.h.
 */
#include "agent/policy_fix_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/* --- trees ---------------------------------------------------------------------------------- */

static bool check_text(const struct policy_reading *reading, const cJSON *node, const char *text,
                       bool is_element, struct error *err)
{
    const char *unknown = NULL;

    if (!rule_fix_is_valid(text, &unknown))
        return json_error(
            reading->document, node, err,
            "a fix may hold {subject}, {name}, {uid}, {gid}, {kept}, {excess} and {mount} only; "
            "here stands \"%.20s\"",
            unknown);
    return is_element ||
           (strstr(text, "{kept}") == NULL && strstr(text, "{excess}") == NULL &&
            strstr(text, "{mount}") == NULL) ||
           json_error(reading->document, node, err,
                      "{kept}, {excess} and {mount} can stand in elements of lists only");
}

static bool read_scalar(const struct policy_reading *reading, const cJSON *node, bool is_element,
                        struct value *out, struct error *err)
{
    const char *text = NULL;
    int64_t integer = 0;

    if (cJSON_IsBool(node)) {
        *out = value_bool(cJSON_IsTrue(node));
        return true;
    }
    if (cJSON_IsNumber(node)) {
        bool ok = json_integer(reading->document, node, "a number in a fix", &integer, err);
        *out = value_integer(integer);
        return ok;
    }
    if (!json_text(reading->document, node, "a value in a fix", &text, err) ||
        !check_text(reading, node, text, is_element, err))
        return false;
    *out = value_text(text);
    return true;
}

static enum tree_kind kind_of(const cJSON *node)
{
    if (cJSON_IsObject(node))
        return TREE_MAP;
    return cJSON_IsArray(node) ? TREE_LIST : TREE_SCALAR;
}

/* Reads the content of node into out, an empty tree of its kind. */
static bool read_tree(const struct policy_reading *reading, const cJSON *node, bool is_element,
                      struct tree *out, struct error *err)
{
    const cJSON *child = NULL;

    if (out->kind == TREE_SCALAR)
        return read_scalar(reading, node, is_element, &out->scalar, err);
    cJSON_ArrayForEach(child, node)
    {
        const char *key = out->kind == TREE_MAP ? child->string : NULL;
        struct tree *filled = tree_add(out, key, kind_of(child));
        if (!read_tree(reading, child, out->kind == TREE_LIST, filled, err))
            return false;
    }
    return true;
}

/* --- one side ------------------------------------------------------------------------------- */

/* What docker takes: true (a flag), a value, or an array of values. */
static bool check_flags(const struct policy_reading *reading, const cJSON *add, struct error *err)
{
    const cJSON *option = NULL;
    const cJSON *element = NULL;

    cJSON_ArrayForEach(option, add)
    {
        bool is_fit = !cJSON_IsObject(option) && !cJSON_IsFalse(option);
        cJSON_ArrayForEach(element, option)
        {
            is_fit = is_fit && !cJSON_IsArray(element) && !cJSON_IsObject(element);
        }
        if (!is_fit)
            return json_error(reading->document, option, err,
                              "an option of docker is true, a text, a number or an array of them");
    }
    return true;
}

static bool check_parts(const struct policy_reading *reading, const cJSON *add, struct error *err)
{
    static const char *const parts[] = {"pod", "container", NULL};
    const cJSON *part = NULL;

    if (!json_only_keys(reading->document, add, parts, err))
        return false;
    cJSON_ArrayForEach(part, add)
    {
        if (!json_object(reading->document, part, part->string, err))
            return false;
    }
    return true;
}

static bool read_add(const struct policy_reading *reading, const cJSON *node,
                     enum fix_target target, struct fix_side *side, struct error *err)
{
    if (node == NULL)
        return true;
    if (!json_object(reading->document, node, "add", err))
        return false;
    if (target == FIX_DOCKER && !check_flags(reading, node, err))
        return false;
    if (target == FIX_KUBERNETES && !check_parts(reading, node, err))
        return false;
    return read_tree(reading, node, false, &side->add, err);
}

static bool read_remove(const struct policy_reading *reading, const cJSON *node,
                        struct fix_side *side, struct error *err)
{
    const cJSON *element = NULL;

    if (node == NULL)
        return true;
    if (!json_array(reading->document, node, "remove", err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        const char *text = NULL;
        if (!json_text(reading->document, element, "what a fix removes", &text, err))
            return false;
    }
    return read_tree(reading, node, false, &side->remove, err);
}

/* what: "docker", or what else is written so, in messages. */
static bool read_side(const struct policy_reading *reading, const cJSON *node, const char *what,
                      enum fix_target target, struct fix_side *side, struct error *err)
{
    static const char *const names[] = {"add", "remove", NULL};
    const cJSON *add = json_member(node, "add");
    const cJSON *remove = json_member(node, "remove");

    side->is_given = true;
    side->remove.kind = TREE_LIST;
    if (cJSON_IsString(node))
        return policy_text_read(reading, node, &side->reason, err);
    if (!json_object(reading->document, node, what, err) ||
        !json_only_keys(reading->document, node, names, err) ||
        !read_add(reading, add, target, side, err) || !read_remove(reading, remove, side, err))
        return false;
    return side->add.count + side->remove.count > 0 ||
           json_error(reading->document, node, err, "%s must add or remove something, or be a text",
                      what);
}

/* --- the whole ------------------------------------------------------------------------------ */

static bool read_texts(const struct policy_reading *reading, const cJSON *fix, const char *name,
                       struct strset *out, struct error *err)
{
    const cJSON *node = json_member(fix, name);

    return node == NULL || json_texts(reading->document, node, name, out, err);
}

/* The sides that node holds, a text for all three or an object. */
static bool read_sides(const struct policy_reading *reading, const cJSON *node,
                       struct fix_side sides[FIX_TARGETS], struct error *err)
{
    bool is_text = cJSON_IsString(node);

    for (size_t i = 0; i < FIX_TARGETS; i++) {
        enum fix_target target = (enum fix_target)i;
        const char *name = fix_target_name(target);
        const cJSON *side = is_text ? node : json_member(node, name);
        if (side != NULL && !read_side(reading, side, name, target, &sides[i], err))
            return false;
    }
    return true;
}

static bool read_place(const struct policy_reading *reading, const cJSON *node,
                       enum fix_place place, struct rule_fix *fix, struct error *err)
{
    static const char *const names[] = {"docker", "compose", "kubernetes", NULL};

    if (node == NULL)
        return true;
    if (!cJSON_IsString(node) &&
        (!json_object(reading->document, node, fix_place_name(place), err) ||
         !json_only_keys(reading->document, node, names, err)))
        return false;
    return read_sides(reading, node, rule_fix_make_place(fix, place), err);
}

bool policy_fix_read(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                     struct error *err)
{
    static const char *const names[] = {"docker", "compose",   "kubernetes", "podman",
                                        "about",  "breaks",    "root",       "tmpfs",
                                        "dev",    "elsewhere", "needed",     NULL};
    const cJSON *podman = json_member(node, "podman");
    struct rule_fix *fix = &rule->fix;

    rule_fix_free(fix);
    if (!cJSON_IsString(node) && (!json_object(reading->document, node, "fix", err) ||
                                  !json_only_keys(reading->document, node, names, err)))
        return false;
    if (!read_sides(reading, node, fix->sides, err))
        return false;
    if (podman != NULL && !read_side(reading, podman, "podman", FIX_DOCKER, &fix->podman, err))
        return false;
    for (size_t i = PLACE_ROOT; i < FIX_PLACES; i++) {
        enum fix_place place = (enum fix_place)i;
        if (!read_place(reading, json_member(node, fix_place_name(place)), place, fix, err))
            return false;
    }
    return read_texts(reading, node, "about", &fix->about, err) &&
           read_texts(reading, node, "breaks", &fix->breaks, err);
}
