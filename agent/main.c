/*
 * The program: puts descriptors and signals in order, finds the command, runs it. What the
 * commands do stands in cmd_*.c.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/help.h"
#include "agent/options.h"
#include "agent/output.h"
#include "agent/say.h"
#include "agent/suggest.h"

static const struct command *const commands[COMMAND_COUNT + 1] = {
    [COMMAND_CHECK] = &command_check,     [COMMAND_OBSERVE] = &command_observe,
    [COMMAND_JUDGE] = &command_judge,     [COMMAND_FIX] = &command_fix,
    [COMMAND_SERVE] = &command_serve,     [COMMAND_SECCOMP] = &command_seccomp,
    [COMMAND_LIST] = &command_list,       [COMMAND_EXPLAIN] = &command_explain,
    [COMMAND_INSTALL] = &command_install,
};

static const char *nth_command(size_t index, const void *context)
{
    (void)context;
    return index < COMMAND_COUNT ? commands[index]->name : NULL;
}

/*
 * A closed stdin, stdout or stderr would be the number of the next file that is opened, and a
 * report could end up in it. What is opened here can be neither read nor written: EBADF, as before.
 */
static void plug_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/", O_PATH | O_CLOEXEC); /* the lowest number that is free: fd */
    }
}

/* What a careless parent may have left to us, and what must be an error instead of our end. */
static void settle_signals(void)
{
    sigset_t child;

    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe: EPIPE */
    (void)signal(SIGXFSZ, SIG_IGN); /* a file above RLIMIT_FSIZE: EFBIG */
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, wait(2) would find no child */
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_UNBLOCK, &child, NULL);
}

/* The command that the first word names, check without any. NULL: there is none of that name. */
static const struct command *find_command(const struct options *options, struct error *err)
{
    if (options->words.count == 0)
        return commands[COMMAND_CHECK];
    const char *word = options->words.items[0];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, word) == 0)
            return commands[i];
    }
    const char *near = suggest_nearest(word, nth_command, NULL);
    if (near == NULL)
        (void)error_set(err, "unknown command \"%s\"; see watertight --help", word);
    else
        (void)error_set(err, "unknown command \"%s\"; did you mean %s?", word, near);
    return NULL;
}

/* --help and --version: of a command, or of the program. */
static int print_about(const struct options *options, const struct command *command)
{
    struct output_buffer buffer;
    struct error err = {0};

    output_buffer_open(&buffer);
    if (!options_has(options, OPTION_HELP))
        (void)fputs("watertight " WATERTIGHT_VERSION "\n", buffer.stream);
    else if (command == NULL || options->words.count == 0)
        help_write_overview(commands, buffer.stream);
    else
        help_write_command(command, buffer.stream);
    if (output_buffer_send(&buffer, "-", &err))
        return EXIT_WATERTIGHT;
    say("%s", err.text);
    return EXIT_OUTPUT;
}

int main(int argc, char **argv)
{
    CLEANUP(options_free) struct options options = {0};
    struct error err = {0};

    plug_descriptors();
    settle_signals();
    if (!options_parse(argc, argv, &options, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    const struct command *command = find_command(&options, &err);
    if (options_has(&options, OPTION_HELP) || options_has(&options, OPTION_VERSION))
        return print_about(&options, command);
    size_t used = options.words.count == 0 ? 0 : 1;
    if (command == NULL || !options_settle(&options, command, used, &err)) {
        say("%s", err.text);
        return EXIT_USAGE;
    }
    return command->run(&options);
}
