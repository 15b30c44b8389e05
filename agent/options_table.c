/*
 * The table of options: what the command line, the environment and the help are made from.
 */
#include "agent/options.h"

#include "agent/core/policy.h"
#include "agent/serve_options.h"

#define OF(name) (1U << COMMAND_##name)
#define OF_REPORTS (OF(CHECK) | OF(JUDGE))
#define OF_FINDS (OF_REPORTS | OF(SERVE) | OF(FIX)) /* they judge, whatever they print of it */
#define OF_ALL ((1U << COMMAND_COUNT) - 1)

static const char *color_choices(size_t at)
{
    static const char *const words[] = {"auto", "always", "never"};

    return at < sizeof words / sizeof words[0] ? words[at] : NULL;
}

static const char *severity_choices(size_t at)
{
    return at <= SEVERITY_CRITICAL ? severity_name((enum severity)at) : NULL;
}

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_POLICY] = {.name = "policy",
                       .letter = 'p',
                       .kind = OPTION_KIND_WORD,
                       .argument = "NAME|FILE",
                       .help = "a built-in policy, or a file (\"-\": stdin)",
                       .commands = OF_FINDS | OF(OBSERVE) | OF(LIST) | OF(EXPLAIN),
                       .has_variable = true},
    [OPTION_FORMAT] = {.name = "format",
                       .letter = 'f',
                       .kind = OPTION_KIND_LIST,
                       .argument = "FORMAT[=FILE]",
                       .help = "how to print, and to which file; repeatable",
                       .commands = OF_REPORTS | OF(FIX) | OF(LIST) | OF(SECCOMP),
                       .has_variable = true},
    [OPTION_ONLY] = {.name = "only",
                     .kind = OPTION_KIND_LIST,
                     .argument = "RULE,...",
                     .help = "check no other rules (\"seccomp.\": all of them)",
                     .commands = OF_FINDS,
                     .has_variable = true},
    [OPTION_SKIP] = {.name = "skip",
                     .kind = OPTION_KIND_LIST,
                     .argument = "RULE,...",
                     .help = "do not check these rules; report them as skipped",
                     .commands = OF_FINDS,
                     .has_variable = true},
    [OPTION_ALLOW_CAP] = {.name = "allow-cap",
                          .kind = OPTION_KIND_LIST,
                          .argument = "CAP,...",
                          .help = "capabilities that the workload needs",
                          .commands = OF_FINDS,
                          .has_variable = true},
    [OPTION_WRITABLE] = {.name = "writable",
                         .kind = OPTION_KIND_LIST,
                         .argument = "PATH,...",
                         .help = "paths that must be writable, besides the policy's",
                         .commands = OF_FINDS | OF(OBSERVE),
                         .has_variable = true},
    [OPTION_READ_ONLY] = {.name = "read-only",
                          .kind = OPTION_KIND_LIST,
                          .argument = "PATH,...",
                          .help = "paths that must not be, besides the policy's",
                          .commands = OF_FINDS | OF(OBSERVE),
                          .has_variable = true},
    [OPTION_SECCOMP_PROFILE] = {.name = "seccomp-profile",
                                .kind = OPTION_KIND_WORD,
                                .argument = "FILE",
                                .help = "the profile that should be in force",
                                .commands = OF_FINDS,
                                .has_variable = true},
    [OPTION_FAIL_ON] = {.name = "fail-on",
                        .kind = OPTION_KIND_WORD,
                        .argument = "SEVERITY",
                        .help = "low, medium, high or critical",
                        .commands = OF_FINDS,
                        .has_variable = true,
                        .choices = severity_choices},
    [OPTION_FAST] = {.name = "fast",
                     .kind = OPTION_KIND_FLAG,
                     .help = "do not ask about each system call: unknown then",
                     .commands = OF(CHECK) | OF(OBSERVE) | OF(FIX) | OF(SERVE),
                     .has_variable = true},
    [OPTION_LISTEN] = {.name = "listen",
                       .kind = OPTION_KIND_WORD,
                       .argument = "ADDR:PORT",
                       .help = "where to answer; or unix:PATH, [ADDR]:PORT",
                       .commands = OF(SERVE),
                       .has_variable = true},
    [OPTION_INTERVAL] = {.name = "interval",
                         .kind = OPTION_KIND_WORD,
                         .argument = "TIME",
                         .help = "how often to check: 500ms, 30s, 5m",
                         .commands = OF(SERVE),
                         .has_variable = true},
    [OPTION_READY_WHEN] = {.name = "ready-when",
                           .kind = OPTION_KIND_WORD,
                           .argument = "WHAT",
                           .help = "pass, or no-critical, no-high, no-medium, no-low",
                           .commands = OF(SERVE),
                           .has_variable = true,
                           .choices = ready_when_name},
    [OPTION_PROFILE] = {.name = "profile",
                        .kind = OPTION_KIND_FLAG,
                        .help = "print an OCI profile: --format profile",
                        .commands = OF(SECCOMP)},
    [OPTION_COLOR] = {.name = "color",
                      .kind = OPTION_KIND_WORD,
                      .argument = "WHEN",
                      .help = "auto, always or never (auto honours NO_COLOR)",
                      .commands = OF_REPORTS,
                      .has_variable = true,
                      .choices = color_choices},
    [OPTION_QUIET] = {.name = "quiet",
                      .letter = 'q',
                      .kind = OPTION_KIND_FLAG,
                      .help = "nothing on stdout; files are still written",
                      .commands = OF_REPORTS,
                      .has_variable = true},
    [OPTION_HELP] = {.name = "help",
                     .letter = 'h',
                     .kind = OPTION_KIND_FLAG,
                     .help = "print this help",
                     .commands = OF_ALL},
    [OPTION_VERSION] = {.name = "version",
                        .letter = 'V',
                        .kind = OPTION_KIND_FLAG,
                        .help = "print the version",
                        .commands = OF_ALL},
};
