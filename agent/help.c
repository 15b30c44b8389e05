/*
 * The help. See help.h.
 */
#include "agent/help.h"

#include "agent/core/mem.h"
#include "agent/options.h"

enum { COLUMN = 28, COMMAND_COLUMN = 16 }; /* where the explanations begin */

static void write_option(const struct option_row *row, FILE *out)
{
    CLEANUP(mem_free_text)
    char *letter = row->letter == 0 ? mem_copy("   ") : mem_format("-%c,", row->letter);
    CLEANUP(mem_free_text)
    char *use = mem_format("  %s --%s%s%s", letter, row->name, row->argument == NULL ? "" : " ",
                           row->argument == NULL ? "" : row->argument);

    (void)fprintf(out, "%-*s %s\n", COLUMN, use, row->help);
}

void help_write_overview(const struct command *const *commands, FILE *out)
{
    static const enum option_id main_options[] = {OPTION_POLICY, OPTION_FORMAT, OPTION_SKIP,
                                                  OPTION_HELP, OPTION_VERSION};

    (void)fputs("Usage: watertight [COMMAND] [OPTIONS]\n"
                "Judges what the kernel really enforces in this container. Changes nothing.\n\n"
                "Commands:\n",
                out);
    for (size_t i = 0; commands[i] != NULL; i++) {
        const struct command *command = commands[i];
        CLEANUP(mem_free_text)
        char *use =
            mem_format("  %s %s", command->name, command->operand == NULL ? "" : command->operand);
        (void)fprintf(out, "%-*s %s\n", COMMAND_COLUMN, use, command->summary);
    }
    (void)fputs("\nOptions (\"watertight COMMAND --help\" shows them all):\n", out);
    for (size_t i = 0; i < sizeof main_options / sizeof main_options[0]; i++)
        write_option(&option_rows[main_options[i]], out);
    (void)fputs("\nExit status: 0 watertight, 1 something failed, 2 something could not be\n"
                "determined, 64 wrong use or invalid file, 74 cannot write, 70 internal error.\n",
                out);
}

void help_write_command(const struct command *command, FILE *out)
{
    (void)fprintf(out, "Usage: watertight %s%s%s [OPTIONS]\nTo %s.\n\n", command->name,
                  command->operand == NULL ? "" : " ",
                  command->operand == NULL ? "" : command->operand, command->summary);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((option_rows[i].commands & 1U << command->id) != 0)
            write_option(&option_rows[i], out);
    }
    (void)fprintf(out, "\n%s", command->notes);
}
