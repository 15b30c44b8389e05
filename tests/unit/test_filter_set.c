/*
 * What several filters answer together, as seccomp(2) orders it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/filter_set.h"

enum { CALL = 7 };

static const struct syscall_question question = {.number = CALL};

/* The answers of two filters, each of one constant: the one loaded last comes first. */
static struct syscall_answer answer_of_two(uint32_t last, uint32_t before)
{
    struct sock_filter codes[] = {BPF_STMT(BPF_RET | BPF_K, last),
                                  BPF_STMT(BPF_RET | BPF_K, before)};
    struct filter rows[] = {{.code = &codes[0], .length = 1}, {.code = &codes[1], .length = 1}};
    struct filter_set set = {.rows = rows, .count = 2};

    return filter_set_answer(&set, &question);
}

Test(filter_set, the_most_restrictive_answer_counts)
{
    /* In the kernel's order. */
    static const struct {
        uint32_t answer;
        enum syscall_action action;
        int code;
    } order[] = {
        {SECCOMP_RET_KILL_PROCESS, SYSCALL_KILL, 0},
        {SECCOMP_RET_KILL_THREAD, SYSCALL_KILL, 0},
        {SECCOMP_RET_TRAP, SYSCALL_TRAP, 0},
        {SECCOMP_RET_ERRNO | EACCES, SYSCALL_ERRNO, EACCES},
        {SECCOMP_RET_USER_NOTIF, SYSCALL_NOTIFY, 0},
        {SECCOMP_RET_TRACE | 5, SYSCALL_ERRNO, ENOSYS},
        {SECCOMP_RET_LOG, SYSCALL_ALLOW, 0},
        {SECCOMP_RET_ALLOW, SYSCALL_ALLOW, 0},
    };
    size_t count = sizeof order / sizeof order[0];

    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            size_t worst = a < b ? a : b;
            struct syscall_answer answer = answer_of_two(order[a].answer, order[b].answer);
            cr_expect_eq(answer.action, order[worst].action, "%zu %zu", a, b);
            cr_expect_eq(answer.code, order[worst].code, "%zu %zu", a, b);
        }
    }
}

Test(filter_set, of_two_errors_that_of_the_last_filter_counts)
{
    cr_expect_eq(answer_of_two(SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO | EACCES).code, EPERM);
}

Test(filter_set, an_action_that_the_kernel_does_not_know_kills)
{
    cr_expect_eq(answer_of_two(0x12340000, SECCOMP_RET_ALLOW).action, SYSCALL_KILL);
}

Test(filter_set, an_error_has_a_limit)
{
    cr_expect_eq(answer_of_two(SECCOMP_RET_ERRNO | 0xFFFF, SECCOMP_RET_ALLOW).code, 4095);
}

Test(filter_set, without_a_filter_all_is_allowed)
{
    struct filter_set none = {0};

    cr_expect_eq(filter_set_answer(&none, &question).action, SYSCALL_ALLOW);
}

Test(filter_set, needless_questions_stay_unasked)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct filter row = {.code = code, .length = sizeof code / sizeof code[0]};
    struct filter_set set = {.rows = &row, .count = 1};
    const struct syscall_question questions[] = {
        {.number = CALL},
        {.number = CALL + 1},
        {.number = CALL, .unless_allowed = 1},
        {.number = CALL, .unless_allowed = 2},
        {.number = CALL + 1, .unless_denied = 1},
        {.number = CALL + 1, .unless_denied = 2},
        {.number = CALL, .is_i386 = true},
    };
    static const enum syscall_action expected[] = {SYSCALL_ERRNO,   SYSCALL_ALLOW,   SYSCALL_ERRNO,
                                                   SYSCALL_UNASKED, SYSCALL_UNASKED, SYSCALL_ALLOW,
                                                   SYSCALL_FAULT};
    struct syscall_answer answers[7];

    filter_set_answer_all(&set, questions, 7, true, answers);
    for (size_t i = 0; i < 7; i++)
        cr_expect_eq(answers[i].action, expected[i], "%zu", i);
    filter_set_answer_all(&set, questions, 7, false, answers);
    cr_expect_eq(answers[6].action, SYSCALL_ERRNO);
}
