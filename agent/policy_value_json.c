/*
 * What rules and parameters are made of, from JSON. See policy_value_json.h.
 */
#include "agent/policy_value_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "agent/path.h"
#include "agent/suggest.h"

static const char *nth_severity(size_t index, const void *context)
{
    (void)context;
    return index <= SEVERITY_CRITICAL ? severity_name((enum severity)index) : NULL;
}

static const char *nth_operator(size_t index, const void *context)
{
    (void)context;
    return index <= OPERATOR_ONE_OF ? operator_name((enum rule_op)index) : NULL;
}

static const char *nth_fact(size_t index, const void *context)
{
    const struct fact_catalog *catalog = context;

    return index < catalog->count ? catalog->keys[index]->name : NULL;
}

static const char *nth_param(size_t index, const void *context)
{
    const struct policy *policy = context;

    return index < policy->param_count ? policy->params[index].name : NULL;
}

bool policy_unknown(const struct policy_reading *reading, const cJSON *node, bool at_key,
                    const char *what, const char *word, const char *near, struct error *err)
{
    CLEANUP(mem_free_text)
    char *hint = near == NULL ? mem_copy("") : mem_format("; did you mean \"%s\"?", near);

    if (at_key)
        return json_error_key(reading->document, node, err, "unknown %s \"%s\"%s", what, word,
                              hint);
    return json_error(reading->document, node, err, "unknown %s \"%s\"%s", what, word, hint);
}

bool policy_text_read(const struct policy_reading *reading, const cJSON *node, char **out,
                      struct error *err)
{
    const char *text = NULL;

    if (!json_text(reading->document, node, node->string, &text, err))
        return false;
    free(*out);
    *out = mem_copy(text);
    return true;
}

bool policy_severity_read(const struct policy_reading *reading, const cJSON *node,
                          enum severity *out, struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "a severity", &name, err))
        return false;
    return severity_parse(name, out) ||
           policy_unknown(reading, node, false, "severity", name,
                          suggest_nearest(name, nth_severity, NULL), err);
}

bool policy_fact_read(const struct policy_reading *reading, const cJSON *node,
                      const struct fact_key **out, struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "fact", &name, err))
        return false;
    *out = fact_catalog_find(reading->catalog, name);
    return *out != NULL || policy_unknown(reading, node, false, "fact", name,
                                          suggest_nearest(name, nth_fact, reading->catalog), err);
}

bool policy_operator_read(const struct policy_reading *reading, const cJSON *node,
                          enum rule_op *out, struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "operator", &name, err))
        return false;
    return operator_parse(name, out) ||
           policy_unknown(reading, node, false, "operator", name,
                          suggest_nearest(name, nth_operator, NULL), err);
}

bool policy_value_read(const struct policy_reading *reading, const cJSON *node, const char *what,
                       struct value *out, struct error *err)
{
    const struct json_document *document = reading->document;
    const char *text = NULL;
    int64_t integer = 0;

    if (cJSON_IsBool(node)) {
        *out = value_bool(cJSON_IsTrue(node));
        return true;
    }
    if (cJSON_IsNumber(node)) {
        bool ok = json_integer(document, node, what, &integer, err);
        *out = value_integer(integer);
        return ok;
    }
    if (cJSON_IsString(node)) {
        if (!json_prose(document, node, what, &text, err))
            return false;
        *out = value_text(text);
        return true;
    }
    if (!cJSON_IsArray(node))
        return json_error(document, node, err,
                          "%s must be a boolean, an integer, a string or an array of strings",
                          what);
    struct strset set = {0};
    bool ok = json_texts(document, node, what, &set, err);
    *out = value_set(&set);
    return ok;
}

bool policy_operand_read(const struct policy_reading *reading, const cJSON *node, const char *what,
                         struct operand *out, struct error *err)
{
    static const char *const names[] = {"param", NULL};
    const char *name = NULL;

    if (!cJSON_IsObject(node))
        return policy_value_read(reading, node, what, &out->literal, err);
    const cJSON *param = json_member(node, "param");
    if (!json_only_keys(reading->document, node, names, err))
        return false;
    if (param == NULL)
        return json_error(reading->document, node, err, "%s needs \"param\", or be a literal",
                          what);
    if (!json_text(reading->document, param, "param", &name, err))
        return false;
    if (policy_param(reading->policy, name) == NULL)
        return policy_unknown(reading, param, false, "parameter", name,
                              suggest_nearest(name, nth_param, reading->policy), err);
    out->param = mem_copy(name);
    return true;
}

/* The standard spelling of word in *out, which the caller frees. */
static bool normalize_word(const struct policy_reading *reading, const cJSON *node,
                           const struct vocabulary *vocabulary, const char *word, char **out,
                           struct error *err)
{
    *out = vocabulary_normalize(vocabulary, word);
    if (*out != NULL)
        return true;
    CLEANUP(mem_free_text) char *near = suggest_word(vocabulary, word);
    return policy_unknown(reading, node, false, vocabulary->name, word, near, err);
}

/* The element of an array node that is this text, for the error's place; else node itself. */
static const cJSON *place_of_word(const cJSON *node, const char *word)
{
    const cJSON *element = NULL;

    if (!cJSON_IsArray(node))
        return node;
    cJSON_ArrayForEach(element, node)
    {
        if (cJSON_IsString(element) && strcmp(element->valuestring, word) == 0)
            return element;
    }
    return node;
}

bool policy_words_normalize(const struct policy_reading *reading, const cJSON *node,
                            const struct vocabulary *vocabulary, struct value *value,
                            struct error *err)
{
    CLEANUP(mem_free_text) char *word = NULL;
    struct strset standard = {0};

    if (vocabulary == NULL)
        return true;
    if (value->type == VALUE_TEXT) {
        if (!normalize_word(reading, node, vocabulary, value->text, &word, err))
            return false;
        value_free(value);
        *value = value_text(word);
        return true;
    }
    if (value->type != VALUE_SET)
        return true;
    for (size_t i = 0; i < value->set.count; i++) {
        const char *item = value->set.items[i];
        mem_free_text(&word);
        if (!normalize_word(reading, place_of_word(node, item), vocabulary, item, &word, err)) {
            strset_free(&standard);
            return false;
        }
        strset_add(&standard, word);
    }
    value_free(value);
    *value = value_set(&standard);
    return true;
}

bool policy_param_normalize(const struct policy_reading *reading, const cJSON *node,
                            const struct vocabulary *vocabulary, struct param *param,
                            struct error *err)
{
    if (param->has_use && param->vocabulary != vocabulary)
        return json_error(reading->document, node, err,
                          "the parameter %s holds another kind of word for another rule",
                          param->name);
    if (param->is_spelt)
        return true;
    param->has_use = true;
    param->vocabulary = vocabulary;
    param->is_spelt = policy_words_normalize(reading, node, vocabulary, &param->value, err);
    return param->is_spelt;
}

const struct vocabulary *policy_vocabulary(const struct fact_key *fact)
{
    if (fact->type == VALUE_INTEGER)
        return &vocabulary_number;
    if (fact->type == VALUE_BOOL)
        return &vocabulary_truth;
    return fact->vocabulary;
}

bool policy_operand_check(const struct policy_reading *reading, const cJSON *node,
                          const struct fact_key *fact, enum rule_op op, struct operand *operand,
                          struct error *err)
{
    const struct json_document *document = reading->document;
    const struct value *value = policy_operand(reading->policy, operand);
    const cJSON *own = json_member(node, "operand");
    enum value_type wanted = VALUE_NONE;

    if (!compare_fits(op, fact->type, &wanted)) {
        const cJSON *place = json_member(node, "operator");
        return json_error(document, place == NULL ? node : place, err,
                          "operator \"%s\" does not apply to %s, which is of type %s",
                          operator_name(op), fact->name, value_type_name(fact->type));
    }
    if (value->type != wanted && wanted == VALUE_NONE)
        return json_error(document, own == NULL ? node : own, err,
                          "operator \"%s\" takes no operand", operator_name(op));
    if (value->type == VALUE_NONE && wanted != VALUE_NONE)
        return json_error(document, node, err, "operator \"%s\" needs an operand of type %s",
                          operator_name(op), value_type_name(wanted));
    if (value->type != wanted)
        return json_error(document, own == NULL ? node : own, err,
                          "operator \"%s\" on %s needs an operand of type %s, not %s",
                          operator_name(op), fact->name, value_type_name(wanted),
                          value_type_name(value->type));
    const cJSON *place = own == NULL ? node : own;
    const struct vocabulary *vocabulary = policy_vocabulary(fact);
    if (operand->param == NULL)
        return policy_words_normalize(reading, place, vocabulary, &operand->literal, err);
    /* policy_params_check does it for those that the document sets, and names their place. */
    if (json_member(json_member(document->root, "params"), operand->param) != NULL)
        return true;
    return policy_param_normalize(reading, place, vocabulary,
                                  policy_param(reading->policy, operand->param), err);
}

static bool is_spelt_path(const char *path)
{
    CLEANUP(mem_free_text) char *normal = path_spell(path);

    return normal != NULL && strcmp(normal, path) == 0 && strchr(path, '\n') == NULL;
}

const char *policy_subject_kind(const struct fact_key *fact)
{
    if (fact->subjects == SUBJECTS_NONE)
        return "none";
    return strcmp(fact->subject_name, "mount point") == 0 ? "path" : fact->subject_name;
}

bool policy_subject_check(const struct policy_reading *reading, const cJSON *node,
                          const struct fact_key *fact, const char *subject, struct error *err)
{
    CLEANUP(mem_free_text) char *standard = NULL;
    bool is_path = strcmp(policy_subject_kind(fact), "path") == 0;

    if (is_path && subject[0] != '/')
        return json_error(reading->document, node, err, "\"%s\" is not an absolute path", subject);
    if (is_path && !is_spelt_path(subject))
        return json_error(reading->document, node, err,
                          "\"%s\" is no path that a fact can have: write it without \"//\", "
                          "\".\", \"..\" and a slash at the end",
                          subject);
    return fact->subject_vocabulary == NULL ||
           normalize_word(reading, node, fact->subject_vocabulary, subject, &standard, err);
}

bool policy_subjects_check(const struct policy_reading *reading, const cJSON *node,
                           const struct fact_key *fact, const struct value *subjects,
                           struct error *err)
{
    if (fact->subjects == SUBJECTS_NONE)
        return json_error(reading->document, node, err, "%s has no subjects", fact->name);
    if (subjects->type != VALUE_SET)
        return json_error(reading->document, node, err, "subjects must be an array of strings");
    for (size_t i = 0; i < subjects->set.count; i++) {
        const char *subject = subjects->set.items[i];
        if (!policy_subject_check(reading, place_of_word(node, subject), fact, subject, err))
            return false;
    }
    return true;
}
