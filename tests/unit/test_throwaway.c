/*
 * Steps in a throw-away child.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/throwaway.h"

enum { STEPS = 5 };

/* Steps 1 and 3 die; the others say who they are. */
static void some_die(size_t index, void *shared, const void *context)
{
    (void)context;
    if (index == 1)
        (void)raise(SIGSYS);
    if (index == 3)
        (void)raise(SIGKILL);
    ((pid_t *)shared)[index] = getpid();
}

Test(throwaway, a_step_that_dies_costs_only_itself)
{
    pid_t *pids = throwaway_share(STEPS * sizeof *pids);
    struct step_result results[STEPS] = {0};
    char words[96];

    throwaway_run(STEPS, some_die, pids, NULL, results);
    for (size_t i = 0; i < STEPS; i++) {
        bool dies = i == 1 || i == 3;
        cr_expect_eq(results[i].end, dies ? STEP_KILLED : STEP_DONE, "%zu", i);
        cr_expect_eq(pids[i] == 0, dies, "%zu", i);
        cr_expect_neq(pids[i], getpid());
    }
    cr_expect_str_eq(step_words(results[1], words), "a seccomp filter killed the attempt");
    cr_expect_str_eq(step_words(results[3], words), "the attempt was killed by signal 9");
    throwaway_unshare(pids, STEPS * sizeof *pids);
}

Test(throwaway, no_child_is_left)
{
    pid_t *pids = throwaway_share(STEPS * sizeof *pids);
    struct step_result results[STEPS];

    throwaway_run(STEPS, some_die, pids, NULL, results);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
    throwaway_unshare(pids, STEPS * sizeof *pids);
}

static void hang(size_t index, void *shared, const void *context)
{
    (void)context;
    (void)shared;
    if (index == 0)
        (void)pause();
}

Test(throwaway, a_step_that_hangs_is_ended)
{
    struct step_result results[2] = {0};
    char words[96];

    throwaway_run(2, hang, NULL, NULL, results);
    cr_expect_eq(results[0].end, STEP_KILLED);
    cr_expect_eq(results[0].code, SIGALRM);
    cr_expect(strstr(step_words(results[0], words), "did not end") != NULL, "%s", words);
    cr_expect_eq(results[1].end, STEP_DONE);
}
