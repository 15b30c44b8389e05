/*
 * The second pass. See syscall_notify.h.
 *
 * Two processes share a table of descriptors: the target loads the filter, whose listener is a
 * descriptor, and makes the calls; the listener answers each. Neither executes any of them.
 */
#include "probes/syscall_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/syscall_filter.h"
#include "probes/syscall_stub.h"
#include "probes/throwaway.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
enum { SYNC_WAKE_UP = 1 }; /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */

struct second_pass {
    volatile int listener; /* the descriptor, or a negative errno value */
    volatile bool is_done;
    size_t count;
    bool *allowed; /* in shared memory, behind this */
};

struct asking {
    const struct syscall_question *const *questions;
    int ready[2]; /* a pipe: the target says when there is a listener, and when it is done */
};

static void say(const struct asking *asking)
{
    ssize_t ignored = write(asking->ready[1], "", 1);
    (void)ignored;
}

static _Noreturn void be_target(const struct asking *asking, struct second_pass *pass)
{
    pass->listener = syscall_filter_load(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    say(asking);
    for (size_t i = 0; i < pass->count && pass->listener >= 0; i++) {
        const long *arguments = asking->questions[i]->arguments;
        pass->allowed[i] =
            syscall_stub(asking->questions[i]->number, arguments[0], arguments[1], arguments[2],
                         arguments[3], arguments[4], arguments[5]) == -SYSCALL_FILTER_MARK;
    }
    say(asking);
    _exit(0);
}

/* Answers one call. The buffers are larger than any kernel's structures are today. */
static void answer_one(int listener)
{
    union {
        struct seccomp_notif request;
        char room[512];
    } received;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } sent;

    memset(&received, 0, sizeof received);
    memset(&sent, 0, sizeof sent);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received) < 0)
        return;
    sent.response.id = received.request.id;
    sent.response.error = -SYSCALL_FILTER_MARK;
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &sent);
}

static void listen(const struct asking *asking, struct second_pass *pass)
{
    struct pollfd events[2] = {{.fd = asking->ready[0], .events = POLLIN}, {.events = POLLIN}};
    char byte = 0;

    if (read(asking->ready[0], &byte, 1) != 1 || pass->listener < 0)
        return;
    events[1].fd = pass->listener;
    (void)ioctl(pass->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
    while (poll(events, 2, -1) >= 0) {
        if ((events[1].revents & POLLIN) != 0) {
            answer_one(pass->listener);
        } else if (events[0].revents != 0) {
            pass->is_done = true;
            return;
        }
    }
}

/* Both on one processor: each waits for the other anyway, and a switch is cheaper than a wake-up.
 */
static void stay_on_one_processor(void)
{
    cpu_set_t set;
    int current = sched_getcpu();

    CPU_ZERO(&set);
    if (current < 0)
        return;
    CPU_SET((unsigned int)current, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void notify_step(size_t index, void *shared, const void *context)
{
    struct asking asking = *(const struct asking *)context;
    struct second_pass *pass = shared;

    (void)index;
    stay_on_one_processor();
    if (pipe2(asking.ready, O_CLOEXEC) < 0) {
        pass->listener = -errno;
        return;
    }
    long target = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (target == 0)
        be_target(&asking, pass);
    if (target < 0) {
        pass->listener = -errno;
        return;
    }
    listen(&asking, pass);
    (void)waitpid((pid_t)target, NULL, 0);
}

bool syscall_notify(const struct syscall_question *const *questions, size_t count, bool *allowed,
                    struct error *err)
{
    size_t size = sizeof(struct second_pass) + count * sizeof(bool);
    struct asking asking = {.questions = questions};
    struct step_result step = {0};
    char words[96];
    char name[16];

    if (count == 0)
        return true;
    struct second_pass *pass = throwaway_share(size);
    if (pass == NULL)
        return error_sys(err, "no memory can be shared with a child");
    pass->count = count;
    pass->allowed = (bool *)(pass + 1);
    throwaway_run(1, notify_step, pass, &asking, &step);
    bool ok = step.end == STEP_DONE && pass->is_done;
    if (ok)
        memcpy(allowed, pass->allowed, count * sizeof *allowed);
    else if (step.end != STEP_DONE)
        (void)error_set(err, "the calls cannot be asked about: %s", step_words(step, words));
    else
        (void)error_set(err, "a seccomp listener cannot be had: %s",
                        error_name(-pass->listener, name));
    throwaway_unshare(pass, size);
    return ok;
}
