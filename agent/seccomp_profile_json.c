/*
 * Seccomp profiles from JSON. See seccomp_profile_json.h.
 */
#include "agent/seccomp_profile_json.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/file_read.h"
#include "agent/json_read.h"
#include "agent/suggest.h"

/* ERRNO_MAX is the kernel's MAX_ERRNO: more does not fit into a result. */
enum { PROFILE_SIZE_MAX = 1024 * 1024, ERRNO_MAX = 4095 };

/* null is how Go writes a list or an object that was not set. */
static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *node = json_member(object, name);

    return cJSON_IsNull(node) ? NULL : node;
}

static const char *nth_word(size_t index, const void *context)
{
    return ((const char *const *)context)[index];
}

/* The index of the node's text among words, which NULL ends. */
static bool read_word(const struct json_document *document, const cJSON *node, const char *what,
                      const char *const *words, size_t *out, struct error *err)
{
    const char *text = NULL;

    if (!json_text(document, node, what, &text, err))
        return false;
    for (*out = 0; words[*out] != NULL; (*out)++) {
        if (strcmp(words[*out], text) == 0)
            return true;
    }
    const char *near = suggest_nearest(text, nth_word, words);
    return json_error(document, node, err, "unknown %s \"%s\"%s%s%s", what, text,
                      near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
                      near == NULL ? "" : "\"?");
}

/* Texts, of which engines do not mind that one stands there twice. NULL: none. */
static bool read_texts(const struct json_document *document, const cJSON *node, const char *what,
                       struct strset *out, struct error *err)
{
    const cJSON *element = NULL;
    const char *text = NULL;

    if (node == NULL)
        return true;
    if (!json_array(document, node, what, err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        if (!json_text(document, element, what, &text, err))
            return false;
        strset_add(out, text);
    }
    return true;
}

/* --- actions -------------------------------------------------------------------------------- */

/* The number of an errno value's name. */
static bool read_errno_name(const struct json_document *document, const cJSON *node, int64_t *out,
                            struct error *err)
{
    const char *name = NULL;
    char buffer[16];

    if (!json_text(document, node, "errno", &name, err))
        return false;
    for (*out = 1; *out <= ERRNO_MAX; (*out)++) {
        if (strcmp(error_name((int)*out, buffer), name) == 0)
            return true;
    }
    return json_error(document, node, err, "unknown errno \"%s\"", name);
}

/*
 * The number that an action answers with: EPERM where nothing is said. Podman writes it as a name
 * too, which counts more.
 */
static bool read_errno(const struct json_document *document, const cJSON *number, const cJSON *name,
                       int *out, struct error *err)
{
    int64_t code = 1;

    if (number != NULL && !json_integer(document, number, "errnoRet", &code, err))
        return false;
    if (code < 0 || code > ERRNO_MAX)
        return json_error(document, number, err, "errnoRet must be 0 to %d", ERRNO_MAX);
    bool has_name = name != NULL && !(cJSON_IsString(name) && name->valuestring[0] == '\0');
    if (has_name && !read_errno_name(document, name, &code, err))
        return false;
    *out = (int)code;
    return true;
}

/* The action as the facts name it, in *out, which the caller frees. */
static bool read_action(const struct json_document *document, const cJSON *node, int code,
                        char **out, struct error *err)
{
    static const char *const words[] = {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",
                                        "SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS",
                                        "SCMP_ACT_TRAP",  "SCMP_ACT_KILL_THREAD",
                                        "SCMP_ACT_LOG",   "SCMP_ACT_NOTIFY",
                                        "SCMP_ACT_TRACE", NULL};
    static const char *const actions[] = {"allow", NULL,  "kill",   "kill", "trap",
                                          "kill",  "log", "notify", "trace"};
    char buffer[16];
    size_t index = 0;

    if (!read_word(document, node, "action", words, &index, err))
        return false;
    *out = actions[index] == NULL ? mem_format("errno(%s)", error_name(code, buffer))
                                  : mem_copy(actions[index]);
    return true;
}

/* --- one rule ------------------------------------------------------------------------------- */

static bool read_condition(const struct json_document *document, const cJSON *node,
                           struct seccomp_rule *rule, struct error *err)
{
    static const char *const names[] = {"index", "value", "valueTwo", "op", NULL};
    static const char *const operators[] = {[SECCOMP_NE] = "SCMP_CMP_NE",
                                            [SECCOMP_LT] = "SCMP_CMP_LT",
                                            [SECCOMP_LE] = "SCMP_CMP_LE",
                                            [SECCOMP_EQ] = "SCMP_CMP_EQ",
                                            [SECCOMP_GE] = "SCMP_CMP_GE",
                                            [SECCOMP_GT] = "SCMP_CMP_GT",
                                            [SECCOMP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
                                            NULL};
    struct seccomp_condition condition = {0};
    uint64_t index = 0;
    size_t op = 0;

    if (!json_object(document, node, "an element of args", err) ||
        !json_only_keys(document, node, names, err))
        return false;
    const cJSON *index_node = json_member(node, "index");
    const cJSON *value = json_member(node, "value");
    const cJSON *value_two = member(node, "valueTwo");
    const cJSON *op_node = json_member(node, "op");
    if (index_node == NULL || value == NULL || op_node == NULL)
        return json_error(document, node, err,
                          "an element of args needs \"index\", \"value\" and \"op\"");
    if (!json_unsigned(document, index_node, "index", &index, err) ||
        !json_unsigned(document, value, "value", &condition.value, err) ||
        !read_word(document, op_node, "operator", operators, &op, err))
        return false;
    if (value_two != NULL &&
        !json_unsigned(document, value_two, "valueTwo", &condition.value_two, err))
        return false;
    if (index >= SECCOMP_ARGUMENTS)
        return json_error(document, index_node, err, "index must be 0 to %d",
                          SECCOMP_ARGUMENTS - 1);
    condition.index = (unsigned)index;
    condition.op = (enum seccomp_operator)op;
    rule->conditions = mem_grow(rule->conditions, rule->condition_count, &rule->condition_capacity,
                                sizeof *rule->conditions);
    rule->conditions[rule->condition_count++] = condition;
    return true;
}

static bool read_conditions(const struct json_document *document, const cJSON *node,
                            struct seccomp_rule *rule, struct error *err)
{
    const cJSON *element = NULL;

    if (node == NULL)
        return true;
    if (!json_array(document, node, "args", err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        if (!read_condition(document, element, rule, err))
            return false;
    }
    return true;
}

static bool read_kernel(const struct json_document *document, const cJSON *node,
                        struct seccomp_scope *out, struct error *err)
{
    const char *text = NULL;
    char *end = NULL;

    if (!json_text(document, node, "minKernel", &text, err))
        return false;
    out->has_kernel = true;
    for (size_t i = 0; i < 2; i++) {
        long number = strtol(text, &end, 10);
        bool is_number = *text >= '0' && *text <= '9' && number <= 1000;
        if (!is_number || *end != (i == 0 ? '.' : '\0'))
            return json_error(document, node, err, "minKernel must be like \"5.4\"");
        out->kernel[i] = (int)number;
        text = end + 1;
    }
    return true;
}

static bool read_scope(const struct json_document *document, const cJSON *node, const char *what,
                       struct seccomp_scope *out, struct error *err)
{
    static const char *const names[] = {"caps", "arches", "minKernel", NULL};

    if (node == NULL)
        return true;
    if (!json_object(document, node, what, err) || !json_only_keys(document, node, names, err) ||
        !read_texts(document, member(node, "caps"), "caps", &out->capabilities, err) ||
        !read_texts(document, member(node, "arches"), "arches", &out->machines, err))
        return false;
    const cJSON *kernel = member(node, "minKernel");
    bool is_set = kernel != NULL && !(cJSON_IsString(kernel) && kernel->valuestring[0] == '\0');
    return !is_set || read_kernel(document, kernel, out, err);
}

/* "names", or "name" as the first profiles had it. */
static bool read_names(const struct json_document *document, const cJSON *node,
                       struct seccomp_rule *rule, struct error *err)
{
    const cJSON *names = member(node, "names");
    const cJSON *name = member(node, "name");
    const char *text = NULL;

    if (cJSON_IsString(name) && name->valuestring[0] == '\0')
        name = NULL;
    if (!read_texts(document, names, "names", &rule->names, err))
        return false;
    if (name != NULL && rule->names.count > 0)
        return json_error(document, name, err, "use either \"name\" or \"names\"");
    if (name != NULL) {
        if (!json_text(document, name, "name", &text, err))
            return false;
        strset_add(&rule->names, text);
    }
    return rule->names.count > 0 ||
           json_error(document, node, err, "a rule needs \"names\" of system calls");
}

static bool read_rule(const struct json_document *document, const cJSON *node,
                      struct seccomp_rule *rule, struct error *err)
{
    static const char *const names[] = {"names", "name",    "action",   "errnoRet", "errno",
                                        "args",  "comment", "includes", "excludes", NULL};
    int code = 0;

    if (!json_object(document, node, "an element of syscalls", err) ||
        !json_only_keys(document, node, names, err) || !read_names(document, node, rule, err))
        return false;
    const cJSON *action = json_member(node, "action");
    if (action == NULL)
        return json_error(document, node, err, "\"action\" is missing");
    return read_errno(document, member(node, "errnoRet"), member(node, "errno"), &code, err) &&
           read_action(document, action, code, &rule->action, err) &&
           read_conditions(document, member(node, "args"), rule, err) &&
           read_scope(document, member(node, "includes"), "includes", &rule->includes, err) &&
           read_scope(document, member(node, "excludes"), "excludes", &rule->excludes, err);
}

/* --- the document --------------------------------------------------------------------------- */

static bool read_rules(const struct json_document *document, const cJSON *node,
                       struct seccomp_profile *out, struct error *err)
{
    const cJSON *element = NULL;

    if (node == NULL)
        return true;
    if (!json_array(document, node, "syscalls", err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        out->rules = mem_grow(out->rules, out->rule_count, &out->rule_capacity, sizeof *out->rules);
        struct seccomp_rule *rule = &out->rules[out->rule_count++];
        *rule = (struct seccomp_rule){0};
        if (!read_rule(document, element, rule, err))
            return false;
    }
    return true;
}

static bool read_map_row(const struct json_document *document, const cJSON *node,
                         struct seccomp_architecture *row, struct error *err)
{
    static const char *const names[] = {"architecture", "subArchitectures", NULL};
    const char *native = NULL;

    if (!json_object(document, node, "an element of archMap", err) ||
        !json_only_keys(document, node, names, err))
        return false;
    const cJSON *architecture = json_member(node, "architecture");
    if (architecture == NULL)
        return json_error(document, node, err, "\"architecture\" is missing");
    if (!json_text(document, architecture, "architecture", &native, err))
        return false;
    row->native = mem_copy(native);
    return read_texts(document, member(node, "subArchitectures"), "subArchitectures", &row->others,
                      err);
}

static bool read_map(const struct json_document *document, const cJSON *node,
                     struct seccomp_profile *out, struct error *err)
{
    const cJSON *element = NULL;

    if (node == NULL)
        return true;
    if (!json_array(document, node, "archMap", err))
        return false;
    cJSON_ArrayForEach(element, node)
    {
        out->map = mem_grow(out->map, out->map_count, &out->map_capacity, sizeof *out->map);
        struct seccomp_architecture *row = &out->map[out->map_count++];
        *row = (struct seccomp_architecture){0};
        if (!read_map_row(document, element, row, err))
            return false;
    }
    if (out->map_count > 0 && out->architectures.count > 0)
        return json_error(document, node, err, "use either \"architectures\" or \"archMap\"");
    return true;
}

static bool read_document(const struct json_document *document, struct seccomp_profile *out,
                          struct error *err)
{
    static const char *const names[] = {
        "defaultAction", "defaultErrnoRet", "defaultErrno",     "architectures", "archMap",
        "flags",         "listenerPath",    "listenerMetadata", "syscalls",      NULL};
    const cJSON *root = document->root;
    int code = 0;

    if (!json_object(document, root, "a seccomp profile", err) ||
        !json_only_keys(document, root, names, err))
        return false;
    const cJSON *action = json_member(root, "defaultAction");
    if (action == NULL)
        return json_error(document, root, err, "\"defaultAction\" is missing");
    return read_errno(document, member(root, "defaultErrnoRet"), member(root, "defaultErrno"),
                      &code, err) &&
           read_action(document, action, code, &out->default_action, err) &&
           read_texts(document, member(root, "architectures"), "architectures", &out->architectures,
                      err) &&
           read_map(document, member(root, "archMap"), out, err) &&
           read_rules(document, member(root, "syscalls"), out, err);
}

bool seccomp_profile_parse(const char *text, size_t length, const char *source,
                           struct seccomp_profile *out, struct error *err)
{
    struct json_document document;

    *out = (struct seccomp_profile){0};
    if (!json_parse(text, length, source, &document, err))
        return false;
    bool ok = read_document(&document, out, err);
    json_free(&document);
    if (!ok)
        seccomp_profile_free(out);
    return ok;
}

bool seccomp_profile_load(const char *file, struct seccomp_profile *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    const char *source = strcmp(file, "-") == 0 ? "standard input" : file;
    size_t length = 0;

    *out = (struct seccomp_profile){0};
    return file_read(file, PROFILE_SIZE_MAX, &text, &length, err) &&
           seccomp_profile_parse(text, length, source, out, err);
}
