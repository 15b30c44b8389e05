/*
 * Strict JSON documents with places. See json_read.h.
 */
#include "agent/json_read.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/sort.h"
#include "agent/core/mem.h"
#include "agent/json_scan.h"
#include "agent/suggest.h"

/* Writes "SOURCE:LINE:COLUMN: words". Columns count characters, from 1. */
static bool error_at(const struct json_document *document, size_t offset, struct error *err,
                     const char *words)
{
    size_t line = 1;
    size_t column = 1;

    for (size_t i = 0; i < offset && i < document->length; i++) {
        if (document->text[i] == '\n') {
            line++;
            column = 1;
        } else if ((document->text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    return error_set(err, "%s:%zu:%zu: %s", document->source, line, column, words);
}

/*
 * Counts values in the order of the text until wanted is met, and says whether it was. The scanner
 * counts the same way, so the count is the index to ask it for.
 */
static bool count_until(const cJSON *node, const cJSON *wanted, size_t *count)
{
    if (node == wanted)
        return true;
    (*count)++;
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
        if (count_until(child, wanted, count))
            return true;
    }
    return false;
}

static struct json_place place_of(const struct json_document *document, const cJSON *node)
{
    struct json_place place = {0};
    const char *problem = NULL;
    size_t at = 0;
    size_t index = 0;

    if (count_until(document->root, node, &index))
        (void)json_scan(document->text, document->length, index, &place, &problem, &at);
    return place;
}

bool json_error(const struct json_document *document, const cJSON *node, struct error *err,
                const char *words, ...)
{
    va_list arguments;

    va_start(arguments, words);
    CLEANUP(mem_free_text) char *sentence = mem_vformat(words, arguments);
    va_end(arguments);
    return error_at(document, place_of(document, node).value, err, sentence);
}

bool json_error_key(const struct json_document *document, const cJSON *node, struct error *err,
                    const char *words, ...)
{
    va_list arguments;

    va_start(arguments, words);
    CLEANUP(mem_free_text) char *sentence = mem_vformat(words, arguments);
    va_end(arguments);
    return error_at(document, place_of(document, node).key, err, sentence);
}

static int compare_keys(const void *a, const void *b)
{
    const cJSON *left = *(const cJSON *const *)a;
    const cJSON *right = *(const cJSON *const *)b;

    return strcmp(left->string, right->string);
}

/* Of two members with the same key, the later one; NULL when there are none. */
static const cJSON *duplicate_in(const cJSON *object)
{
    size_t count = (size_t)cJSON_GetArraySize(object);
    const cJSON **members = mem_new(count, sizeof *members);
    const cJSON *found = NULL;
    size_t i = 0;

    for (const cJSON *child = object->child; child != NULL; child = child->next)
        members[i++] = child;
    sort(members, count, sizeof *members, compare_keys);
    for (i = 1; i < count && found == NULL; i++) {
        if (strcmp(members[i - 1]->string, members[i]->string) != 0)
            continue;
        found = members[i];
        for (const cJSON *later = found->next; later != NULL; later = later->next) {
            if (later == members[i - 1])
                found = later;
        }
    }
    free(members);
    return found;
}

static const cJSON *find_duplicate(const cJSON *node)
{
    const cJSON *found = cJSON_IsObject(node) ? duplicate_in(node) : NULL;

    for (const cJSON *child = node->child; child != NULL && found == NULL; child = child->next)
        found = find_duplicate(child);
    return found;
}

enum { CHUNK_SIZE = 32 * 1024 };

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

/* Where cJSON puts what it makes while a document is parsed: it passes no context. */
static struct obstack *building;

/* Not for UBSan: the macro of glibc aligns by an offset from a null pointer. */
__attribute__((no_sanitize("pointer-overflow"))) static void *take(size_t size)
{
    return size > INT_MAX ? NULL : obstack_alloc(building, (int)size);
}

static void leave(void *piece)
{
    (void)piece; /* goes with the document */
}

static void parse(const char *text, size_t length, const char *source, bool is_own,
                  struct json_document *out)
{
    cJSON_Hooks hooks = {.malloc_fn = take, .free_fn = leave};

    *out =
        (struct json_document){.source = source, .text = text, .length = length, .is_own = is_own};
    obstack_alloc_failed_handler = out_of_memory;
    obstack_begin(&out->memory, CHUNK_SIZE);
    building = &out->memory;
    cJSON_InitHooks(&hooks);
    out->root = cJSON_ParseWithLength(text, length);
    cJSON_InitHooks(NULL);
    if (out->root == NULL)
        out_of_memory(); /* it is well formed, so there is no other reason */
}

void json_parse_own(const char *text, size_t length, const char *source, struct json_document *out)
{
    parse(text, length, source, true, out);
}

bool json_parse(const char *text, size_t length, const char *source, struct json_document *out,
                struct error *err)
{
    struct json_place place;
    const char *problem = NULL;
    size_t at = 0;

    *out = (struct json_document){.source = source, .text = text, .length = length};
    if (!json_scan(text, length, 0, &place, &problem, &at))
        return error_at(out, at, err, problem);
    parse(text, length, source, false, out);
    const cJSON *duplicate = find_duplicate(out->root);
    if (duplicate != NULL) {
        (void)json_error_key(out, duplicate, err, "duplicate key \"%s\"", duplicate->string);
        json_free(out);
        return false;
    }
    return true;
}

void json_free(struct json_document *document)
{
    obstack_free(&document->memory, NULL);
    document->root = NULL;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *type_name(const cJSON *node)
{
    if (cJSON_IsBool(node))
        return "a boolean";
    if (cJSON_IsNumber(node))
        return "a number";
    if (cJSON_IsString(node))
        return "a string";
    if (cJSON_IsArray(node))
        return "an array";
    if (cJSON_IsObject(node))
        return "an object";
    return "null";
}

static bool type_error(const struct json_document *document, const cJSON *node, const char *what,
                       const char *wanted, struct error *err)
{
    return json_error(document, node, err, "%s must be %s, not %s", what, wanted, type_name(node));
}

bool json_prose(const struct json_document *document, const cJSON *node, const char *what,
                const char **out, struct error *err)
{
    if (!cJSON_IsString(node))
        return type_error(document, node, what, "a string", err);
    if (node->valuestring[0] == '\0')
        return json_error(document, node, err, "%s may not be empty", what);
    *out = node->valuestring;
    if (document->is_own)
        return true;
    for (const unsigned char *c = (const unsigned char *)node->valuestring; *c != '\0'; c++) {
        if (*c >= 0x20 && *c < 0x7F)
            continue;
        bool is_c1 = c[0] == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0;
        if ((*c < 0x20 && *c != '\n') || *c == 0x7F || is_c1)
            return json_error(document, node, err, "%s may not hold control characters", what);
    }
    return true;
}

bool json_text(const struct json_document *document, const cJSON *node, const char *what,
               const char **out, struct error *err)
{
    if (!json_prose(document, node, what, out, err))
        return false;
    if (!document->is_own && strchr(*out, '\n') != NULL)
        return json_error(document, node, err, "%s must be one line", what);
    return true;
}

bool json_bool(const struct json_document *document, const cJSON *node, const char *what, bool *out,
               struct error *err)
{
    if (!cJSON_IsBool(node))
        return type_error(document, node, what, "true or false", err);
    *out = cJSON_IsTrue(node);
    return true;
}

bool json_integer(const struct json_document *document, const cJSON *node, const char *what,
                  int64_t *out, struct error *err)
{
    static const double exact = 9007199254740992.0; /* 2^53: above, cJSON's double may be off */
    char *end = NULL;

    if (!cJSON_IsNumber(node))
        return type_error(document, node, what, "an integer", err);
    if (node->valuedouble > -exact && node->valuedouble < exact) {
        *out = (int64_t)node->valuedouble;
        return (double)*out == node->valuedouble ||
               json_error(document, node, err, "%s must be an integer", what);
    }
    const char *digits = document->text + place_of(document, node).value;
    errno = 0;
    *out = strtoll(digits, &end, 10);
    if (errno != 0 || *end == '.' || *end == 'e' || *end == 'E')
        return json_error(document, node, err, "%s is not an integer of 64 bits", what);
    return true;
}

bool json_unsigned(const struct json_document *document, const cJSON *node, const char *what,
                   uint64_t *out, struct error *err)
{
    static const double half = 9223372036854775808.0; /* 2^63: what json_integer cannot give */
    char *end = NULL;
    int64_t integer = 0;

    if (!cJSON_IsNumber(node) || node->valuedouble < half) {
        bool ok = json_integer(document, node, what, &integer, err);
        *out = (uint64_t)integer;
        return ok && (integer >= 0 || json_error(document, node, err, "%s is negative", what));
    }
    const char *digits = document->text + place_of(document, node).value;
    errno = 0;
    *out = strtoull(digits, &end, 10);
    if (errno != 0 || *end == '.' || *end == 'e' || *end == 'E')
        return json_error(document, node, err, "%s is not an integer of 64 bits", what);
    return true;
}

bool json_texts(const struct json_document *document, const cJSON *node, const char *what,
                struct strset *out, struct error *err)
{
    const cJSON *element = NULL;

    if (!json_array(document, node, what, err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        const char *text = NULL;
        if (!json_prose(document, element, what, &text, err))
            return false;
        if (strset_has(out, text))
            return json_error(document, element, err, "\"%s\" stands twice in %s", text, what);
        strset_add(out, text);
    }
    return true;
}

bool json_object(const struct json_document *document, const cJSON *node, const char *what,
                 struct error *err)
{
    return cJSON_IsObject(node) || type_error(document, node, what, "an object", err);
}

bool json_array(const struct json_document *document, const cJSON *node, const char *what,
                struct error *err)
{
    return cJSON_IsArray(node) || type_error(document, node, what, "an array", err);
}

static const char *nth_name(size_t index, const void *context)
{
    return ((const char *const *)context)[index];
}

bool json_only_keys(const struct json_document *document, const cJSON *object,
                    const char *const *names, struct error *err)
{
    const cJSON *member = NULL;

    if (document->is_own)
        return true;
    cJSON_ArrayForEach(member, object)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], member->string) != 0)
            i++;
        if (names[i] != NULL)
            continue;
        const char *near = suggest_nearest(member->string, nth_name, names);
        return json_error_key(document, member, err, "unknown key \"%s\"%s%s%s", member->string,
                              near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
                              near == NULL ? "" : "\"?");
    }
    return true;
}
