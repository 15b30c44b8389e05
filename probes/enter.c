/*
 * Entering. See enter.h.
 *
 * Three processes: the caller; a keeper outside, which forks into the PID namespace and waits; and
 * the visitor inside. The keeper is why nothing is left inside when the caller is killed: the
 * visitor goes on to its end, a few milliseconds, and the keeper reaps it. Killed itself, the
 * visitor's own children would be left to the container's first process, which may never reap.
 */
#include "probes/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/enter_confine.h"
#include "probes/procfile.h"

/*
 * A visit takes milliseconds, or seconds where hardly any CPU time is allowed: a container that
 * stands in its way must not hold up the looks at all others.
 */
enum { ANSWER_MAX = 64 * 1024 * 1024, VISIT_SECONDS = 15, ANSWER_FD = 3 };

/* What stands before the facts, or before the reason why there are none. */
static const char is_seen[] = "+";
static const char is_refused[] = "-";

struct visit {
    const struct enter_plan *plan;
    const struct observe_request *request;
    enter_write *write;
    int answer[2]; /* a pipe from the visitor to the caller */
    int ready[2];  /* a pipe from the keeper to the visitor */
};

/* --- the visitor ---------------------------------------------------------------------------- */

static void answer_refused(int fd, const char *reason)
{
    if (write(fd, is_refused, 1) == 1 && write(fd, reason, strlen(reason)) < 0)
        return; /* there is nobody else to tell */
}

/* Nothing that is open outside goes inside, but the pipe. */
static void keep_only(int fd)
{
    int root = open("/", O_PATH | O_CLOEXEC);

    for (int i = STDIN_FILENO; i <= STDERR_FILENO && root >= 0; i++)
        (void)dup2(root, i);
    if (fd != ANSWER_FD)
        (void)dup2(fd, ANSWER_FD);
    if (syscall(SYS_close_range, ANSWER_FD + 1, ~0U, 0) == 0)
        return;
    for (int i = ANSWER_FD + 1; i < (int)sysconf(_SC_OPEN_MAX); i++)
        (void)close(i);
}

static void wait_for_orphans(void)
{
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

static _Noreturn void be_visitor(const struct visit *visit)
{
    struct facts facts = {0};
    struct error err = {0};
    char byte = 0;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)close(visit->ready[1]);
    if (read(visit->ready[0], &byte, 1) != 1)
        _exit(1);
    if (!enter_surroundings(visit->plan, &err)) {
        answer_refused(visit->answer[1], err.text);
        _exit(1);
    }
    keep_only(visit->answer[1]);
    if (!enter_credentials(visit->plan, &err)) {
        answer_refused(ANSWER_FD, err.text);
        _exit(1);
    }
    observe_self(visit->request, &facts);
    FILE *out = fdopen(ANSWER_FD, "w");
    if (out == NULL)
        out_of_memory();
    (void)fputs(is_seen, out);
    visit->write(&facts, out);
    (void)fclose(out);
    wait_for_orphans();
    _exit(0);
}

/* --- the keeper ----------------------------------------------------------------------------- */

/* SIGCHLD is blocked, so that its arrival can be waited for with a limit. */
static void keep(pid_t visitor)
{
    struct timespec limit = {.tv_sec = VISIT_SECONDS};
    sigset_t child;

    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    while (waitpid(visitor, NULL, WNOHANG) == 0) {
        if (sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN)
            (void)kill(visitor, SIGKILL);
    }
}

static void block_signals(void)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static void unblock_signals(void)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Whether nobody is left to hear the answer: then there is nothing to do inside. */
static bool is_abandoned(const struct visit *visit)
{
    struct pollfd answer = {.fd = visit->answer[1], .events = POLLOUT};

    return poll(&answer, 1, 0) > 0 && (answer.revents & POLLERR) != 0;
}

/* A session of its own: what ends the caller by its terminal or group does not end this. */
static _Noreturn void be_keeper(const struct visit *visit)
{
    int pid_namespace = visit->plan->namespace_fds[ENTER_PID];
    struct error err = {0};

    block_signals();
    (void)setsid();
    /* Before anything of it can be seen inside: who may not trace it may not read what it holds. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)close(visit->answer[0]);
    if (pid_namespace >= 0 && setns(pid_namespace, 0) < 0) {
        answer_refused(visit->answer[1], "cannot join its namespace pid");
        _exit(1);
    }
    if (is_abandoned(visit))
        _exit(1);
    pid_t visitor = fork();
    if (visitor == 0) {
        unblock_signals();
        be_visitor(visit);
    }
    (void)close(visit->ready[0]);
    if (visitor < 0)
        answer_refused(visit->answer[1], "no process can be made in its PID namespace");
    else if (!is_abandoned(visit) && !enter_cgroups_join(&visit->plan->cgroups, visitor, &err))
        answer_refused(visit->answer[1], err.text);
    else if (!is_abandoned(visit) && write(visit->ready[1], "", 1) != 1)
        answer_refused(visit->answer[1], "the visitor is gone");
    (void)close(visit->ready[1]);
    (void)close(visit->answer[1]);
    if (visitor > 0)
        keep(visitor);
    _exit(0);
}

/* --- the caller ----------------------------------------------------------------------------- */

static bool make_pipes(struct visit *visit, struct error *err)
{
    if (pipe2(visit->answer, O_CLOEXEC) == 0 && pipe2(visit->ready, O_CLOEXEC) == 0)
        return true;
    return error_sys(err, "no pipe can be made");
}

/* What comes from inside is believed in its form only: who reads it checks every byte. */
static bool understand(char *answer, size_t length, char **text, size_t *text_length,
                       struct error *err)
{
    if (length == 0)
        return error_set(err, "the process inside ended without an answer");
    if (answer[0] == is_refused[0])
        return error_set(err, "%s", answer + 1);
    memmove(answer, answer + 1, length);
    *text = answer;
    *text_length = length - 1;
    return true;
}

static bool visit_and_read(struct visit *visit, char **text, size_t *length, struct error *err)
{
    char *answer = NULL;
    size_t answer_length = 0;
    pid_t keeper = fork();

    if (keeper == 0)
        be_keeper(visit);
    procfile_close(&visit->answer[1]);
    procfile_close(&visit->ready[0]);
    procfile_close(&visit->ready[1]);
    if (keeper < 0)
        return error_sys(err, "no process can be made");
    bool ok = procfile_read_fd(visit->answer[0], ANSWER_MAX, &answer, &answer_length, err);
    procfile_close(&visit->answer[0]);
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR) {
    }
    if (ok && understand(answer, answer_length, text, length, err))
        return true;
    free(answer);
    return false;
}

static bool visit_target(const struct enter_plan *plan, const struct observe_request *request,
                         struct enter_answer *out, struct error *err)
{
    struct visit visit = {.plan = plan,
                          .request = request,
                          .write = out->write,
                          .answer = {-1, -1},
                          .ready = {-1, -1}};
    bool ok = make_pipes(&visit, err) && visit_and_read(&visit, &out->text, &out->length, err);

    for (size_t i = 0; i < 2; i++) {
        procfile_close(&visit.answer[i]);
        procfile_close(&visit.ready[i]);
    }
    return ok;
}

bool enter_observe(const struct target *self, pid_t pid, const struct observe_request *request,
                   struct enter_answer *out, struct observed *who, struct error *err)
{
    CLEANUP(target_close) struct target target;
    CLEANUP(enter_plan_free) struct enter_plan plan;
    struct error why = {0};
    bool is_open = target_open_pid(self, pid, &target, err);

    *who = (struct observed){.pid = pid};
    memcpy(who->name, target.name, sizeof who->name);
    enter_plan_clear(&plan);
    if (!is_open)
        return false;
    if (!enter_plan_make(self, &target, &plan, &why) || !visit_target(&plan, request, out, &why))
        return error_set(err, "process %d (%s) cannot be entered: %s", (int)pid, target.name,
                         why.text);
    target.filters = plan.are_filters_joined ? NULL : &plan.filters;
    observe_own(&target, request, &out->outside);
    target.filters = NULL;
    return true;
}

void enter_answer_free(struct enter_answer *answer)
{
    mem_free_text(&answer->text);
    facts_free(&answer->outside);
}
