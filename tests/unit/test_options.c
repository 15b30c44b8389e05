/*
 * The command line and the environment.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/options.h"

enum { ARGUMENTS_MAX = 12 };

/* Parses the words (ended by NULL), then fits them to the command; the first word may be its name.
 */
static bool read_words(const char *const *words, const struct command *command,
                       struct options *options, struct error *err)
{
    char *arguments[ARGUMENTS_MAX + 2] = {(char *)"watertight"};
    int count = 1;

    for (; count <= ARGUMENTS_MAX && words[count - 1] != NULL; count++)
        arguments[count] = (char *)words[count - 1];
    *options = (struct options){0};
    if (!options_parse(count, arguments, options, err))
        return false;
    bool is_named = options->words.count > 0 && strcmp(options->words.items[0], command->name) == 0;
    return options_settle(options, command, is_named ? 1 : 0, err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct options read_well(const char *const *words, const struct command *command)
{
    struct options options;
    struct error err = {0};

    cr_assert(read_words(words, command, &options, &err), "%s", err.text);
    return options;
}

static void expect_values(const struct options *options, enum option_id id, const char *joined)
{
    char *words = mem_copy("");

    for (size_t i = 0; i < options->values[id].count; i++) {
        CLEANUP(mem_free_text) char *before = words;
        words = mem_format("%s%s%s", before, i == 0 ? "" : " ", options->values[id].items[i]);
    }
    cr_expect_str_eq(words, joined);
    free(words);
}

Test(options, may_come_before_and_behind_the_command)
{
    struct options before = read_well(WORDS("-p", "strict", "check"), &command_check);
    struct options behind = read_well(WORDS("check", "--policy=strict"), &command_check);

    cr_expect_str_eq(options_word(&before, OPTION_POLICY, "none"), "strict");
    cr_expect_str_eq(options_word(&behind, OPTION_POLICY, "none"), "strict");
    options_free(&before);
    options_free(&behind);
}

Test(options, may_come_behind_the_argument_even_when_POSIXLY_CORRECT_is_set)
{
    (void)setenv("POSIXLY_CORRECT", "1", 1);
    struct options options = read_well(WORDS("judge", "facts.json", "-q"), &command_judge);

    cr_expect(options_has(&options, OPTION_QUIET));
    cr_expect_str_eq(options.operand, "facts.json");
    options_free(&options);
}

Test(options, an_argument_in_brackets_may_be_left_out)
{
    struct options without = read_well(WORDS("fix"), &command_fix);
    struct options with = read_well(WORDS("fix", "facts.json"), &command_fix);

    cr_expect_null(without.operand);
    cr_expect_str_eq(with.operand, "facts.json");
    options_free(&without);
    options_free(&with);
}

Test(options, end_at_two_dashes)
{
    struct options options = read_well(WORDS("judge", "--", "--quiet"), &command_judge);

    cr_expect_not(options_has(&options, OPTION_QUIET));
    cr_expect_str_eq(options.operand, "--quiet");
    options_free(&options);
}

Test(options, of_lists_are_split_at_commas_and_add_up_in_order)
{
    struct options options =
        read_well(WORDS("--skip=b,a", "--skip", "c", "-f", "tap=x", "-fjson"), &command_check);

    expect_values(&options, OPTION_SKIP, "b a c");
    expect_values(&options, OPTION_FORMAT, "tap=x json");
    options_free(&options);
}

Test(options, of_one_word_take_the_last)
{
    struct options options = read_well(WORDS("-p", "strict", "-p", "baseline"), &command_check);

    expect_values(&options, OPTION_POLICY, "baseline");
    options_free(&options);
}

Test(options, may_be_abbreviated_while_that_is_clear)
{
    struct options options = read_well(WORDS("--pol", "strict"), &command_check);

    expect_values(&options, OPTION_POLICY, "strict");
    options_free(&options);
}

Test(options, are_read_from_the_environment)
{
    (void)setenv("WATERTIGHT_FAIL_ON", "high", 1);
    (void)setenv("WATERTIGHT_ALLOW_CAP", "CHOWN,KILL", 1);
    (void)setenv("WATERTIGHT_QUIET", "Yes", 1);
    struct options options = read_well(WORDS("check"), &command_check);
    CLEANUP(mem_free_text) char *origin = options_origin(&options, OPTION_ALLOW_CAP);
    CLEANUP(mem_free_text) char *other = options_origin(&options, OPTION_READ_ONLY);

    expect_values(&options, OPTION_FAIL_ON, "high");
    expect_values(&options, OPTION_ALLOW_CAP, "CHOWN KILL");
    cr_expect(options_has(&options, OPTION_QUIET));
    cr_expect_str_eq(origin, "WATERTIGHT_ALLOW_CAP");
    cr_expect_str_eq(other, "--read-only");
    options_free(&options);
}

Test(options, every_variable_is_named_after_its_option)
{
    static const struct {
        enum option_id id;
        const char *variable;
        const char *value;
    } cases[] = {
        {OPTION_POLICY, "WATERTIGHT_POLICY", "strict"},
        {OPTION_FORMAT, "WATERTIGHT_FORMAT", "tap"},
        {OPTION_ONLY, "WATERTIGHT_ONLY", "user."},
        {OPTION_SKIP, "WATERTIGHT_SKIP", "user."},
        {OPTION_ALLOW_CAP, "WATERTIGHT_ALLOW_CAP", "KILL"},
        {OPTION_WRITABLE, "WATERTIGHT_WRITABLE", "/w"},
        {OPTION_READ_ONLY, "WATERTIGHT_READ_ONLY", "/r"},
        {OPTION_FAIL_ON, "WATERTIGHT_FAIL_ON", "low"},
        {OPTION_COLOR, "WATERTIGHT_COLOR", "never"},
        {OPTION_QUIET, "WATERTIGHT_QUIET", "1"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)setenv(cases[i].variable, cases[i].value, 1);
        struct options options = read_well(WORDS("check"), &command_check);
        CLEANUP(mem_free_text) char *origin = options_origin(&options, cases[i].id);
        cr_expect(options_has(&options, cases[i].id), "%s", cases[i].variable);
        cr_expect_str_eq(origin, cases[i].variable);
        options_free(&options);
        (void)unsetenv(cases[i].variable);
    }
}

Test(options, of_the_command_line_win_over_the_environment)
{
    (void)setenv("WATERTIGHT_SKIP", "a,b", 1);
    (void)setenv("WATERTIGHT_COLOR", "not a colour", 1);
    struct options options = read_well(WORDS("--skip", "c", "--color=never"), &command_check);

    expect_values(&options, OPTION_SKIP, "c");
    expect_values(&options, OPTION_COLOR, "never");
    options_free(&options);
}

Test(options, empty_false_and_foreign_variables_change_nothing)
{
    (void)setenv("WATERTIGHT_POLICY", "", 1);
    (void)setenv("WATERTIGHT_SKIP", "", 1);
    (void)setenv("WATERTIGHT_QUIET", "false", 1);
    (void)setenv("WATERTIGHT_SERVICE_HOST", "10.0.0.1", 1);
    (void)setenv("WATERTIGHT_HELP", "1", 1);
    struct options options = read_well(WORDS("check"), &command_check);

    for (size_t i = 0; i < OPTION_COUNT; i++)
        cr_expect_eq(options.values[i].count, 0);
    options_free(&options);
}

Test(options, of_list_explain_and_install_are_not_read_from_the_environment)
{
    (void)setenv("WATERTIGHT_POLICY", "/no/such/file", 1);
    (void)setenv("WATERTIGHT_FORMAT", "no format", 1);
    struct options options = read_well(WORDS("list", "rules"), &command_list);

    cr_expect_not(options_has(&options, OPTION_POLICY));
    cr_expect_not(options_has(&options, OPTION_FORMAT));
    options_free(&options);
}

Test(options, wrong_ones_are_named)
{
    static const struct {
        const char *words[4];
        const struct command *command;
        const char *message;
    } cases[] = {
        {{"--polcy", "x"}, &command_check, "unknown option --polcy; did you mean --policy?"},
        {{"--polcy=x"}, &command_check, "unknown option --polcy; did you mean --policy?"},
        {{"--zzzzzzzzz"}, &command_check, "unknown option --zzzzzzzzz"},
        {{"-x"}, &command_check, "unknown option -x"},
        {{"-qx"}, &command_check, "unknown option -x"},
        {{"--f=tap"}, &command_check, "ambiguous option --f: --format, --fail-on, --fast"},
        {{"--policy"}, &command_check, "--policy needs a value: NAME|FILE"},
        {{"-p"}, &command_check, "--policy needs a value: NAME|FILE"},
        {{"--policy="}, &command_check, "--policy needs a value: NAME|FILE"},
        {{"--quiet=yes"}, &command_check, "--quiet takes no value"},
        {{"--skip=a,,b"}, &command_check, "--skip: there is nothing before or behind a comma"},
        {{"--skip=a,"}, &command_check, "--skip: there is nothing before or behind a comma"},
        {{"--skip=,a"}, &command_check, "--skip: there is nothing before or behind a comma"},
        {{"--color=alway"},
         &command_check,
         "--color: unknown word \"alway\"; did you mean always?"},
        {{"--fail-on=Low"}, &command_check, "--fail-on: unknown word \"Low\"; did you mean low?"},
        {{"observe", "--only=user."}, &command_observe, "observe has no option --only"},
        {{"list", "rules", "-q"}, &command_list, "list has no option --quiet"},
        {{"install", "-p", "strict"}, &command_install, "install has no option --policy"},
        {{"judge"}, &command_judge, "judge needs an argument: FILE"},
        {{"judge", ""}, &command_judge, "judge needs an argument: FILE"},
        {{"fix", "a", "b"}, &command_fix, "fix: unexpected argument \"b\""},
        {{"fix", ""}, &command_fix, "fix needs an argument: [FILE]"},
        {{"judge", "a", "b"}, &command_judge, "judge: unexpected argument \"b\""},
        {{"check", "a"}, &command_check, "check: unexpected argument \"a\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options;
        struct error err = {0};
        cr_expect_not(read_words(cases[i].words, cases[i].command, &options, &err), "case %zu", i);
        cr_expect_str_eq(err.text, cases[i].message);
        options_free(&options);
    }
}

Test(options, wrong_variables_are_named)
{
    static const struct {
        const char *variable, *value, *message;
    } cases[] = {
        {"WATERTIGHT_QUIET", "maybe",
         "WATERTIGHT_QUIET must be 1, true, yes, 0, false or no, not \"maybe\""},
        {"WATERTIGHT_FAIL_ON", "none",
         "WATERTIGHT_FAIL_ON: unknown word \"none\"; it takes low, medium, high or critical"},
        {"WATERTIGHT_ONLY", "a,", "WATERTIGHT_ONLY: there is nothing before or behind a comma"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options;
        struct error err = {0};
        (void)setenv(cases[i].variable, cases[i].value, 1);
        cr_expect_not(read_words(WORDS("check"), &command_check, &options, &err), "case %zu", i);
        cr_expect_str_eq(err.text, cases[i].message);
        options_free(&options);
        (void)unsetenv(cases[i].variable);
    }
}
