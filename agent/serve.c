/*
 * The server's loop. See serve.h.
 */
#include "agent/serve.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/output.h"
#include "agent/say.h"
#include "agent/serve_changes.h"
#include "agent/serve_check.h"
#include "agent/serve_http.h"
#include "agent/serve_listen.h"
#include "agent/serve_state.h"

enum {
    MAPPED_BYTES = 1024 * 1024, /* what is bigger is given back to the kernel once it is freed */
    END_MS = 500,               /* how long a killed child is waited for at the end */
    LINES_MS = 1000             /* how long a reader of the changes is let be who does not read */
};

/* What the loop waits for, in the order of event_rows. */
enum event_id {
    EVENT_TERM,
    EVENT_INT,
    EVENT_HANGUP,
    EVENT_CHILD,
    EVENT_CHECK, /* the next run is due */
    EVENT_LIMIT, /* the present one is late */
    EVENT_LINES, /* lines of change are left to print */
    EVENT_COUNT
};

struct server {
    struct serve_state state;
    struct assessment *assessment; /* lent */
    struct checker checker;
    struct serve_changes changes;
    struct listener listener;
    struct event_base *base;
    struct event *events[EVENT_COUNT];
    struct event *pipe; /* what the child writes; NULL: none runs */
    struct http_server *http;
};

static void start_check(struct server *server);

static void arm(struct event *timer, int64_t milliseconds)
{
    struct timeval delay = {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};

    if (milliseconds < 0)
        delay = (struct timeval){0};
    (void)event_add(timer, &delay);
}

/* --- runs ----------------------------------------------------------------------------------- */

/* No secret is made of this: it only spreads replicas that were started together. */
static uint64_t chance(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15U >> 32;
}

/* The next run, counted from the beginning of the latest. */
static void plan_check(struct server *server)
{
    int64_t delay = serve_delay(&server->state, chance());

    arm(server->events[EVENT_CHECK], server->checker.begun_ms + delay - checker_clock());
}

static void forget_pipe(struct server *server)
{
    if (server->pipe != NULL)
        event_free(server->pipe);
    server->pipe = NULL;
}

static void print_changes(struct server *server)
{
    if (!serve_changes_report(&server->changes, server->state.result))
        arm(server->events[EVENT_LINES], LINES_MS);
}

/* The same words, interval after interval, would say nothing new. */
static void take_problem(struct server *server, const struct error *problem)
{
    if (strcmp(server->state.problem.text, problem->text) != 0)
        say("a check gave no result: %s", problem->text);
    server->state.problem = *problem;
    server->state.failed_runs++;
}

static void take_result(struct server *server, struct result *result)
{
    struct serve_state *state = &server->state;

    if (state->problem.text[0] != '\0')
        say("checks give results again");
    state->problem = (struct error){0};
    http_drop_older(server->http, state->result);
    result_release(state->result);
    state->result = result;
    state->is_superseded = false;
    state->observed_ms = server->checker.begun_ms;
    print_changes(server);
}

static void finish_check(struct server *server, int status)
{
    struct result *result = NULL;
    struct error problem = {0};
    bool is_discarded = server->checker.is_discarded;

    forget_pipe(server);
    (void)event_del(server->events[EVENT_LIMIT]);
    bool ok = checker_finish(&server->checker, status, &result, &problem);
    if (is_discarded) {
        result_release(result);
        start_check(server);
        return;
    }
    server->state.runs++;
    if (ok)
        take_result(server, result);
    else
        take_problem(server, &problem);
    plan_check(server);
}

static void on_pipe(evutil_socket_t fd, short what, void *context)
{
    struct server *server = context;

    (void)fd;
    (void)what;
    /* At the end only: it is about to exit, and SIGCHLD says when. */
    if (!checker_read(&server->checker))
        forget_pipe(server);
}

static void start_check(struct server *server)
{
    int64_t limit = serve_time_limit(&server->state);
    struct error problem = {0};

    if (!checker_start(&server->checker, server->assessment, server->state.result, limit,
                       &problem)) {
        server->checker.begun_ms = checker_clock();
        server->state.runs++;
        take_problem(server, &problem);
        plan_check(server);
        return;
    }
    server->pipe =
        event_new(server->base, server->checker.fd, EV_READ | EV_PERSIST, on_pipe, server);
    if (server->pipe == NULL || event_add(server->pipe, NULL) != 0)
        out_of_memory();
    arm(server->events[EVENT_LIMIT], limit);
}

static void on_check(evutil_socket_t fd, short what, void *context)
{
    struct server *server = context;

    (void)fd;
    (void)what;
    if (server->checker.child == 0)
        start_check(server);
}

static void on_limit(evutil_socket_t fd, short what, void *context)
{
    struct server *server = context;

    (void)fd;
    (void)what;
    server->checker.is_late = true;
    checker_kill(&server->checker);
}

static void on_lines(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    print_changes(context);
}

/* --- signals -------------------------------------------------------------------------------- */

static void on_end(evutil_socket_t number, short what, void *context)
{
    struct server *server = context;

    (void)number;
    (void)what;
    (void)event_base_loopbreak(server->base);
}

/* As process 1 of a container the server inherits what others leave behind: any child is reaped. */
static void on_child(evutil_socket_t number, short what, void *context)
{
    struct server *server = context;
    int status = 0;
    pid_t child = 0;

    (void)number;
    (void)what;
    while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
        if (child == server->checker.child)
            finish_check(server, status);
    }
}

static void on_hangup(evutil_socket_t number, short what, void *context)
{
    struct server *server = context;
    struct assessment fresh = {0};
    struct error err = {0};

    (void)number;
    (void)what;
    if (strcmp(options_word(server->assessment->options, OPTION_POLICY, ""), "-") == 0) {
        say("the policy came from standard input and cannot be read again; it stays");
        return;
    }
    if (!assessment_open_for_all(server->assessment->options, &fresh, &err)) {
        say("%s", err.text);
        say("the policy %s stays as it was", server->assessment->policy.name);
        assessment_free(&fresh);
        return;
    }
    assessment_free(server->assessment);
    *server->assessment = fresh;
    server->state.is_superseded = server->state.result != NULL;
    say("the policy %s was read again", fresh.policy.name);
    if (server->checker.child == 0) {
        start_check(server);
        return;
    }
    server->checker.is_discarded = true;
    checker_kill(&server->checker);
}

/* --- the whole ------------------------------------------------------------------------------ */

static const struct event_row {
    int number; /* of a signal; -1: a timer */
    event_callback_fn function;
} event_rows[EVENT_COUNT] = {
    [EVENT_TERM] = {SIGTERM, on_end},     [EVENT_INT] = {SIGINT, on_end},
    [EVENT_HANGUP] = {SIGHUP, on_hangup}, [EVENT_CHILD] = {SIGCHLD, on_child},
    [EVENT_CHECK] = {-1, on_check},       [EVENT_LIMIT] = {-1, on_limit},
    [EVENT_LINES] = {-1, on_lines},
};

static bool add_events(struct server *server)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        bool is_signal = event_rows[i].number >= 0;
        short what = (short)(is_signal ? EV_SIGNAL | EV_PERSIST : 0);
        server->events[i] =
            event_new(server->base, event_rows[i].number, what, event_rows[i].function, server);
        if (server->events[i] == NULL)
            return false;
        if (is_signal && event_add(server->events[i], NULL) != 0)
            return false;
    }
    return true;
}

static void answer(const struct request *request, struct answer *out, void *context)
{
    const struct server *server = context;

    answer_make(&server->state, checker_clock(), request, out);
}

static void log_event(int severity, const char *words)
{
    if (severity >= EVENT_LOG_WARN)
        say("libevent: %s", words);
}

static bool open_server(const struct serve_options *options, struct server *server,
                        struct error *err)
{
    checker_open(&server->checker);
    if (!listener_open(options, &server->listener, err))
        return false;
    event_set_log_callback(log_event);
    server->base = event_base_new();
    if (server->base == NULL || !add_events(server))
        return error_sys(err, "cannot wait for events");
    server->http = http_open(server->base, server->listener.fd, answer, server);
    return server->http != NULL || error_sys(err, "cannot wait for connections");
}

/* Whatever the child was doing is over; but one that cannot even be killed is not waited for. */
static void end_check(struct server *server)
{
    checker_kill(&server->checker);
    for (int i = 0; i < END_MS && server->checker.child > 0; i++) {
        if (waitpid(server->checker.child, NULL, WNOHANG) != 0)
            server->checker.child = 0;
        else
            (void)poll(NULL, 0, 1);
    }
    if (server->checker.fd >= 0)
        (void)close(server->checker.fd);
    free(server->checker.data);
}

static void close_server(struct server *server)
{
    listener_close(&server->listener);
    end_check(server);
    forget_pipe(server);
    if (server->http != NULL)
        http_close(server->http);
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (server->events[i] != NULL)
            event_free(server->events[i]);
    }
    if (server->base != NULL)
        event_base_free(server->base);
    serve_changes_free(&server->changes);
    result_release(server->state.result);
}

int serve_run(const struct serve_options *options, struct assessment *assessment)
{
    struct server server = {.assessment = assessment, .listener = {.fd = -1}};
    char words[ADDRESS_TEXT_MAX];
    struct error err = {0};

    server.state = (struct serve_state){.interval_ms = options->interval_ms,
                                        .ready_when = options->ready_when,
                                        .is_all = options_has(assessment->options, OPTION_ALL),
                                        .started_at = time(NULL)};
    /* By default malloc(3) keeps up to 32 MB to itself: another result of hundreds of containers.
     */
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    bool ok = open_server(options, &server, &err);
    if (ok) {
        say("serving on %s", address_words(&server.listener.address, words));
        start_check(&server);
        ok = event_base_dispatch(server.base) == 0 || error_sys(&err, "the event loop failed");
    }
    if (!ok)
        say("%s", err.text);
    close_server(&server);
    return ok ? EXIT_WATERTIGHT : EXIT_INTERNAL;
}
