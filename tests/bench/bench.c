/*
 * Measures programs side by side: bench TITLE ROUNDS NAME COMMAND… [-- NAME COMMAND…]…
 * The rounds are interleaved (A B C A B C …), so that a disturbance hits all alike, and the median
 * counts. The first program is the one that is held to the limits, the second is the floor; the
 * third, if there is one, is held to a few times the floor. With
 * --extra MICROSECONDS before the title, what the first takes beyond the second is held to that.
 * Small and static, so that it runs in a container of nothing else. It does not explain its
 * numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum {
    PROGRAMS_MAX = 8,
    ROUNDS_MAX = 9999,
    FAILED_TO_RUN = 64, /* watertight's usage and internal errors, a shell's 126 and 127 */
    LIMIT_US = 5000,
    LIMIT_BUSY_FLOORS = 12, /* that limit, where the floor takes what it does on a quiet machine */
    LIMIT_RSS_KIB = 4 * 1024,
    LIMIT_FLOORS = 3, /* times the floor, and then so much */
    LIMIT_EXTRA_US = 1000
};

struct program {
    const char *name;
    char **command;     /* ended by NULL */
    long *microseconds; /* one a round */
    /*
     * The peak resident set. Never less than this driver's own, since the kernel counts what the
     * child held before execve(2) (getrusage(2), ru_maxrss).
     */
    long rss_kib;
};

static long microseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Runs it once with its output thrown away. False when it could not be run. */
static bool program_run(struct program *program, int round,
                        const posix_spawn_file_actions_t *actions, char **environment)
{
    struct rusage usage = {0};
    int status = 0;
    pid_t pid = -1;
    long start = microseconds_now();
    int code = posix_spawn(&pid, program->command[0], actions, NULL, program->command, environment);

    if (code != 0) {
        fprintf(stderr, "bench: %s: %s\n", program->command[0], strerror(code));
        return false;
    }
    while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    program->microseconds[round] = microseconds_now() - start;
    if (usage.ru_maxrss > program->rss_kib) {
        program->rss_kib = usage.ru_maxrss;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) >= FAILED_TO_RUN) {
        fprintf(stderr, "bench: %s ended with status %#x\n", program->name, (unsigned int)status);
        return false;
    }
    return true;
}

static int long_compare(const void *left, const void *right)
{
    long a = *(const long *)left;
    long b = *(const long *)right;

    return (a > b) - (a < b);
}

/* Splits the words into programs; "--" becomes the NULL that ends a command. */
static int programs_parse(char **words, struct program *programs, int rounds)
{
    int count = 0;

    while (*words != NULL && words[1] != NULL && count < PROGRAMS_MAX) {
        struct program *program = &programs[count++];

        program->name = words[0];
        program->command = words + 1;
        program->microseconds = calloc((size_t)rounds, sizeof(long));
        if (program->microseconds == NULL) {
            return 0;
        }
        while (*words != NULL && strcmp(*words, "--") != 0) {
            words++;
        }
        if (*words != NULL) {
            *words++ = NULL;
        }
    }
    return count;
}

/*
 * The median counts, unless others keep the machine busy, which shows in times that are known to be
 * even: then the quickest runs do. times are sorted.
 */
static bool is_busy(const long *times, int rounds)
{
    return times[rounds / 2] * 4 > times[0] * 5;
}

/* at is where in the sorted times. */
static bool print_floors(const struct program *program, const long *floor, int at, bool busy)
{
    long limit = LIMIT_FLOORS * floor[at] + LIMIT_EXTRA_US;
    bool is_kept = program->microseconds[at] <= limit;

    printf("  limit of %s: %d x floor + %d us, %ld us%s: %s\n", program->name, LIMIT_FLOORS,
           LIMIT_EXTRA_US, limit, busy ? ", for the quickest run" : "",
           is_kept ? "kept" : "EXCEEDED");
    return is_kept;
}

/* Prints the table. False when a program is over a limit. */
static bool programs_report(const char *title, struct program *programs, int count, int rounds)
{
    for (int i = 0; i < count; i++) {
        qsort(programs[i].microseconds, (size_t)rounds, sizeof(long), long_compare);
    }
    const long *first = programs[0].microseconds;
    const long *floor = programs[1].microseconds;
    bool busy = is_busy(floor, rounds);
    /* Others slow both programs down alike: what one is to the other tells then. */
    bool is_fast = first[busy ? 0 : rounds / 2] <= LIMIT_US ||
                   (busy && first[rounds / 2] <= LIMIT_BUSY_FLOORS * floor[rounds / 2]);
    bool is_small = programs[0].rss_kib <= LIMIT_RSS_KIB;
    bool is_near = true;

    printf("%s (median of %d interleaved rounds; the quickest)\n", title, rounds);
    printf("  %-24s %10s %10s %10s %10s\n", "", "time", "quickest", "x floor", "peak RSS");
    for (int i = 0; i < count; i++) {
        long median = programs[i].microseconds[rounds / 2];
        printf("  %-24s %7ld us %7ld us %10.1f %6ld KiB\n", programs[i].name, median,
               programs[i].microseconds[0], (double)median / (double)floor[rounds / 2],
               programs[i].rss_kib);
    }
    printf("  limit: %d us%s: %s; %d KiB: %s\n", LIMIT_US,
           busy ? " for the quickest run, or 12 x floor, since the machine is busy" : "",
           is_fast ? "kept" : "EXCEEDED", LIMIT_RSS_KIB, is_small ? "kept" : "EXCEEDED");
    if (count > 2)
        is_near = print_floors(&programs[2], floor, busy ? 0 : rounds / 2, busy);
    printf("\n");
    return is_fast && is_small && is_near;
}

static long least(const long *values, int count)
{
    long result = values[0];

    for (int i = 1; i < count; i++) {
        if (values[i] < result) {
            result = values[i];
        }
    }
    return result;
}

/*
 * Prints what the first program takes beyond the second: the median, and the difference of the
 * quickest runs. False when that is over the limit.
 */
static bool extra_report(const char *title, struct program *programs, int count, int rounds,
                         long limit)
{
    long *extra = programs[0].microseconds;
    long quickest = least(extra, rounds) - least(programs[1].microseconds, rounds);
    bool busy;
    bool is_kept;

    for (int i = 0; i < rounds; i++) {
        extra[i] -= programs[1].microseconds[i];
    }
    for (int i = 0; i < count; i++) {
        qsort(programs[i].microseconds, (size_t)rounds, sizeof(long), long_compare);
    }
    busy = is_busy(programs[1].microseconds, rounds);
    is_kept = (busy ? quickest : extra[rounds / 2]) <= limit;
    printf("%s (median of %d differences; of the quickest runs)\n", title, rounds);
    printf("  %-24s %7ld us %7ld us\n", programs[0].name, extra[rounds / 2], quickest);
    for (int i = 2; i < count; i++) {
        printf("  %-24s %7ld us %7ld us\n", programs[i].name, programs[i].microseconds[rounds / 2],
               programs[i].microseconds[0]);
    }
    printf("  limit: %ld us%s: %s\n\n", limit,
           busy ? ", for the quickest runs, since the machine is busy" : "",
           is_kept ? "kept" : "EXCEEDED");
    return is_kept;
}

int main(int argc, char **argv, char **environment)
{
    bool is_extra = argc > 2 && strcmp(argv[1], "--extra") == 0;
    long limit = is_extra ? strtol(argv[2], NULL, 10) : 0;
    struct program programs[PROGRAMS_MAX] = {0};
    posix_spawn_file_actions_t actions;
    int rounds;
    int count;

    if (is_extra) {
        argc -= 2;
        argv += 2;
    }
    rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: bench [--extra LIMIT] TITLE ROUNDS NAME COMMAND... [-- NAME COMMAND...]...\n",
              stderr);
        return 64;
    }
    count = programs_parse(argv + 3, programs, rounds);
    if (count < 2 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) != 0) {
        fputs("bench: at least two programs, and memory for them, are needed\n", stderr);
        return 64;
    }
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < count; i++) {
            if (!program_run(&programs[i], round, &actions, environment)) {
                return 70;
            }
        }
    }
    if (is_extra) {
        return extra_report(argv[1], programs, count, rounds, limit) ? 0 : 1;
    }
    return programs_report(argv[1], programs, count, rounds) ? 0 : 1;
}
