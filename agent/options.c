/*
 * Options. See options.h.
 */
#include "agent/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/core/mem.h"
#include "agent/suggest.h"

/* Above every letter, so that a long option's code cannot be mistaken for a short one. */
enum { LONG_CODE = 256, PLAIN_WORD = 1 };

static const char *nth_name(size_t index, const void *context)
{
    (void)context;
    return index < OPTION_COUNT ? option_rows[index].name : NULL;
}

static const char *nth_choice(size_t index, const void *context)
{
    const struct option_row *row = context;

    return row->choices(index);
}

/* "WATERTIGHT_FAIL_ON"; the caller frees it. */
static char *variable_name(const struct option_row *row)
{
    char *name = mem_format("WATERTIGHT_%s", row->name);

    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
    return name;
}

static void add_item(struct option_values *values, const char *text, size_t length)
{
    values->items =
        mem_grow(values->items, values->count, &values->capacity, sizeof *values->items);
    values->items[values->count++] = mem_copy_n(text, length);
}

static void drop_items(struct option_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        free(values->items[i]);
    free(values->items);
    *values = (struct option_values){0};
}

static bool check_choice(const struct option_row *row, const char *text, const char *origin,
                         struct error *err)
{
    for (size_t i = 0; row->choices != NULL && row->choices(i) != NULL; i++) {
        if (strcmp(row->choices(i), text) == 0)
            return true;
    }
    if (row->choices == NULL)
        return true;
    const char *near = suggest_nearest(text, nth_choice, row);
    if (near != NULL)
        return error_set(err, "%s: unknown word \"%s\"; did you mean %s?", origin, text, near);
    return error_set(err, "%s: unknown word \"%s\"; it takes %s", origin, text, row->help);
}

static bool add_list(struct option_values *values, const char *text, const char *origin,
                     struct error *err)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        if (length == 0)
            return error_set(err, "%s: there is nothing before or behind a comma", origin);
        add_item(values, text, length);
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

static bool add_value(struct option_values *values, const struct option_row *row, const char *text,
                      const char *origin, struct error *err)
{
    if (row->kind == OPTION_KIND_FLAG) {
        drop_items(values);
        add_item(values, "", 0);
        return true;
    }
    if (text[0] == '\0')
        return error_set(err, "%s needs a value: %s", origin, row->argument);
    if (!check_choice(row, text, origin, err))
        return false;
    if (row->kind == OPTION_KIND_LIST)
        return add_list(values, text, origin, err);
    drop_items(values);
    add_item(values, text, strlen(text));
    return true;
}

/* --- the command line ----------------------------------------------------------------------- */

/* Lists the options that begin like name: "--fail-on, --format". The caller frees it. */
static char *names_like(const char *name, size_t length, size_t *count)
{
    char *names = mem_copy("");

    *count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strncmp(option_rows[i].name, name, length) != 0)
            continue;
        CLEANUP(mem_free_text) char *before = names;
        names = mem_format("%s%s--%s", before, (*count)++ == 0 ? "" : ", ", option_rows[i].name);
    }
    return names;
}

/* What getopt_long refused, in words: word is the argument it was in. */
static bool refuse(int code, const char *word, struct error *err)
{
    size_t count = 0;

    if (code >= LONG_CODE)
        return error_set(err, "--%s takes no value", option_rows[code - LONG_CODE].name);
    if (code != 0)
        return error_set(err, "unknown option -%c", code);
    const char *name = word + strspn(word, "-");
    CLEANUP(mem_free_text) char *bare = mem_copy_n(name, strcspn(name, "="));
    CLEANUP(mem_free_text) char *names = names_like(bare, strlen(bare), &count);
    if (count > 1)
        return error_set(err, "ambiguous option --%s: %s", bare, names);
    const char *near = suggest_nearest(bare, nth_name, NULL);
    if (near == NULL)
        return error_set(err, "unknown option --%s", bare);
    return error_set(err, "unknown option --%s; did you mean --%s?", bare, near);
}

static bool refuse_bare(int code, struct error *err)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((int)i + LONG_CODE == code || option_rows[i].letter == code)
            return error_set(err, "--%s needs a value: %s", option_rows[i].name,
                             option_rows[i].argument);
    }
    return error_set(err, "an option needs a value");
}

/* The tables of getopt_long(3). Its words come back in their order, whatever POSIXLY_CORRECT. */
static void fill_tables(struct option *names, char *letters)
{
    letters = stpcpy(letters, "-:");
    for (int i = 0; i < OPTION_COUNT; i++) {
        bool has_value = option_rows[i].kind != OPTION_KIND_FLAG;
        names[i] = (struct option){.name = option_rows[i].name,
                                   .has_arg = has_value ? required_argument : no_argument,
                                   .val = LONG_CODE + i};
        if (option_rows[i].letter == 0)
            continue;
        *letters++ = option_rows[i].letter;
        if (has_value)
            *letters++ = ':';
    }
    *letters = '\0';
}

static bool take(int code, const char *word, struct options *out, struct error *err)
{
    if (code == PLAIN_WORD) {
        add_item(&out->words, optarg, strlen(optarg));
        return true;
    }
    if (code == '?')
        return refuse(optopt, word, err);
    if (code == ':')
        return refuse_bare(optopt, err);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((int)i + LONG_CODE != code && option_rows[i].letter != code)
            continue;
        CLEANUP(mem_free_text) char *origin = mem_format("--%s", option_rows[i].name);
        return add_value(&out->values[i], &option_rows[i], optarg, origin, err);
    }
    return error_set(err, "unknown option");
}

bool options_parse(int argc, char **argv, struct options *out, struct error *err)
{
    struct option names[OPTION_COUNT + 1] = {0};
    char letters[2 * OPTION_COUNT + 3];
    int code = 0;

    fill_tables(names, letters);
    optind = 0; /* starts afresh: getopt(3), NOTES */
    opterr = 0;
    while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        if (!take(code, argv[optind - 1], out, err))
            return false;
    }
    for (int i = optind; i < argc; i++)
        add_item(&out->words, argv[i], strlen(argv[i]));
    return true;
}

/* --- the command and the environment -------------------------------------------------------- */

static bool parse_flag(const char *text, const char *origin, bool *out, struct error *err)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        *out = i % 2 == 1;
        if (strcasecmp(words[i], text) == 0)
            return true;
    }
    return error_set(err, "%s must be 1, true, yes, 0, false or no, not \"%s\"", origin, text);
}

static bool read_variable(struct option_values *values, const struct option_row *row,
                          struct error *err)
{
    CLEANUP(mem_free_text) char *name = variable_name(row);
    const char *text = getenv(name);
    bool is_on = true;

    /* An empty variable is how Compose and Kubernetes pass one that was not set. */
    if (text == NULL || text[0] == '\0')
        return true;
    if (row->kind == OPTION_KIND_FLAG && !parse_flag(text, name, &is_on, err))
        return false;
    values->is_from_environment = true;
    if (!is_on)
        return true;
    bool ok = add_value(values, row, text, name, err);
    values->is_from_environment = true;
    return ok;
}

/* These judge or observe; the others must not be changed by what a container's image sets. */
static bool reads_environment(const struct command *command)
{
    return command->id == COMMAND_CHECK || command->id == COMMAND_JUDGE ||
           command->id == COMMAND_OBSERVE || command->id == COMMAND_FIX ||
           command->id == COMMAND_SERVE;
}

/* Which of two options that exclude each other was given wins over the other's variable. */
static void give_way(struct options *options, enum option_id one, enum option_id other)
{
    struct option_values *values = &options->values[one];
    const struct option_values *rivals = &options->values[other];

    if (values->is_from_environment && rivals->count > 0 && !rivals->is_from_environment)
        drop_items(values);
}

/* The formats of fix are others: the variable is meant for reports. */
static bool has_variable(const struct command *command, size_t id)
{
    return option_rows[id].has_variable && reads_environment(command) &&
           !(command->id == COMMAND_FIX && id == OPTION_FORMAT);
}

static bool settle_operand(struct options *options, const struct command *command, size_t used,
                           struct error *err)
{
    size_t wanted = used + (command->operand == NULL ? 0 : 1);
    bool is_optional = command->operand != NULL && command->operand[0] == '[';

    if (options->words.count > wanted)
        return error_set(err, "%s: unexpected argument \"%s\"", command->name,
                         options->words.items[wanted]);
    if (is_optional && options->words.count < wanted)
        return true;
    bool is_empty = command->operand != NULL && options->words.count == wanted &&
                    options->words.items[used][0] == '\0';
    if (options->words.count < wanted || is_empty)
        return error_set(err, "%s needs an argument: %s", command->name, command->operand);
    if (command->operand != NULL)
        options->operand = options->words.items[used];
    return true;
}

bool options_settle(struct options *options, const struct command *command, size_t used,
                    struct error *err)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        bool is_had = (option_rows[i].commands & 1U << command->id) != 0;
        if (options->values[i].count > 0 && !is_had)
            return error_set(err, "%s has no option --%s", command->name, option_rows[i].name);
        if (options->values[i].count > 0 || !is_had || !has_variable(command, i))
            continue;
        if (!read_variable(&options->values[i], &option_rows[i], err))
            return false;
    }
    give_way(options, OPTION_ALL, OPTION_PID);
    give_way(options, OPTION_PID, OPTION_ALL);
    return settle_operand(options, command, used, err);
}

/* --- reading the values --------------------------------------------------------------------- */

bool options_has(const struct options *options, enum option_id id)
{
    return options->values[id].count > 0;
}

const char *options_word(const struct options *options, enum option_id id, const char *otherwise)
{
    const struct option_values *values = &options->values[id];

    return values->count > 0 ? values->items[0] : otherwise;
}

char *options_origin(const struct options *options, enum option_id id)
{
    if (options->values[id].is_from_environment)
        return variable_name(&option_rows[id]);
    return mem_format("--%s", option_rows[id].name);
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        drop_items(&options->values[i]);
    drop_items(&options->words);
    options->operand = NULL;
}
