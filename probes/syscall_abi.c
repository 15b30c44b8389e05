/*
 * The second ABIs. See syscall_abi.h.
 *
 * Whether the kernel has i386 at all shows before any filter is asked: int $0x80 faults where it
 * has not. For x32 filters come first, and the kernel's own answer is had by executing getpid(2).
 */
#include "probes/syscall_abi.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/syscall_filter.h"
#include "probes/syscall_name.h"
#include "probes/syscall_relatives.h"
#include "probes/syscall_stub.h"
#include "probes/throwaway.h"

enum { X32_BIT = SYSCALL_X32_BIT, SAMPLE = 5, SAMPLES = SAMPLE * SYSCALL_ABIS };
enum { CALLS_MAX = 512 }; /* the numbers of what has relatives, which are old calls, are below */

/* A call that no ABI has, then calls that every program may make, and that cannot harm. */
static const int samples_of[SYSCALL_ABIS][SAMPLE] = {
    [SYSCALL_ABI_I386] = {SYSCALL_FILTER_PROOF, 20, 24, 158, 224},
    [SYSCALL_ABI_X32] = {SYSCALL_FILTER_PROOF | X32_BIT, X32_BIT | SYS_getpid, X32_BIT | SYS_getuid,
                         X32_BIT | SYS_sched_yield, X32_BIT | SYS_gettid},
};
static const char *const sample_names[SAMPLE] = {NULL, "getpid", "getuid", "sched_yield", "gettid"};

static bool is_plain(const struct syscall_native *native)
{
    return native->name == native->call;
}

static void add(struct syscall_abi_questions *all, const char *name,
                struct syscall_question question)
{
    if (question.number < 0)
        return; /* the ABI has no such call */
    all->questions =
        mem_grow(all->questions, all->count, &all->question_capacity, sizeof *all->questions);
    all->names = mem_grow(all->names, all->count, &all->name_capacity, sizeof *all->names);
    all->questions[all->count] = question;
    all->names[all->count++] = name;
}

/*
 * Calls that no Linux has had since 3.1, or ever: the kernel answers ENOSYS, so that a filter which
 * lets them through by another ABI opens nothing, and in a virtual machine int $0x80 is dear.
 */
static bool is_dead(const char *name)
{
    static const char *const names[] = {"afs_syscall",  "create_module", "get_kernel_syms",
                                        "getpmsg",      "nfsservctl",    "putpmsg",
                                        "query_module", "vserver"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/*
 * By i386, the call and its relatives. Of the families of sockets, netlink is left out: that
 * socketcall(2) lets it through, whatever its protocol, is no loss.
 */
static void add_i386(struct syscall_abi_questions *all, const struct syscall_native *native,
                     const struct syscall_relative *relative, struct syscall_question like)
{
    const long *arguments = native->question.arguments;
    bool is_netlink = arguments != NULL && arguments[0] == AF_NETLINK;

    if (is_dead(native->name))
        return;
    like.is_i386 = true;
    like.number = native->i386;
    add(all, native->name, like);
    if (relative == NULL || (!is_plain(native) && (relative->part[0] == 0 || is_netlink)))
        return;
    like.number = syscall_number_i386(relative->i386);
    like.arguments = relative->part;
    add(all, relative->i386, like);
}

/* By the number of the native call, which has one relative or none. */
static void map_relatives(const struct syscall_relative *map[static CALLS_MAX])
{
    size_t count = 0;
    const struct syscall_relative *relatives = syscall_relatives(&count);

    for (size_t i = 0; i < count; i++) {
        if (relatives[i].native < CALLS_MAX)
            map[relatives[i].native] = &relatives[i];
    }
}

static int compare_names(const void *name, const void *native)
{
    return strcmp(name, ((const struct syscall_native *)native)->name);
}

/*
 * The place, counted from 1, of the question about the same call without arguments; 0: there is
 * none. Of the native ones the plain come first, sorted by name: so many.
 */
static size_t plain_place(const struct syscall_native *native, size_t plain, const char *call)
{
    const struct syscall_native *found =
        bsearch(call, native, plain, sizeof *native, compare_names);

    return found == NULL ? 0 : (size_t)(found - native) + 1;
}

void syscall_abi_prepare(const struct syscall_native *native, size_t count,
                         struct syscall_abi_questions *out)
{
    const struct syscall_relative *relatives[CALLS_MAX] = {0};
    size_t plain = 0;

    map_relatives(relatives);
    while (plain < count && is_plain(&native[plain]))
        plain++;
    for (size_t i = 0; i < SAMPLES; i++)
        add(out, NULL,
            (struct syscall_question){.number = samples_of[i / SAMPLE][i % SAMPLE],
                                      .is_i386 = i / SAMPLE == SYSCALL_ABI_I386,
                                      .is_safe = true});
    for (size_t i = 0; i < count; i++) {
        struct syscall_question like = native[i].question;
        like.unless_allowed = (unsigned short)(i + 1);
        /* What is refused whatever its arguments was asked about as such. */
        if (!is_plain(&native[i]))
            like.unless_denied = (unsigned short)plain_place(native, plain, native[i].call);
        add_i386(out, &native[i], like.number < CALLS_MAX ? relatives[like.number] : NULL, like);
    }
}

/*
 * Whether the filters refuse the ABI as a whole, by KILL or TRAP: a call that nobody can have
 * listed, and calls that they let through natively. A profile names calls for all of its ABIs at
 * once, so that no other can be let through; and each more that is asked about would cost a child,
 * and a line in the kernel's log.
 */
static bool is_closed(const struct syscall_answer *samples, const struct syscall_native *native,
                      size_t count)
{
    size_t allowed = 0;

    for (size_t i = 0; i < SAMPLE; i++) {
        if (samples[i].action != SYSCALL_KILL && samples[i].action != SYSCALL_TRAP)
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 1; k < SAMPLE; k++) {
            if (native[i].answer.action == SYSCALL_ALLOW &&
                strcmp(native[i].name, sample_names[k]) == 0)
                allowed++;
        }
    }
    return allowed >= 2;
}

static bool has_answer(const struct syscall_answer *samples, size_t first,
                       enum syscall_action action)
{
    for (size_t i = first; i < SAMPLE; i++) {
        if (samples[i].action == action)
            return true;
    }
    return false;
}

/*
 * Executes one of the calls that cannot harm, which the filters let through: by libc, so that our
 * filter would not be asked. Expected: a result, or ENOSYS where the kernel has no x32.
 */
static bool is_x32_found(const struct syscall_answer *samples)
{
    size_t i = 1;

    while (samples[i].action != SYSCALL_ALLOW)
        i++;
    return syscall(samples_of[SYSCALL_ABI_X32][i]) >= 0 || errno != ENOSYS;
}

/* What the samples say. REACHABLE and UNKNOWN: there is more to ask. */
static struct syscall_abi judge_samples(size_t abi, const struct syscall_answer *samples,
                                        const struct syscall_native *native, size_t count)
{
    if (has_answer(samples, 0, SYSCALL_FAULT))
        return (struct syscall_abi){.state = SYSCALL_ABI_ABSENT};
    if (is_closed(samples, native, count))
        return (struct syscall_abi){.state = SYSCALL_ABI_BLOCKED,
                                    .is_compared = true,
                                    .detail = "the seccomp filter kills or traps whatever calls"};
    /* Our filter was not heard once behind this instruction: nothing else was asked about. */
    if (abi == SYSCALL_ABI_I386 && !has_answer(samples, 0, SYSCALL_ALLOW))
        return (struct syscall_abi){.reason = "it could not be proved that calls of this ABI are "
                                              "not executed"};
    if (!has_answer(samples, 1, SYSCALL_ALLOW))
        return (struct syscall_abi){.is_compared = true};
    if (abi == SYSCALL_ABI_X32 && !is_x32_found(samples))
        return (struct syscall_abi){.state = SYSCALL_ABI_ABSENT};
    return (struct syscall_abi){.state = SYSCALL_ABI_REACHABLE, .is_compared = true};
}

/* By x32, what is refused natively: most kernels have no x32, so this is asked only now. */
static bool compare_x32(const struct syscall_native *native, size_t count, struct strset *looser,
                        struct error *err)
{
    CLEANUP(syscall_abi_questions_free) struct syscall_abi_questions all = {0};

    for (size_t i = 0; i < count; i++) {
        struct syscall_question question = native[i].question;
        question.number = syscall_number_x32(native[i].call);
        if (native[i].answer.action != SYSCALL_ALLOW)
            add(&all, native[i].name, question);
    }
    struct syscall_answer *answers = mem_new(all.count, sizeof *answers);
    bool ok = all.count == 0 || syscall_policy_read(all.questions, all.count, answers, err);
    for (size_t i = 0; i < all.count && ok; i++) {
        if (answers[i].action == SYSCALL_ALLOW)
            strset_add(looser, all.names[i]);
    }
    free(answers);
    return ok;
}

/* No sample was let through; whether something else was is known now. */
static void settle(size_t abi, struct syscall_abi *result)
{
    if (result->looser.count == 0)
        result->state = SYSCALL_ABI_BLOCKED;
    else if (abi == SYSCALL_ABI_I386)
        result->state = SYSCALL_ABI_REACHABLE;
    else
        result->reason = "the filters let calls of it through, but none that shows without harm "
                         "whether the kernel has it";
}

bool syscall_abi_compare(const struct syscall_native *native, size_t count,
                         const struct syscall_abi_questions *questions,
                         const struct syscall_answer *answers, struct syscall_abi *abis,
                         struct error *err)
{
    struct syscall_abi *x32 = &abis[SYSCALL_ABI_X32];

    for (size_t i = 0; i < SYSCALL_ABIS; i++)
        abis[i] = judge_samples(i, answers + i * SAMPLE, native, count);
    for (size_t i = SAMPLES; i < questions->count; i++) {
        if (answers[i].action == SYSCALL_ALLOW)
            strset_add(&abis[SYSCALL_ABI_I386].looser, questions->names[i]);
    }
    if (x32->is_compared && x32->state != SYSCALL_ABI_BLOCKED &&
        !compare_x32(native, count, &x32->looser, err))
        return false;
    for (size_t i = 0; i < SYSCALL_ABIS; i++) {
        if (abis[i].state == SYSCALL_ABI_UNKNOWN && abis[i].is_compared)
            settle(i, &abis[i]);
    }
    return true;
}

/* Expected: the process id; ENOSYS or SIGSEGV, where the kernel does not have the ABI. */
static void find_step(size_t index, void *shared, const void *context)
{
    volatile long *results = shared;

    (void)context;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (index == SYSCALL_ABI_I386)
        results[index] = syscall_stub_i386(samples_of[index][1], 0, 0, 0, 0, 0, 0);
    else
        results[index] = syscall(samples_of[index][1]) < 0 ? -errno : 1;
}

static struct syscall_abi judge_step(struct step_result step, long result)
{
    bool is_done = step.end == STEP_DONE;

    if ((step.end == STEP_KILLED && step.code == SIGSEGV) || (is_done && result == -ENOSYS))
        return (struct syscall_abi){.state = SYSCALL_ABI_ABSENT};
    if (is_done && result > 0)
        return (struct syscall_abi){.state = SYSCALL_ABI_REACHABLE, .is_compared = true};
    /* gVisor takes int $0x80 for a native call: by that number, an empty writev(2). */
    return (struct syscall_abi){.reason = is_done ? "a call by it is answered as no Linux does"
                                                  : "no child process could try it",
                                .is_compared = true};
}

void syscall_abi_find(struct syscall_abi *abis)
{
    struct step_result steps[SYSCALL_ABIS] = {0};
    long *results = throwaway_share(SYSCALL_ABIS * sizeof *results);

    if (results != NULL)
        throwaway_run(SYSCALL_ABIS, find_step, results, NULL, steps);
    for (size_t i = 0; i < SYSCALL_ABIS; i++)
        abis[i] = judge_step(steps[i], results == NULL ? 0 : results[i]);
    throwaway_unshare(results, SYSCALL_ABIS * sizeof *results);
}

#else

void syscall_abi_prepare(const struct syscall_native *native, size_t count,
                         struct syscall_abi_questions *out)
{
    (void)native;
    (void)count;
    (void)out;
}

bool syscall_abi_compare(const struct syscall_native *native, size_t count,
                         const struct syscall_abi_questions *questions,
                         const struct syscall_answer *answers, struct syscall_abi *abis,
                         struct error *err)
{
    (void)native;
    (void)count;
    (void)questions;
    (void)answers;
    (void)err;
    syscall_abi_find(abis);
    return true;
}

void syscall_abi_find(struct syscall_abi *abis)
{
    for (size_t i = 0; i < SYSCALL_ABIS; i++)
        abis[i] = (struct syscall_abi){.state = SYSCALL_ABI_ABSENT};
}
#endif

void syscall_abi_questions_free(struct syscall_abi_questions *questions)
{
    free(questions->questions);
    free(questions->names);
}

static const char *const names[] = {
    [SYSCALL_ABI_I386] = "i386", [SYSCALL_ABI_X32] = "x32", [SYSCALL_ABIS] = NULL};

const struct vocabulary syscall_abi_vocabulary = {.name = "ABI", .words = names};

const char *syscall_abi_name(size_t abi)
{
    return names[abi];
}
