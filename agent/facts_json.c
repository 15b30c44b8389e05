/*
 * Reads saved facts. See facts_json.h.
 */
#include "agent/facts_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/fact_index.h"
#include "agent/core/mem.h"
#include "agent/file_read.h"
#include "agent/json_read.h"
#include "agent/suggest.h"

enum { FACTS_SIZE_MAX = 256 * 1024 * 1024 };

struct facts_reading {
    const struct json_document *document;
    const struct fact_catalog *catalog;
    struct facts *facts;
};

static const char *nth_key(size_t index, const void *context)
{
    const struct fact_catalog *catalog = context;

    return index < catalog->count ? catalog->keys[index]->name : NULL;
}

static bool read_key(const struct facts_reading *reading, const cJSON *node,
                     const struct fact_key **out, struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "key", &name, err))
        return false;
    *out = fact_catalog_find(reading->catalog, name);
    if (*out != NULL)
        return true;
    const char *near = suggest_nearest(name, nth_key, reading->catalog);
    return json_error(reading->document, node, err, "unknown fact \"%s\"%s%s%s", name,
                      near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
                      near == NULL ? "" : "\"?");
}

static bool read_state(const struct facts_reading *reading, const cJSON *node, enum fact_state *out,
                       struct error *err)
{
    const char *name = NULL;

    if (!json_text(reading->document, node, "state", &name, err))
        return false;
    for (*out = FACT_KNOWN; *out <= FACT_UNKNOWN; (*out)++) {
        if (strcmp(fact_state_name(*out), name) == 0)
            return true;
    }
    return json_error(reading->document, node, err,
                      "state must be known, absent or unknown, not \"%s\"", name);
}

/* An observed text may be empty, so it is not read as a person's text is. */
static bool read_text(const struct facts_reading *reading, const cJSON *node,
                      const struct fact_key *key, const char *subject, struct error *err)
{
    if (!cJSON_IsString(node))
        return json_error(reading->document, node, err, "the value of %s must be a string",
                          key->name);
    (void)facts_put_text(reading->facts, key, subject, node->valuestring);
    return true;
}

static bool read_set(const struct facts_reading *reading, const cJSON *node,
                     const struct fact_key *key, const char *subject, struct error *err)
{
    const cJSON *element = NULL;
    struct strset set = {0};

    if (!json_array(reading->document, node, key->name, err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        if (!cJSON_IsString(element)) {
            strset_free(&set);
            return json_error(reading->document, element, err, "%s holds strings only", key->name);
        }
        strset_add(&set, element->valuestring);
    }
    (void)facts_put_set(reading->facts, key, subject, &set);
    return true;
}

static bool read_value(const struct facts_reading *reading, const cJSON *node,
                       const struct fact_key *key, const char *subject, struct error *err)
{
    bool boolean = false;
    int64_t integer = 0;

    switch (key->type) {
    case VALUE_BOOL:
        if (!json_bool(reading->document, node, key->name, &boolean, err))
            return false;
        (void)facts_put_bool(reading->facts, key, subject, boolean);
        return true;
    case VALUE_INTEGER:
        if (!json_integer(reading->document, node, key->name, &integer, err))
            return false;
        (void)facts_put_integer(reading->facts, key, subject, integer);
        return true;
    case VALUE_TEXT:
        return read_text(reading, node, key, subject, err);
    case VALUE_SET:
        return read_set(reading, node, key, subject, err);
    case VALUE_NONE:
        break;
    }
    return json_error(reading->document, node, err, "%s has no value", key->name);
}

/* What may stand in a row depends on its state. */
static bool check_row(const struct facts_reading *reading, const cJSON *row,
                      const struct fact_key *key, enum fact_state state, const char *subject,
                      struct error *err)
{
    const cJSON *value = json_member(row, "value");
    const cJSON *reason = json_member(row, "reason");

    if (key->subjects == SUBJECTS_NONE && subject != NULL)
        return json_error(reading->document, json_member(row, "subject"), err, "%s has no subjects",
                          key->name);
    if (key->subjects != SUBJECTS_NONE && subject == NULL && state != FACT_UNKNOWN)
        return json_error(reading->document, row, err, "%s needs a subject", key->name);
    if ((value != NULL) != (state == FACT_KNOWN))
        return json_error(reading->document, row, err,
                          "a fact has a value when it is known, and "
                          "only then");
    if ((reason != NULL) != (state == FACT_UNKNOWN))
        return json_error(reading->document, row, err,
                          "a fact has a reason when it is unknown, "
                          "and only then");
    return true;
}

static bool put_row(const struct facts_reading *reading, const cJSON *row,
                    const struct fact_key *key, enum fact_state state, const char *subject,
                    struct error *err)
{
    const char *reason = NULL;

    if (state == FACT_KNOWN)
        return read_value(reading, json_member(row, "value"), key, subject, err);
    if (state == FACT_ABSENT) {
        (void)facts_put_absent(reading->facts, key, subject);
        return true;
    }
    if (!json_prose(reading->document, json_member(row, "reason"), "reason", &reason, err))
        return false;
    (void)facts_put_unknown(reading->facts, key, subject, reason);
    return true;
}

static bool read_row(const struct facts_reading *reading, const cJSON *row, struct error *err)
{
    static const char *const names[] = {"key",    "subject", "state", "value",
                                        "reason", "detail",  NULL};
    const struct json_document *document = reading->document;
    const cJSON *subject_node = json_member(row, "subject");
    const cJSON *detail_node = json_member(row, "detail");
    const struct fact_key *key = NULL;
    enum fact_state state = FACT_UNKNOWN;
    const char *subject = NULL;
    const char *detail = NULL;

    if (!json_object(document, row, "a fact", err) || !json_only_keys(document, row, names, err))
        return false;
    if (json_member(row, "key") == NULL || json_member(row, "state") == NULL)
        return json_error(document, row, err, "a fact needs \"key\" and \"state\"");
    if (!read_key(reading, json_member(row, "key"), &key, err) ||
        !read_state(reading, json_member(row, "state"), &state, err))
        return false;
    if (subject_node != NULL && !json_prose(document, subject_node, "subject", &subject, err))
        return false;
    if (!check_row(reading, row, key, state, subject, err) ||
        !put_row(reading, row, key, state, subject, err))
        return false;
    if (detail_node == NULL)
        return true;
    if (!json_prose(document, detail_node, "detail", &detail, err))
        return false;
    fact_set_detail(&reading->facts->rows[reading->facts->count - 1], detail);
    return true;
}

static bool has_same_name(const struct fact *a, const struct fact *b)
{
    if (a->key != b->key || (a->subject == NULL) != (b->subject == NULL))
        return false;
    return a->subject == NULL || strcmp(a->subject, b->subject) == 0;
}

/* Two rows of one key and subject would leave it to chance which of them is judged. */
static bool check_unique(const struct facts_reading *reading, const cJSON *rows, struct error *err)
{
    struct fact_index index = fact_index_build(reading->facts);
    const struct fact *twice = NULL;

    for (size_t i = 1; i < index.count && twice == NULL; i++) {
        if (has_same_name(index.rows[i - 1], index.rows[i]))
            twice = index.rows[i];
    }
    fact_index_free(&index);
    if (twice == NULL)
        return true;
    const cJSON *row = cJSON_GetArrayItem(rows, (int)(twice - reading->facts->rows));
    return json_error(reading->document, row, err, "%s%s%s stands twice", twice->key->name,
                      twice->subject == NULL ? "" : " of ",
                      twice->subject == NULL ? "" : twice->subject);
}

static bool read_rows(const struct facts_reading *reading, const cJSON *rows, struct error *err)
{
    const cJSON *row = NULL;

    if (!json_array(reading->document, rows, "facts", err))
        return false;
    cJSON_ArrayForEach(row, rows)
    {
        if (!read_row(reading, row, err))
            return false;
    }
    return check_unique(reading, rows, err);
}

/* Absent, or null, where it is not known. */
static bool read_name(const struct json_document *document, const cJSON *node,
                      struct facts_origin *origin, struct error *err)
{
    const char *text = "";

    if (node == NULL || cJSON_IsNull(node))
        return true;
    if (!json_text(document, node, "name", &text, err))
        return false;
    if (strlen(text) >= sizeof origin->name)
        return json_error(document, node, err, "no process has so long a name");
    (void)stpcpy(origin->name, text);
    return true;
}

static bool read_origin(const struct json_document *document, struct facts_origin *origin,
                        struct error *err)
{
    const cJSON *target = json_member(document->root, "target");
    const cJSON *started = json_member(document->root, "started");
    const char *text = "";
    int64_t pid = 0;

    if (target == NULL || started == NULL)
        return json_error(document, document->root, err, "\"target\" or \"started\" is missing");
    if (!json_object(document, target, "target", err))
        return false;
    if (json_member(target, "pid") == NULL || json_member(target, "self") == NULL)
        return json_error(document, target, err, "target needs \"pid\" and \"self\"");
    if (!json_integer(document, json_member(target, "pid"), "pid", &pid, err) ||
        !json_bool(document, json_member(target, "self"), "self", &origin->is_self, err) ||
        !read_name(document, json_member(target, "name"), origin, err) ||
        !json_text(document, started, "started", &text, err))
        return false;
    if (pid < 1 || pid > INT32_MAX)
        return json_error(document, json_member(target, "pid"), err, "no process has this pid");
    if (strlen(text) >= sizeof origin->started)
        return json_error(document, started, err, "started is not a time");
    origin->pid = (int)pid;
    (void)stpcpy(origin->started, text);
    return true;
}

static bool read_document(const struct facts_reading *reading, struct facts_origin *origin,
                          struct error *err)
{
    const struct json_document *document = reading->document;
    const cJSON *schema = json_member(document->root, "schema");
    const cJSON *rows = json_member(document->root, "facts");
    const char *name = NULL;

    if (!json_object(document, document->root, "a facts document", err))
        return false;
    if (schema == NULL || rows == NULL)
        return json_error(document, document->root, err, "\"schema\" or \"facts\" is missing");
    if (!json_text(document, schema, "schema", &name, err))
        return false;
    if (strcmp(name, "watertight.facts/1") != 0 && strcmp(name, "watertight.report/1") != 0)
        return json_error(document, schema, err,
                          "schema must be \"watertight.facts/1\" or \"watertight.report/1\", not "
                          "\"%s\"",
                          name);
    return read_origin(document, origin, err) && read_rows(reading, rows, err);
}

bool facts_parse(const char *text, size_t length, const char *source,
                 const struct fact_catalog *catalog, struct facts *out, struct facts_origin *origin,
                 struct error *err)
{
    struct json_document document;
    struct facts_reading reading = {.document = &document, .catalog = catalog, .facts = out};

    *out = (struct facts){0};
    *origin = (struct facts_origin){0};
    if (!json_parse(text, length, source, &document, err))
        return false;
    bool ok = read_document(&reading, origin, err);
    json_free(&document);
    if (!ok)
        facts_free(out);
    return ok;
}

bool facts_load(const char *file, const struct fact_catalog *catalog, struct facts *out,
                struct facts_origin *origin, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    *out = (struct facts){0};
    if (!file_read(file, FACTS_SIZE_MAX, &text, &length, err))
        return false;
    return facts_parse(text, length, strcmp(file, "-") == 0 ? "standard input" : file, catalog, out,
                       origin, err);
}
