/*
 * The policy in force as an OCI profile. See seccomp_print.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/seccomp_exceptions.h"
#include "agent/seccomp_facts.h"
#include "agent/seccomp_print.h"
#include "probes/syscall_name.h"
#include "report/json_nodes.h"

enum { ERRNO_MAX = 4095 };

/* --- actions -------------------------------------------------------------------------------- */

/* The number in "errno(EPERM)", or -1. */
static int errno_of(const char *action)
{
    char buffer[16];

    for (int code = 0; code <= ERRNO_MAX; code++) {
        CLEANUP(mem_free_text)
        char *name = mem_format("errno(%s)", error_name(code, buffer));
        if (strcmp(name, action) == 0)
            return code;
    }
    return -1;
}

static void add_action(cJSON *object, const char *action_key, const char *errno_key,
                       const char *action)
{
    int code = errno_of(action);
    const char *name = code >= 0                       ? "SCMP_ACT_ERRNO"
                       : strcmp(action, "trap") == 0   ? "SCMP_ACT_TRAP"
                       : strcmp(action, "kill") == 0   ? "SCMP_ACT_KILL_PROCESS"
                       : strcmp(action, "notify") == 0 ? "SCMP_ACT_NOTIFY"
                       : strcmp(action, "log") == 0    ? "SCMP_ACT_LOG"
                                                       : "SCMP_ACT_ALLOW";

    json_add(object, action_key, json_text_node(name));
    if (code >= 0)
        json_add(object, errno_key, cJSON_CreateNumber(code));
}

/* The most frequent answer that refuses; allow where none does. Lent. */
static const char *default_action(const struct facts *facts)
{
    const char *best = "allow";
    size_t most = 0;

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (!seccomp_facts_is(row, "seccomp.syscalls"))
            continue;
        bool refuses = strncmp(row->subject, "errno(", 6) == 0 ||
                       strcmp(row->subject, "trap") == 0 || strcmp(row->subject, "kill") == 0;
        if (!refuses || row->value.set.count <= most)
            continue;
        best = row->subject;
        most = row->value.set.count;
    }
    return best;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* A rule without conditions; the caller adds the rest. calls lends. */
static cJSON *rule_node(const struct strset *calls, const char *action)
{
    cJSON *rule = json_must(cJSON_CreateObject());
    struct strset copy = {0};

    strset_add_all(&copy, calls);
    struct value names = value_set(&copy);
    json_add(rule, "names", json_value_node(&names));
    value_free(&names);
    add_action(rule, "action", "errnoRet", action);
    return rule;
}

static void append(cJSON *array, cJSON *node)
{
    (void)json_must(cJSON_AddItemToArray(array, node) ? node : NULL);
}

/* cJSON's numbers are doubles, which are not exact beyond 2^53. */
static cJSON *unsigned_node(uint64_t number)
{
    CLEANUP(mem_free_text) char *digits = mem_format("%" PRIu64, number);

    return json_must(cJSON_CreateRaw(digits));
}

static cJSON *condition_node(int index, const char *op, uint64_t value, uint64_t value_two)
{
    cJSON *condition = json_must(cJSON_CreateObject());

    json_add(condition, "index", cJSON_CreateNumber(index));
    json_add(condition, "value", unsigned_node(value));
    if (value_two != 0)
        json_add(condition, "valueTwo", unsigned_node(value_two));
    json_add(condition, "op", json_text_node(op));
    return condition;
}

/* Adds a rule of one condition, and perhaps a second one; takes them over. */
static void add_rule(cJSON *rules, const struct seccomp_exceptions *of, const char *action,
                     cJSON *first, cJSON *second)
{
    struct strset one = {0};
    cJSON *args = json_must(cJSON_CreateArray());

    strset_add(&one, of->name);
    cJSON *rule = rule_node(&one, action);
    strset_free(&one);
    append(args, first);
    if (second != NULL)
        append(args, second);
    json_add(rule, "args", args);
    CLEANUP(mem_free_text) char *asked = strset_join(&of->asked, ", ");
    CLEANUP(mem_free_text) char *comment = mem_format("asked about: %s", asked);
    json_add(rule, "comment", json_text_node(comment));
    append(rules, rule);
}

static void add_condition(cJSON *rules, const struct seccomp_exceptions *of, const char *action,
                          const char *op, uint64_t value, uint64_t value_two)
{
    add_rule(rules, of, action, condition_node(of->index, op, value, value_two), NULL);
}

/* What the call gets when no exception is met: none of the flags. */
static void add_flag_rules(cJSON *rules, const struct seccomp_exceptions *of, const char *usual)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < of->count; i++) {
        mask |= of->rows[i].value;
        if (strcmp(of->rows[i].action, usual) != 0)
            add_condition(rules, of, of->rows[i].action, "SCMP_CMP_MASKED_EQ", of->rows[i].value,
                          of->rows[i].value);
    }
    if (strcmp(of->action, usual) != 0)
        add_condition(rules, of, of->action, "SCMP_CMP_MASKED_EQ", mask, 0);
}

/*
 * A rule for each block of a power of two that the range from low to high is made of: engines take
 * two conditions on one argument for alternatives, so that "above low and below high" cannot be
 * said.
 */
static void add_range(cJSON *rules, const struct seccomp_exceptions *of, uint64_t low,
                      uint64_t high)
{
    while (low <= high) {
        uint64_t size = low & -low; /* what low is a multiple of; it is above 0 */
        while (size > high - low + 1)
            size /= 2;
        add_condition(rules, of, of->action, "SCMP_CMP_MASKED_EQ", -size, low);
        low += size;
    }
}

/* The answer to one value, which another argument may divide. */
static void add_value(cJSON *rules, const struct seccomp_exceptions *of,
                      const struct seccomp_exception *row, const char *usual)
{
    if (row->second_action == NULL) {
        if (strcmp(row->action, usual) != 0)
            add_condition(rules, of, row->action, "SCMP_CMP_EQ", row->value, 0);
        return;
    }
    if (strcmp(row->action, usual) != 0)
        add_rule(rules, of, row->action, condition_node(of->index, "SCMP_CMP_EQ", row->value, 0),
                 condition_node(SECCOMP_SECOND_INDEX, "SCMP_CMP_NE", row->second, 0));
    if (strcmp(row->second_action, usual) != 0)
        add_rule(rules, of, row->second_action,
                 condition_node(of->index, "SCMP_CMP_EQ", row->value, 0),
                 condition_node(SECCOMP_SECOND_INDEX, "SCMP_CMP_EQ", row->second, 0));
}

/* The values, and what is below, between and above them. */
static void add_value_rules(cJSON *rules, const struct seccomp_exceptions *of, const char *usual)
{
    for (size_t i = 0; i < of->count; i++)
        add_value(rules, of, &of->rows[i], usual);
    if (strcmp(of->action, usual) == 0)
        return;
    if (of->count == 1) {
        add_condition(rules, of, of->action, "SCMP_CMP_NE", of->rows[0].value, 0);
        return;
    }
    if (of->rows[0].value > 0)
        add_condition(rules, of, of->action, "SCMP_CMP_LT", of->rows[0].value, 0);
    for (size_t i = 1; i < of->count; i++)
        add_range(rules, of, of->rows[i - 1].value + 1, of->rows[i].value - 1);
    add_condition(rules, of, of->action, "SCMP_CMP_GT", of->rows[of->count - 1].value, 0);
}

/* --- calls ----------------------------------------------------------------------------------- */

static void add_exceptions(cJSON *rules, const struct seccomp_exceptions *of, const char *usual)
{
    struct strset one = {0};

    if (of->is_whole && of->are_flags) {
        add_flag_rules(rules, of, usual);
        return;
    }
    if (of->is_whole) {
        add_value_rules(rules, of, usual);
        return;
    }
    strset_add(&one, of->name);
    cJSON *rule = rule_node(&one, of->action);
    CLEANUP(mem_free_text) char *others = strset_join(&of->asked, ", ");
    CLEANUP(mem_free_text)
    char *comment = mem_format("not said here, since conditions cannot say it: %s", others);
    json_add(rule, "comment", json_text_node(comment));
    append(rules, rule);
    strset_free(&one);
}

/* The calls with one answer: those that arguments do not change in one rule, each other by itself.
 */
static void add_calls(cJSON *rules, const struct facts *facts, const struct fact *row,
                      const char *usual)
{
    struct strset plain = {0};

    for (size_t i = 0; i < row->value.set.count; i++) {
        const char *name = row->value.set.items[i];
        struct seccomp_exceptions of = seccomp_exceptions_find(facts, name, row->subject);
        if (of.count > 0 || !of.is_whole)
            add_exceptions(rules, &of, usual);
        else
            strset_add(&plain, name);
        strset_free(&of.asked);
    }
    if (plain.count > 0 && strcmp(row->subject, usual) != 0)
        append(rules, rule_node(&plain, row->subject));
    strset_free(&plain);
}

/* --- the document --------------------------------------------------------------------------- */

/*
 * Names the newest call even where its answer is the default: runc answers ENOSYS to calls newer
 * than all that a profile names.
 */
static void add_newest(cJSON *rules, const struct facts *facts, const char *machine,
                       const char *usual)
{
    struct strset one = {0};
    const char *newest = NULL;
    int highest = -1;

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        for (size_t k = 0; seccomp_facts_is(row, "seccomp.syscalls") && k < row->value.set.count;
             k++) {
            int number = syscall_number(machine, row->value.set.items[k]);
            if (number <= highest)
                continue;
            highest = number;
            newest = row->value.set.items[k];
        }
    }
    if (newest == NULL || strcmp(seccomp_facts_answer(facts, newest), usual) != 0)
        return; /* it is named already */
    strset_add(&one, newest);
    cJSON *rule = rule_node(&one, usual);
    json_add(rule, "comment",
             json_text_node("the newest call that was asked about: above the newest that a "
                            "profile names, runc answers ENOSYS"));
    append(rules, rule);
    strset_free(&one);
}

/*
 * Only the one that was asked about call by call. By another, engines kill then. To list i386 would
 * have libseccomp refuse conditions on socket(2), which i386 has in socketcall(2) too.
 */
static cJSON *architectures_node(const char *machine)
{
    cJSON *array = json_must(cJSON_CreateArray());
    bool is_x86 = strcmp(machine, "x86_64") == 0;

    append(array, json_text_node(is_x86 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64"));
    return array;
}

void seccomp_print_profile(const struct facts *facts, FILE *out)
{
    const char *machine = facts_text(facts, "runtime.machine");
    const char *usual = default_action(facts);
    cJSON *document = json_must(cJSON_CreateObject());
    cJSON *rules = json_must(cJSON_CreateArray());

    add_action(document, "defaultAction", "defaultErrnoRet", usual);
    json_add(document, "architectures", architectures_node(machine == NULL ? "" : machine));
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (seccomp_facts_is(row, "seccomp.syscalls") && strcmp(row->subject, "exempt") != 0)
            add_calls(rules, facts, row, usual);
    }
    if (strcmp(usual, "allow") != 0 && machine != NULL)
        add_newest(rules, facts, machine, usual);
    json_add(document, "syscalls", rules);
    json_write(document, out);
}
