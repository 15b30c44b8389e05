/*
 * Runs in a child. See serve_check.h.
 */
#include "agent/serve_check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/assess_all.h"
#include "agent/commands.h"
#include "agent/core/mem.h"

enum { READ_SIZE = 65536, GRACE_SECONDS = 5 };

/* The child's status when there is not just one thing to look at; it has sent the reason. */
enum { NO_TARGET = EXIT_USAGE };

int64_t checker_clock(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void checker_open(struct checker *out)
{
    *out = (struct checker){.fd = -1};
    for (int fd = 0; fd < CHECKER_DESCRIPTORS; fd++)
        out->is_inherited[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* --- the child ------------------------------------------------------------------------------ */

/* The server's handlers would speak to the server's event loop from here. */
static void reset_signals(void)
{
    static const int caught[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        (void)signal(caught[i], SIG_DFL);
}

/*
 * What is the server's own must be neither held open by a child that hangs nor observed. One by
 * one: close_range(2) is newer than many filters, and some kill for what they do not know.
 */
static void close_descriptors(const struct checker *checker, int kept)
{
    for (int fd = 0; fd < CHECKER_DESCRIPTORS; fd++) {
        if (!checker->is_inherited[fd] && fd != kept)
            (void)close(fd);
    }
}

/* Writes what there is, or why there is nothing; then the status says so. */
static bool send_one(struct assessment *assessment, FILE *out, struct error *err)
{
    struct findings findings = {0};

    if (!assessment_observe(assessment, err))
        return false;
    /* Whom it is about: the child has all that it observed from the server. */
    if (assessment->origin.is_self)
        assessment->origin.pid = getppid();
    struct report report = assessment_conclude(assessment, &findings);
    result_encode(&report, out);
    return true;
}

static bool send_all(struct assessment *assessment, FILE *out, struct error *err)
{
    struct assessed assessed;

    if (!assess_all_observe(assessment, getppid(), &assessed, err))
        return false;
    result_encode_all(&assessed.set, out);
    return true;
}

/* Frees nothing: the end does. */
static _Noreturn void run(const struct assessment *assessment, int fd)
{
    struct assessment copy = *assessment;
    struct error err = {0};
    FILE *out = fdopen(fd, "w");

    if (out == NULL)
        out_of_memory();
    assessment_restart(&copy);
    copy.wants_all = true; /* a result holds all formats */
    bool is_all = options_has(copy.options, OPTION_ALL);
    bool ok = is_all ? send_all(&copy, out, &err) : send_one(&copy, out, &err);
    if (!ok)
        (void)fputs(err.text, out);
    if (fflush(out) != 0 || ferror(out))
        _exit(EXIT_OUTPUT);
    _exit(ok ? EXIT_WATERTIGHT : NO_TARGET);
}

/* --- the server ----------------------------------------------------------------------------- */

bool checker_start(struct checker *checker, const struct assessment *assessment,
                   const struct result *latest, int64_t limit_ms, struct error *err)
{
    int ends[2] = {-1, -1};
    sigset_t all;
    sigset_t before;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_sys(err, "no pipe could be made for it");
    /* A signal in between would be handled twice: here and, by the server's handler, there. */
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    pid_t child = fork();
    if (child == 0) {
        reset_signals();
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        (void)setpgid(0, 0);
        (void)alarm((unsigned int)(limit_ms / 1000) + GRACE_SECONDS);
        close_descriptors(checker, ends[1]);
        if (options_has(assessment->options, OPTION_ALL))
            result_disinherit(latest); /* else it is small, and a filter may kill for madvise(2) */
        run(assessment, ends[1]);
    }
    bool ok = child > 0 || error_sys(err, "no child process could be made for it");
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)close(ends[1]);
    if (!ok) {
        (void)close(ends[0]);
        return false;
    }
    /* In both: whichever comes first, the group is there before anybody kills it. */
    (void)setpgid(child, child);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    checker->child = child;
    checker->fd = ends[0];
    checker->begun_ms = checker_clock();
    checker->length = 0;
    checker->max = options_has(assessment->options, OPTION_ALL) ? RESULT_MAX_ALL : RESULT_MAX;
    checker->is_too_long = checker->is_late = checker->is_discarded = false;
    return true;
}

static void close_pipe(struct checker *checker)
{
    if (checker->fd >= 0)
        (void)close(checker->fd);
    checker->fd = -1;
}

bool checker_read(struct checker *checker)
{
    while (checker->fd >= 0) {
        if (checker->capacity - checker->length < READ_SIZE) {
            checker->capacity = checker->length + (size_t)READ_SIZE * 2;
            checker->data = mem_resize(checker->data, checker->capacity);
        }
        ssize_t count = read(checker->fd, checker->data + checker->length, READ_SIZE);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return true;
        if (count <= 0) {
            close_pipe(checker);
            break;
        }
        checker->length += (size_t)count;
        if (checker->length > checker->max) {
            checker->is_too_long = true;
            checker_kill(checker);
            close_pipe(checker);
        }
    }
    return false;
}

void checker_kill(struct checker *checker)
{
    if (checker->child > 0)
        (void)kill(-checker->child, SIGKILL);
}

static bool explain(const struct checker *checker, int status, struct error *err)
{
    if (checker->is_too_long)
        return error_set(err, "its reports are longer than %zu MiB", checker->max >> 20);
    if (checker->is_late)
        return error_set(err, "it did not end in time and was killed");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return error_set(err, "a seccomp filter killed it");
    if (WIFSIGNALED(status))
        return error_set(err, "it was killed by signal %d", WTERMSIG(status));
    return error_set(err, "it ended with status %d", WEXITSTATUS(status));
}

bool checker_finish(struct checker *checker, int status, struct result **out, struct error *err)
{
    char *data = NULL;
    bool is_done = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WATERTIGHT;
    bool is_told = WIFEXITED(status) && WEXITSTATUS(status) == NO_TARGET;

    (void)checker_read(checker);
    close_pipe(checker);
    checker->child = 0;
    data = mem_resize(checker->data, checker->length + 1);
    checker->data = NULL;
    checker->capacity = 0;
    if (is_done && !checker->is_too_long)
        return result_decode(data, checker->length, out, err);
    data[checker->length] = '\0';
    if (is_told && !checker->is_too_long) {
        (void)error_set(err, "%s", data);
        err->code = ESRCH;
    } else {
        (void)explain(checker, status, err);
    }
    free(data);
    return false;
}
