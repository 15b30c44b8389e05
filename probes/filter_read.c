/*
 * Reading the filters of another process. See filter_set.h.
 *
 * The process is stopped between PTRACE_INTERRUPT and PTRACE_DETACH: a few system calls of ours. A
 * tracer that ends in between, for whatever reason, is detached by the kernel, since
 * PTRACE_O_EXITKILL is not set.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "agent/core/mem.h"
#include "probes/bpf.h"
#include "probes/filter_set.h"
#include "probes/throwaway.h"

enum { FILTERS_MAX = 64, INSTRUCTIONS_MAX = 16 * BPF_MAXINSNS };

/* Shared with the child. */
struct reading {
    int code; /* 0, or the errno value of what failed */
    const char *call;
    size_t count;
    unsigned short lengths[FILTERS_MAX];
    struct sock_filter code_of_all[INSTRUCTIONS_MAX]; /* one behind the other */
};

struct subject {
    pid_t pid;
    int directory_fd;
};

static void fail(struct reading *reading, const char *call, int code)
{
    reading->call = call;
    reading->code = code;
}

static void read_filters(pid_t pid, struct reading *reading)
{
    size_t used = 0;

    for (;;) {
        errno = 0;
        long length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (unsigned long)reading->count, NULL);
        if (length < 0 && errno == ENOENT)
            return; /* there are no more */
        if (length < 0) {
            fail(reading, "PTRACE_SECCOMP_GET_FILTER", errno);
            return;
        }
        if (reading->count == FILTERS_MAX || length > BPF_MAXINSNS ||
            used + (size_t)length > INSTRUCTIONS_MAX) {
            fail(reading, "PTRACE_SECCOMP_GET_FILTER", E2BIG);
            return;
        }
        if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (unsigned long)reading->count,
                   &reading->code_of_all[used]) != length) {
            fail(reading, "PTRACE_SECCOMP_GET_FILTER", errno);
            return;
        }
        reading->lengths[reading->count++] = (unsigned short)length;
        used += (size_t)length;
    }
}

/* A stop for a signal keeps the signal from the process unless it is handed on. */
static long signal_of(int status)
{
    return status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
}

static void read_step(size_t index, void *shared, const void *context)
{
    struct reading *reading = shared;
    const struct subject *subject = context;
    struct stat ignored;
    int status = 0;

    (void)index;
    if (ptrace(PTRACE_SEIZE, subject->pid, NULL, NULL) < 0) {
        fail(reading, "PTRACE_SEIZE", errno);
        return;
    }
    /* As long as its directory is there, nobody else has got its number. */
    if (fstatat(subject->directory_fd, "stat", &ignored, 0) < 0) {
        fail(reading, "PTRACE_SEIZE", ESRCH);
        return;
    }
    if (ptrace(PTRACE_INTERRUPT, subject->pid, NULL, NULL) < 0 ||
        waitpid(subject->pid, &status, __WALL) != subject->pid || !WIFSTOPPED(status)) {
        fail(reading, "PTRACE_INTERRUPT", errno == 0 ? ESRCH : errno);
        return;
    }
    read_filters(subject->pid, reading);
    (void)ptrace(PTRACE_DETACH, subject->pid, NULL, signal_of(status));
}

static bool take(const struct reading *reading, struct filter_set *out, struct error *err)
{
    const struct sock_filter *code = reading->code_of_all;

    out->rows = mem_new(reading->count, sizeof *out->rows);
    for (; out->count < reading->count; out->count++) {
        struct filter *filter = &out->rows[out->count];
        filter->length = reading->lengths[out->count];
        filter->code = mem_new(filter->length, sizeof *filter->code);
        memcpy(filter->code, code, filter->length * sizeof *code);
        code += filter->length;
        if (bpf_is_valid(filter->code, filter->length))
            continue;
        out->count++;
        return error_set(err, "a seccomp filter has instructions that are not known");
    }
    return true;
}

bool filter_set_read(pid_t pid, int directory_fd, struct filter_set *out, struct error *err)
{
    struct subject subject = {.pid = pid, .directory_fd = directory_fd};
    struct reading *reading = throwaway_share(sizeof *reading);
    struct step_result result = {0};
    char words[96];
    bool ok = false;

    *out = (struct filter_set){0};
    if (reading == NULL)
        return error_sys(err, "no memory can be shared with a child");
    throwaway_run(1, read_step, reading, &subject, &result);
    if (result.end != STEP_DONE)
        (void)error_set(err, "the seccomp filters cannot be read: %s", step_words(result, words));
    else if (reading->code != 0)
        (void)error_set(err, "the seccomp filters cannot be read: %s: %s", reading->call,
                        strerror(reading->code));
    else
        ok = take(reading, out, err);
    throwaway_unshare(reading, sizeof *reading);
    return ok;
}
