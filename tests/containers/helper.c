/*
 * What the container tests need inside a container and busybox lacks. Each use ends by executing
 * the program that follows it:
 *
 *   helper filter ACTION CALL PROGRAM...   load a seccomp filter that answers CALL with ACTION
 *   helper admin-filter ACTION CALL PROGRAM...   the same by CAP_SYS_ADMIN, without no_new_privs
 *   helper mounts COUNT PROGRAM...         make COUNT bind mounts below /tmp, some oddly named
 *   helper noproc UID PROGRAM...           unmount /proc, become the user UID
 *   helper kill COUNT PROGRAM...           run PROGRAM COUNT times, killing it at random instants
 *   helper native CALL PROGRAM...          load a filter that refuses CALL by x86-64 only
 *   helper signals PROGRAM...              block and ignore SIGSYS and SIGCHLD
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned int number;
} calls[] = {
    {"prctl", SYS_prctl},           {"openat2", SYS_openat2},       {"statx", SYS_statx},
    {"capget", SYS_capget},         {"faccessat2", SYS_faccessat2}, {"fstatfs", SYS_fstatfs},
    {"getresuid", SYS_getresuid},   {"getgroups", SYS_getgroups},   {"uname", SYS_uname},
    {"readlinkat", SYS_readlinkat}, {"getpid", SYS_getpid},         {"clone", SYS_clone},
    {"umount2", SYS_umount2},       {"mount", SYS_mount},           {"getuid", SYS_getuid},
    {"getdents64", SYS_getdents64}, {"capset", SYS_capset},
};

static const struct {
    const char *name;
    unsigned int value;
} actions[] = {
    {"kill-process", SECCOMP_RET_KILL_PROCESS},
    {"kill-thread", SECCOMP_RET_KILL_THREAD},
    {"trap", SECCOMP_RET_TRAP},
    {"lie", SECCOMP_RET_ERRNO},
    {"eperm", SECCOMP_RET_ERRNO | EPERM},
    {"enosys", SECCOMP_RET_ERRNO | ENOSYS},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(125);
}

static unsigned int find_call(const char *name)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].number;
    }
    die(name);
}

static unsigned int find_action(const char *name)
{
    for (size_t i = 0; i < COUNT(actions); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].value;
    }
    die(name);
}

static void load_code(struct sock_filter *code, unsigned short length, bool is_admin)
{
    struct sock_fprog program = {.len = length, .filter = code};

    if (!is_admin && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        die("no_new_privs");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        die("seccomp");
}

static void load_filter(unsigned int action, unsigned int call, bool is_admin)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };

    load_code(code, COUNT(code), is_admin);
}

/* The mistake: other architectures, and numbers with the bit of x32, are let through. */
static void load_native_filter(unsigned int call)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };

    load_code(code, COUNT(code), false);
}

static void spoil_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGSYS);
    (void)sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGSYS, SIG_IGN) == SIG_ERR ||
        signal(SIGCHLD, SIG_IGN) == SIG_ERR)
        die("signals");
}

static void make_mounts(long count)
{
    static const char *const odd[] = {"/tmp/a b",      "/tmp/a\nb",     "/tmp/a\\b",
                                      "/tmp/\xff\xfe", "/tmp/\033[31m", "/tmp/#"};
    char path[64];

    for (long i = 0; i < count; i++) {
        const char *name = path;
        (void)snprintf(path, sizeof path, "/tmp/%ld", i);
        if (i < (long)COUNT(odd))
            name = odd[i];
        if (mkdir(name, 0755) < 0 || mount("/etc", name, NULL, MS_BIND, NULL) < 0)
            die("mount");
    }
}

static void leave_proc(uid_t user)
{
    if (umount2("/proc", MNT_DETACH) < 0)
        die("umount");
    if (setgid(user) < 0 || setuid(user) < 0)
        die("setuid");
}

static void kill_once(char **program)
{
    struct timespec pause = {.tv_nsec = random() % 3000000};
    pid_t child = fork();

    if (child < 0)
        die("fork");
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            die("/dev/null");
        execv(program[0], program);
        die("exec");
    }
    (void)nanosleep(&pause, NULL);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    if (argc > 4 && strcmp(argv[1], "filter") == 0) {
        load_filter(find_action(argv[2]), find_call(argv[3]), false);
        execv(argv[4], argv + 4);
    } else if (argc > 4 && strcmp(argv[1], "admin-filter") == 0) {
        load_filter(find_action(argv[2]), find_call(argv[3]), true);
        execv(argv[4], argv + 4);
    } else if (argc > 3 && strcmp(argv[1], "mounts") == 0) {
        make_mounts(strtol(argv[2], NULL, 10));
        execv(argv[3], argv + 3);
    } else if (argc > 3 && strcmp(argv[1], "noproc") == 0) {
        leave_proc((uid_t)strtoul(argv[2], NULL, 10));
        execv(argv[3], argv + 3);
    } else if (argc > 3 && strcmp(argv[1], "native") == 0) {
        load_native_filter(find_call(argv[2]));
        execv(argv[3], argv + 3);
    } else if (argc > 2 && strcmp(argv[1], "signals") == 0) {
        spoil_signals();
        execv(argv[2], argv + 2);
    } else if (argc > 3 && strcmp(argv[1], "kill") == 0) {
        srandom(7);
        for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
            kill_once(argv + 3);
        return 0;
    }
    die("helper");
}
