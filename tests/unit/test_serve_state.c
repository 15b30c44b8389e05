/*
 * Readiness, ages and changes.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/output.h"
#include "agent/serve_state.h"
#include "tests/unit/result_fixture.h"

enum { INTERVAL = 1000, NOW = 100000 };

/* A state whose result has this one check beside one that passes. */
struct made {
    struct result_check checks[2];
    struct result_container container;
    struct result result;
    struct serve_state state;
};

static void make(struct made *out, enum status status, enum severity severity,
                 enum severity fail_on, enum ready_when ready_when)
{
    bool is_unknown = status == STATUS_UNKNOWN;
    bool is_failure = status == STATUS_FAIL && severity >= fail_on;

    *out = (struct made){
        .checks = {{.id = "t.pass", .message = "", .status = STATUS_PASS},
                   {.id = "t.x", .message = "", .status = status, .severity = severity}},
        .container = {.check_count = 2},
        .result = {.references = 1, .container_count = 1, .fail_on = fail_on},
        .state = {.interval_ms = INTERVAL, .ready_when = ready_when, .observed_ms = NOW},
    };
    out->result.verdict = is_failure   ? VERDICT_FAIL
                          : is_unknown ? VERDICT_INCOMPLETE
                                       : VERDICT_PASS;
    out->container.verdict = out->result.verdict;
    out->container.checks = out->checks;
    out->result.containers = &out->container;
    out->state.result = &out->result;
}

static bool is_ready(enum status status, enum severity severity, enum severity fail_on,
                     enum ready_when ready_when)
{
    struct made made;

    make(&made, status, severity, fail_on, ready_when);
    return serve_readiness(&made.state, NOW) == READINESS_READY;
}

Test(serve_state, is_ready_when_the_verdict_is_pass)
{
    cr_expect(is_ready(STATUS_PASS, SEVERITY_CRITICAL, SEVERITY_LOW, READY_WHEN_PASS));
    cr_expect(is_ready(STATUS_WAIVED, SEVERITY_CRITICAL, SEVERITY_LOW, READY_WHEN_PASS));
    cr_expect(is_ready(STATUS_FAIL, SEVERITY_LOW, SEVERITY_MEDIUM, READY_WHEN_PASS));
    cr_expect_not(is_ready(STATUS_FAIL, SEVERITY_MEDIUM, SEVERITY_MEDIUM, READY_WHEN_PASS));
    cr_expect_not(is_ready(STATUS_UNKNOWN, SEVERITY_LOW, SEVERITY_CRITICAL, READY_WHEN_PASS));
}

Test(serve_state, is_ready_when_nothing_so_severe_failed_or_may_have_failed)
{
    static const enum status open[] = {STATUS_FAIL, STATUS_UNKNOWN};
    static const enum status closed[] = {STATUS_PASS, STATUS_SKIP, STATUS_WAIVED};

    for (enum severity severity = SEVERITY_LOW; severity <= SEVERITY_CRITICAL; severity++) {
        for (enum ready_when when = READY_WHEN_NO_CRITICAL; when <= READY_WHEN_NO_LOW; when++) {
            /* no-critical, the first, bears all below critical, the last. */
            bool wanted =
                (int)severity + (int)when - (int)READY_WHEN_NO_CRITICAL < (int)SEVERITY_CRITICAL;
            for (size_t i = 0; i < 2; i++)
                cr_expect_eq(is_ready(open[i], severity, SEVERITY_CRITICAL, when), wanted,
                             "%s %s %s", status_name(open[i]), severity_name(severity),
                             ready_when_name(when));
            for (size_t i = 0; i < 3; i++)
                cr_expect(is_ready(closed[i], severity, SEVERITY_LOW, when));
        }
    }
}

Test(serve_state, is_not_ready_before_the_first_result)
{
    struct serve_state state = {.interval_ms = INTERVAL};

    cr_expect_eq(serve_readiness(&state, NOW), READINESS_NONE);
}

Test(serve_state, is_not_ready_by_a_result_that_is_older_than_three_intervals)
{
    struct made made;

    make(&made, STATUS_PASS, SEVERITY_LOW, SEVERITY_LOW, READY_WHEN_PASS);
    cr_expect_eq(serve_readiness(&made.state, NOW + 3 * INTERVAL), READINESS_READY);
    cr_expect_eq(serve_readiness(&made.state, NOW + 3 * INTERVAL + 1), READINESS_STALE);
}

Test(serve_state, is_not_ready_once_it_is_lost_what_to_look_at)
{
    struct made made;

    make(&made, STATUS_PASS, SEVERITY_LOW, SEVERITY_LOW, READY_WHEN_PASS);
    (void)error_set(&made.state.problem, "it was killed");
    cr_expect_eq(serve_readiness(&made.state, NOW), READINESS_READY);
    made.state.problem.code = ESRCH;
    cr_expect_eq(serve_readiness(&made.state, NOW), READINESS_LOST);
}

static char *words_of(const struct serve_state *state, int64_t now)
{
    struct output_buffer buffer;

    output_buffer_open(&buffer);
    serve_readiness_write(state, now, buffer.stream);
    output_buffer_close(&buffer);
    return buffer.data;
}

Test(serve_state, names_the_checks_that_count_and_no_others)
{
    struct result *result = result_fixture_make(SEVERITY_MEDIUM);
    struct serve_state state = {.interval_ms = INTERVAL, .observed_ms = NOW, .result = result};
    CLEANUP(mem_free_text) char *words = words_of(&state, NOW);

    cr_expect_str_eq(words, "not ready: the verdict is fail\n"
                            "fail t.fail /a b [high]\n"
                            "fail t.fail-too /c [high]\n"
                            "unknown t.unknown [high]\n");
    CLEANUP(mem_free_text) char *old = words_of(&state, NOW + 4 * INTERVAL);
    cr_expect_not_null(strstr(old, "4000 ms old"));
    (void)error_set(&state.problem, "a filter killed it");
    CLEANUP(mem_free_text) char *problem = words_of(&state, NOW);
    cr_expect_not_null(strstr(problem, "gave no result: a filter killed it\n"));
    result_release(result);
}

Test(serve_state, names_at_most_fifty_checks)
{
    struct made made;
    struct result_check checks[60];

    make(&made, STATUS_FAIL, SEVERITY_HIGH, SEVERITY_LOW, READY_WHEN_PASS);
    for (size_t i = 0; i < 60; i++)
        checks[i] = made.checks[1];
    made.container.checks = checks;
    made.container.check_count = 60;
    CLEANUP(mem_free_text) char *words = words_of(&made.state, NOW);
    cr_expect_not_null(strstr(words, "\nand 10 more\n"));
}

Test(serve_state, spreads_runs_by_a_tenth_of_the_interval)
{
    struct serve_state state = {.interval_ms = 1000};

    cr_expect_eq(serve_delay(&state, 0), 900);
    cr_expect_eq(serve_delay(&state, 200), 1100);
    for (uint64_t chance = 0; chance < 5000; chance++) {
        int64_t delay = serve_delay(&state, chance * 0x9E3779B97F4A7C15U);
        cr_assert(delay >= 900 && delay <= 1100);
    }
}

Test(serve_state, tries_again_soon_after_a_run_without_a_result)
{
    struct serve_state state = {.interval_ms = INTERVAL_MS_MAX};

    cr_expect_eq(serve_delay(&state, 0), (int64_t)INTERVAL_MS_MAX * 9 / 10);
    (void)error_set(&state.problem, "killed");
    cr_expect_eq(serve_delay(&state, 0), 27000);
    state.interval_ms = 1000;
    cr_expect_eq(serve_delay(&state, 0), 900);
}

Test(serve_state, is_not_ready_by_a_policy_that_was_replaced)
{
    struct made made;

    make(&made, STATUS_PASS, SEVERITY_LOW, SEVERITY_LOW, READY_WHEN_PASS);
    made.state.is_superseded = true;
    cr_expect_eq(serve_readiness(&made.state, NOW), READINESS_NONE);
}

Test(serve_state, does_not_wait_for_what_would_be_stale)
{
    struct serve_state state = {.interval_ms = 500};

    cr_expect_eq(serve_time_limit(&state), 1500);
    state.interval_ms = 300000;
    cr_expect_eq(serve_time_limit(&state), 30000);
    state.is_all = true;
    cr_expect_eq(serve_time_limit(&state), 600000);
}

/* --- several containers --------------------------------------------------------------------- */

/* The readiness of so many containers that fail as the fixture does. */
static char *words_of_all(size_t count, bool has_unseen)
{
    struct result *result = result_fixture_make_all(count);
    struct serve_state state = {
        .interval_ms = INTERVAL, .observed_ms = NOW, .result = result, .is_all = true};

    result->has_unseen = has_unseen;
    char *words = words_of(&state, NOW);
    result_release(result);
    return words;
}

Test(serve_state, names_the_checks_of_each_container_that_counts)
{
    struct result *result = result_fixture_make_all(3);
    struct serve_state state = {
        .interval_ms = INTERVAL, .observed_ms = NOW, .result = result, .is_all = true};

    result->containers[1].check_count = 1;
    result->containers[1].verdict = VERDICT_PASS;
    result->containers[2].name = "a\nb";
    result->containers[2].runtime = "docker";
    result->containers[2].id = "0123456789abcdef";
    CLEANUP(mem_free_text) char *words = words_of(&state, NOW);
    cr_expect_str_eq(words, "not ready: 3 containers\n"
                            "process 7 (app), runtime unknown: fail\n"
                            "  fail t.fail /a b [high]\n"
                            "  fail t.fail-too /c [high]\n"
                            "  fail t.low [low]\n"
                            "  unknown t.unknown [high]\n"
                            "process 9 (a b), runtime docker 0123456789ab: fail\n"
                            "  fail t.fail /a b [high]\n"
                            "  fail t.fail-too /c [high]\n"
                            "  fail t.low [low]\n"
                            "  unknown t.unknown [high]\n");
    result_release(result);
}

Test(serve_state, names_at_most_fifty_containers)
{
    CLEANUP(mem_free_text) char *words = words_of_all(60, false);

    cr_expect_not_null(strstr(words, "\nand 10 more containers\n"));
}

Test(serve_state, is_ready_without_containers_unless_one_may_be_out_of_sight)
{
    CLEANUP(mem_free_text) char *none = words_of_all(0, false);
    CLEANUP(mem_free_text) char *blind = words_of_all(0, true);

    cr_expect_str_eq(none, "ready: 0 containers\n");
    cr_expect_eq(strncmp(blind, "not ready: 0 containers\nnone is to be seen", 42), 0, "%s", blind);
}

Test(serve_state, is_not_ready_where_a_container_may_be_out_of_sight)
{
    struct result *result = result_fixture_make_all(1);
    struct serve_state state = {.interval_ms = INTERVAL, .observed_ms = NOW, .result = result};

    result->containers[0].check_count = 1;
    result->containers[0].verdict = VERDICT_PASS;
    for (enum ready_when when = READY_WHEN_PASS; when <= READY_WHEN_NO_LOW; when++) {
        state.ready_when = when;
        result->has_unseen = false;
        cr_expect_eq(serve_readiness(&state, NOW), READINESS_READY);
        result->has_unseen = true;
        cr_expect_eq(serve_readiness(&state, NOW), READINESS_REFUSED);
    }
    CLEANUP(mem_free_text) char *words = words_of(&state, NOW);
    cr_expect_not_null(strstr(words, "could not be looked at"), "%s", words);
    result_release(result);
}

/* --- changes -------------------------------------------------------------------------------- */

static struct result_container of(struct result_check *checks, size_t count)
{
    return (struct result_container){.checks = checks, .check_count = count};
}

static struct result with(struct result_container *containers, size_t count, bool is_all)
{
    return (struct result){.containers = containers, .container_count = count, .is_all = is_all};
}

Test(serve_changes, are_found_wherever_the_check_stands)
{
    struct result_check before_rows[] = {
        {.id = "a", .status = STATUS_PASS},
        {.id = "b", .subject = "/x", .status = STATUS_PASS},
        {.id = "b", .subject = "/y", .status = STATUS_FAIL},
        {.id = "gone", .status = STATUS_UNKNOWN},
        {.id = "gone-quietly", .status = STATUS_PASS},
    };
    struct result_check after_rows[] = {
        {.id = "new", .status = STATUS_FAIL},
        {.id = "new-quietly", .status = STATUS_SKIP},
        {.id = "b", .subject = "/y", .status = STATUS_FAIL},
        {.id = "b", .subject = "/x", .status = STATUS_WAIVED},
        {.id = "a", .status = STATUS_PASS},
        {.id = "b", .status = STATUS_PASS},
    };
    struct result_container was = of(before_rows, 5);
    struct result_container is = of(after_rows, 6);
    struct result before = with(&was, 1, false);
    struct result after = with(&is, 1, false);
    size_t count = 0;
    struct serve_change *changes = serve_changes(&before, &after, &count);

    cr_assert_eq(count, 3);
    cr_expect_eq(changes[0].after, &after_rows[0]);
    cr_expect_null(changes[0].before);
    cr_expect_eq(changes[1].after, &after_rows[3]);
    cr_expect_eq(changes[1].before, &before_rows[1]);
    cr_expect_null(changes[2].after);
    cr_expect_eq(changes[2].before, &before_rows[3]);
    free(changes);
}

Test(serve_changes, are_none_between_equal_results)
{
    struct result *result = result_fixture_make(SEVERITY_LOW);
    size_t count = 9;
    struct serve_change *changes = serve_changes(result, result, &count);

    cr_expect_eq(count, 0);
    free(changes);
    result_release(result);
}

Test(serve_changes, from_nothing_are_what_is_not_as_it_should_be)
{
    struct result *result = result_fixture_make(SEVERITY_LOW);
    size_t count = 0;
    struct serve_change *changes = serve_changes(NULL, result, &count);

    /* Two failures, a low one, an unknown, a waived one: neither the pass nor the skip. */
    cr_expect_eq(count, 5);
    free(changes);
    result_release(result);
}

static struct serve_change *changes_of(struct result_container *before, size_t before_count,
                                       struct result_container *after, size_t after_count,
                                       size_t *count)
{
    struct result was = with(before, before_count, true);
    struct result is = with(after, after_count, true);

    return serve_changes(&was, &is, count);
}

Test(serve_changes, of_a_container_are_told_with_it)
{
    struct result_check good[] = {{.id = "a", .status = STATUS_PASS}};
    struct result_check bad[] = {{.id = "a", .status = STATUS_FAIL}};
    struct result_container before[] = {
        {.pid = 1, .checks = good, .check_count = 1},
        {.pid = 2, .checks = good, .check_count = 1},
        {.pid = 3, .checks = bad, .check_count = 1, .verdict = VERDICT_FAIL},
    };
    struct result_container after[] = {
        {.pid = 2, .checks = bad, .check_count = 1, .verdict = VERDICT_FAIL},
        {.pid = 3, .checks = bad, .check_count = 1, .verdict = VERDICT_FAIL},
        {.pid = 4, .checks = bad, .check_count = 1, .verdict = VERDICT_FAIL},
    };
    size_t count = 0;
    struct serve_change *changes = changes_of(before, 3, after, 3, &count);

    cr_assert_eq(count, 4);
    /* The verdict of 2, its check, 4 is new, 1 is gone. */
    cr_expect_eq(changes[0].container_before, &before[1]);
    cr_expect_eq(changes[0].container_after, &after[0]);
    cr_expect_null(changes[0].after);
    cr_expect_eq(changes[1].container_after, &after[0]);
    cr_expect_eq(changes[1].before, &good[0]);
    cr_expect_eq(changes[1].after, &bad[0]);
    cr_expect_null(changes[2].container_before);
    cr_expect_eq(changes[2].container_after, &after[2]);
    cr_expect_null(changes[2].after);
    cr_expect_eq(changes[3].container_before, &before[0]);
    cr_expect_null(changes[3].container_after);
    free(changes);
}

Test(serve_changes, see_another_container_behind_the_same_number)
{
    static const struct {
        struct result_container before, after;
        bool is_same;
    } rows[] = {
        {{.pid = 1, .name = "sh", .id = "aa"}, {.pid = 1, .name = "sh", .id = "aa"}, true},
        {{.pid = 1, .name = "sh", .id = "aa"}, {.pid = 1, .name = "sh", .id = "bb"}, false},
        {{.pid = 1, .name = "sh", .id = "aa"}, {.pid = 1, .name = "sh"}, false},
        {{.pid = 1, .name = "sh", .id = "aa"}, {.pid = 2, .name = "sh", .id = "aa"}, false},
        /* It executed another program. */
        {{.pid = 1, .name = "sh", .id = "aa"}, {.pid = 1, .name = "app", .id = "aa"}, true},
        {{.pid = 1, .name = "sh"}, {.pid = 1, .name = "app"}, false},
        {{.pid = 1, .name = "sh"}, {.pid = 1, .name = "sh"}, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result_container before = rows[i].before;
        struct result_container after = rows[i].after;
        size_t count = 9;
        struct serve_change *changes = changes_of(&before, 1, &after, 1, &count);
        cr_expect_eq(count, rows[i].is_same ? 0 : 2, "%zu", i);
        free(changes);
    }
}
