/*
 * The help fits a screen, and the manual knows every option and command.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/file_read.h"
#include "agent/help.h"
#include "agent/options.h"
#include "agent/output.h"

enum { SCREEN_LINES = 24, SCREEN_COLUMNS = 80, MANUAL_MAX = 1 << 20 };

static const struct command *const commands[] = {
    &command_check,   &command_observe, &command_judge,   &command_fix,     &command_serve,
    &command_seccomp, &command_list,    &command_explain, &command_install, NULL,
};

/* What came through the buffer, which is closed. The caller frees it. */
static char *close_buffer(struct output_buffer *buffer)
{
    cr_assert_eq(fclose(buffer->stream), 0);
    return buffer->data;
}

static void expect_fits(const char *text, const char *name)
{
    size_t lines = 0;

    for (const char *line = text; *line != '\0'; lines++) {
        size_t length = strcspn(line, "\n");
        cr_expect_leq(length, SCREEN_COLUMNS, "%s: %.*s", name, (int)length, line);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    cr_expect_gt(lines, 5, "%s", name);
    /* One line is the shell's. */
    cr_expect_lt(lines, SCREEN_LINES, "%s has %zu lines", name, lines);
}

Test(help, fits_a_screen)
{
    struct output_buffer buffer;

    output_buffer_open(&buffer);
    help_write_overview(commands, buffer.stream);
    CLEANUP(mem_free_text) char *overview = close_buffer(&buffer);
    expect_fits(overview, "overview");
    for (size_t i = 0; commands[i] != NULL; i++) {
        output_buffer_open(&buffer);
        help_write_command(commands[i], buffer.stream);
        CLEANUP(mem_free_text) char *text = close_buffer(&buffer);
        expect_fits(text, commands[i]->name);
        cr_expect_not_null(strstr(text, commands[i]->name));
    }
}

Test(help, of_a_command_shows_its_options_and_no_others)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        struct output_buffer buffer;
        output_buffer_open(&buffer);
        help_write_command(commands[i], buffer.stream);
        CLEANUP(mem_free_text) char *text = close_buffer(&buffer);
        for (size_t k = 0; k < OPTION_COUNT; k++) {
            CLEANUP(mem_free_text) char *row = mem_format(" --%s ", option_rows[k].name);
            bool is_had = (option_rows[k].commands & 1U << commands[i]->id) != 0;
            bool is_shown = strstr(text, row) != NULL && strstr(text, option_rows[k].help) != NULL;
            cr_expect_eq(is_shown, is_had, "%s%s", commands[i]->name, row);
        }
    }
}

Test(help, the_manual_knows_every_command_option_and_variable)
{
    char *manual = NULL;
    size_t length = 0;
    struct error err = {0};

    cr_assert(file_read("docs/watertight.1", MANUAL_MAX, &manual, &length, &err), "%s", err.text);
    for (size_t i = 0; commands[i] != NULL; i++) {
        CLEANUP(mem_free_text) char *item = mem_format(".It Cm %s", commands[i]->name);
        cr_expect_not_null(strstr(manual, item), "%s", item);
    }
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        CLEANUP(mem_free_text) char *item = mem_format("Fl -%s", option_rows[i].name);
        cr_expect_not_null(strstr(manual, item), "%s", item);
        struct options options = {0};
        options.values[i].is_from_environment = true;
        CLEANUP(mem_free_text) char *variable = options_origin(&options, (enum option_id)i);
        bool is_named = strstr(manual, variable) != NULL;
        cr_expect_eq(is_named, option_rows[i].has_variable, "%s", variable);
    }
    free(manual);
}
