/*
 * What the system calls say. See witness.h.
 *
 * A filter may also lie: SECCOMP_RET_ERRNO with errno 0 makes a call "succeed" without being
 * executed, and capget(2) would then show empty sets. So each call is first made with an argument
 * that the kernel must refuse; one that is not refused is answered by a filter.
 */
#include "probes/witness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/libcap_start.h"
#include "probes/throwaway.h"

/* What the child writes. */
struct answers {
    int code[WITNESS_CALLS]; /* 0: answered; else an errno value, or LIED */
    struct witness witness;
    gid_t groups[WITNESS_GROUPS_MAX];
};

enum { LIED = -1 };

/* 0 where a call that must fail with code did so, else what stands in the way. */
static int refused_with(long result, int code)
{
    if (result >= 0)
        return LIED;
    return errno == code ? 0 : errno;
}

/* Expected: EINVAL, since unused arguments must be zero (prctl(2)). */
static int prctl_is_genuine(void)
{
    return refused_with(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
}

/*
 * A process that is killed for the next calls leaves no core, not even to a program that the kernel
 * would give it to (core(5)): the limit does not hold for those.
 */
static int ask_dumpable(struct answers *out)
{
    int code = prctl_is_genuine();

    out->witness.is_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    if (code == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        code = errno;
    return code;
}

static int ask_uids(struct answers *out)
{
    uid_t *uid = out->witness.uid;

    uid[0] = uid[1] = uid[2] = (uid_t)-1; /* no process has this id: it shows a lie */
    if (getresuid(&uid[0], &uid[1], &uid[2]) < 0)
        return errno;
    return uid[0] == (uid_t)-1 ? LIED : 0;
}

static int ask_gids(struct answers *out)
{
    gid_t *gid = out->witness.gid;

    gid[0] = gid[1] = gid[2] = (gid_t)-1;
    if (getresgid(&gid[0], &gid[1], &gid[2]) < 0)
        return errno;
    return gid[0] == (gid_t)-1 ? LIED : 0;
}

static int ask_groups(struct answers *out)
{
    int code = refused_with(syscall(SYS_getgroups, -1, NULL), EINVAL);

    if (code != 0)
        return code;
    int count = getgroups(WITNESS_GROUPS_MAX, out->groups);
    if (count < 0)
        return errno;
    out->witness.group_count = (size_t)count;
    return 0;
}

static uint64_t flag_bits(cap_t state, cap_flag_t flag)
{
    uint64_t bits = 0;

    for (cap_value_t cap = 0; cap < 64; cap++) {
        cap_flag_value_t value = CAP_CLEAR;
        if (cap_get_flag(state, cap, flag, &value) == 0 && value == CAP_SET)
            bits |= UINT64_C(1) << cap;
    }
    return bits;
}

static int ask_capabilities(struct answers *out)
{
    /* Expected: EINVAL, and nothing else happens: capget(2) only reads. */
    struct __user_cap_header_struct header = {.version = 0};
    struct __user_cap_data_struct data[2];
    int code = refused_with(syscall(SYS_capget, &header, data), EINVAL);

    if (code != 0)
        return code;
    cap_t state = cap_get_proc();
    if (state == NULL)
        return errno;
    out->witness.effective = flag_bits(state, CAP_EFFECTIVE);
    out->witness.permitted = flag_bits(state, CAP_PERMITTED);
    out->witness.inheritable = flag_bits(state, CAP_INHERITABLE);
    (void)cap_free(state);
    return 0;
}

/* Asks get for each capability until the kernel knows no more (EINVAL). */
static int ask_each(int (*get)(cap_value_t), uint64_t *bits)
{
    int code = prctl_is_genuine();

    *bits = 0;
    for (cap_value_t cap = 0; cap < 64 && code == 0; cap++) {
        int value = get(cap);
        if (value < 0)
            return errno == EINVAL && cap > 0 ? 0 : errno;
        if (value > 0)
            *bits |= UINT64_C(1) << cap;
    }
    return code;
}

static int ask_bounding(struct answers *out)
{
    return ask_each(libcap_get_bound, &out->witness.bounding);
}

static int ask_ambient(struct answers *out)
{
    return ask_each(cap_get_ambient, &out->witness.ambient);
}

static int ask_no_new_privs(struct answers *out)
{
    int code = prctl_is_genuine();
    int value = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

    if (code != 0)
        return code;
    out->witness.no_new_privs = value == 1;
    return value < 0 ? errno : 0;
}

static int ask_seccomp(struct answers *out)
{
    int code = prctl_is_genuine();
    int value = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

    if (code != 0)
        return code;
    out->witness.seccomp_mode = value;
    return value < 0 ? errno : 0;
}

static int ask_uname(struct answers *out)
{
    out->witness.uname.sysname[0] = '\0';
    if (uname(&out->witness.uname) < 0)
        return errno;
    return out->witness.uname.sysname[0] == '\0' ? LIED : 0;
}

static int ask_openat2(struct answers *out)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC};

    (void)out;
    /* Expected: EINVAL for a structure that is too small; then open "/". */
    int code = refused_with(syscall(SYS_openat2, AT_FDCWD, "/", &how, 0), EINVAL);
    if (code != 0)
        return code;
    return syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how) >= 0 ? 0 : errno;
}

static int ask_faccessat2(struct answers *out)
{
    (void)out;
    /* Expected: EINVAL for a mode that does not exist; then leave to look at "/". */
    int code = refused_with(syscall(SYS_faccessat2, AT_FDCWD, "/", 0xFF, AT_EACCESS), EINVAL);
    if (code != 0)
        return code;
    return syscall(SYS_faccessat2, AT_FDCWD, "/", F_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static int ask_fstatfs(struct answers *out)
{
    struct statfs buffer;

    (void)out;
    return refused_with(fstatfs(-1, &buffer), EBADF);
}

static int ask_statx(struct answers *out)
{
    struct statx status;

    (void)out;
    return refused_with(statx(-1, "", AT_EMPTY_PATH, STATX_TYPE, &status), EBADF);
}

static int ask_getdents(struct answers *out)
{
    char entry[sizeof(struct dirent64)];

    (void)out;
    return refused_with(getdents64(-1, entry, sizeof entry), EBADF);
}

static int ask_sysinfo(struct answers *out)
{
    struct sysinfo info = {0}; /* no machine has a unit of 0: it shows a lie */

    if (sysinfo(&info) < 0)
        return errno;
    out->witness.memory = (uint64_t)info.totalram * info.mem_unit;
    return info.mem_unit == 0 ? LIED : 0;
}

static int (*const askers[WITNESS_CALLS])(struct answers *) = {
    [WITNESS_DUMPABLE] = ask_dumpable,
    [WITNESS_UIDS] = ask_uids,
    [WITNESS_GIDS] = ask_gids,
    [WITNESS_GROUPS] = ask_groups,
    [WITNESS_CAPABILITIES] = ask_capabilities,
    [WITNESS_BOUNDING] = ask_bounding,
    [WITNESS_AMBIENT] = ask_ambient,
    [WITNESS_NO_NEW_PRIVS] = ask_no_new_privs,
    [WITNESS_SECCOMP] = ask_seccomp,
    [WITNESS_UNAME] = ask_uname,
    [WITNESS_OPENAT2] = ask_openat2,
    [WITNESS_FACCESSAT2] = ask_faccessat2,
    [WITNESS_FSTATFS] = ask_fstatfs,
    [WITNESS_STATX] = ask_statx,
    [WITNESS_GETDENTS] = ask_getdents,
    [WITNESS_SYSINFO] = ask_sysinfo,
};

static const char *const call_names[WITNESS_CALLS] = {
    [WITNESS_DUMPABLE] = "prctl(PR_SET_DUMPABLE)",
    [WITNESS_UIDS] = "getresuid(2)",
    [WITNESS_GIDS] = "getresgid(2)",
    [WITNESS_GROUPS] = "getgroups(2)",
    [WITNESS_CAPABILITIES] = "capget(2)",
    [WITNESS_BOUNDING] = "prctl(PR_CAPBSET_READ)",
    [WITNESS_AMBIENT] = "prctl(PR_CAP_AMBIENT)",
    [WITNESS_NO_NEW_PRIVS] = "prctl(PR_GET_NO_NEW_PRIVS)",
    [WITNESS_SECCOMP] = "prctl(PR_GET_SECCOMP)",
    [WITNESS_UNAME] = "uname(2)",
    [WITNESS_OPENAT2] = "openat2(2)",
    [WITNESS_FACCESSAT2] = "faccessat2(2)",
    [WITNESS_FSTATFS] = "fstatfs(2)",
    [WITNESS_STATX] = "statx(2)",
    [WITNESS_GETDENTS] = "getdents64(2)",
    [WITNESS_SYSINFO] = "sysinfo(2)",
};

static void ask_step(size_t index, void *shared, const void *context)
{
    struct answers *answers = shared;

    (void)context;
    answers->code[index] = askers[index](answers);
}

/*
 * Where no child can be made (pids.max is reached), these calls are made here all the same: the
 * start-up code of ordinary programs makes most of them, so no filter that lets programs run kills
 * for them, and /proc cannot be trusted without fstatfs(2).
 */
static bool is_ordinary(size_t call)
{
    return call == WITNESS_UIDS || call == WITNESS_GIDS || call == WITNESS_GROUPS ||
           call == WITNESS_UNAME || call == WITNESS_FSTATFS;
}

static void ask_without_child(struct answers *answers, struct step_result *results)
{
    for (size_t i = 0; i < WITNESS_CALLS; i++) {
        if (results[i].end != STEP_NOT_RUN || !is_ordinary(i))
            continue;
        ask_step(i, answers, NULL);
        results[i].end = STEP_DONE;
    }
}

static void explain(struct witness *out, size_t call, struct step_result result, int code)
{
    char words[96];
    char name[16];
    const char *why = NULL;

    if (result.end != STEP_DONE)
        why = step_words(result, words);
    else if (code == LIED)
        why = "a seccomp filter answers it in the kernel's place";
    else
        why = error_name(code, name);
    (void)snprintf(out->reason[call], WITNESS_REASON_MAX, "%s: %s", call_names[call], why);
}

void witness_ask(struct witness *out)
{
    struct step_result results[WITNESS_CALLS] = {0};
    struct answers *answers = throwaway_share_light(sizeof *answers);

    *out = (struct witness){0};
    if (answers == NULL) {
        for (size_t i = 0; i < WITNESS_CALLS; i++)
            explain(out, i, (struct step_result){.end = STEP_NOT_RUN, .code = errno}, 0);
        return;
    }
    struct throwaway_job job = {
        .count = WITNESS_CALLS, .step = ask_step, .shared = answers, .results = results};
    throwaway_run_light(&job, 1);
    ask_without_child(answers, results);
    *out = answers->witness;
    for (size_t i = 0; i < WITNESS_CALLS; i++) {
        out->answered[i] = results[i].end == STEP_DONE && answers->code[i] == 0;
        if (!out->answered[i])
            explain(out, i, results[i], answers->code[i]);
    }
    /* The memory that may not be dumped is this process's, too. */
    if (out->answered[WITNESS_DUMPABLE] && out->is_dumpable)
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (!out->answered[WITNESS_GROUPS])
        out->group_count = 0;
    out->groups = mem_new(out->group_count, sizeof *out->groups);
    memcpy(out->groups, answers->groups, out->group_count * sizeof *out->groups);
    throwaway_unshare(answers, sizeof *answers);
}

void witness_free(struct witness *witness)
{
    free(witness->groups);
    witness->groups = NULL;
}
