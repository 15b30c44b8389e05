/*
 * Calls of i386 and their relatives. See syscall_relatives.h. Only x86-64 asks for them.
 */
#if defined(__x86_64__)
#include "probes/syscall_relatives.h"

#include <sys/syscall.h>

static const struct syscall_relative relatives[] = {
    {SYS_chown, "chown32", {0}},
    {SYS_clock_adjtime, "clock_adjtime64", {0}},
    {SYS_clock_getres, "clock_getres_time64", {0}},
    {SYS_clock_gettime, "clock_gettime64", {0}},
    {SYS_clock_nanosleep, "clock_nanosleep_time64", {0}},
    {SYS_clock_settime, "clock_settime64", {0}},
    {SYS_fadvise64, "fadvise64_64", {0}},
    {SYS_fchown, "fchown32", {0}},
    {SYS_fcntl, "fcntl64", {0}},
    {SYS_fstat, "fstat64", {0}},
    {SYS_fstatfs, "fstatfs64", {0}},
    {SYS_ftruncate, "ftruncate64", {0}},
    {SYS_futex, "futex_time64", {0}},
    {SYS_getegid, "getegid32", {0}},
    {SYS_geteuid, "geteuid32", {0}},
    {SYS_getgid, "getgid32", {0}},
    {SYS_getgroups, "getgroups32", {0}},
    {SYS_getresgid, "getresgid32", {0}},
    {SYS_getresuid, "getresuid32", {0}},
    {SYS_getrlimit, "ugetrlimit", {0}},
    {SYS_getuid, "getuid32", {0}},
    {SYS_io_pgetevents, "io_pgetevents_time64", {0}},
    {SYS_lchown, "lchown32", {0}},
    {SYS_lseek, "_llseek", {0}},
    {SYS_lstat, "lstat64", {0}},
    {SYS_mmap, "mmap2", {0}},
    {SYS_mq_timedreceive, "mq_timedreceive_time64", {0}},
    {SYS_mq_timedsend, "mq_timedsend_time64", {0}},
    {SYS_newfstatat, "fstatat64", {0}},
    {SYS_ppoll, "ppoll_time64", {0}},
    {SYS_pselect6, "pselect6_time64", {0}},
    {SYS_recvmmsg, "recvmmsg_time64", {0}},
    {SYS_rt_sigaction, "sigaction", {0}},
    {SYS_rt_sigprocmask, "sigprocmask", {0}},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait_time64", {0}},
    {SYS_sched_rr_get_interval, "sched_rr_get_interval_time64", {0}},
    {SYS_select, "_newselect", {0}},
    {SYS_semtimedop, "semtimedop_time64", {0}},
    {SYS_sendfile, "sendfile64", {0}},
    {SYS_setfsgid, "setfsgid32", {0}},
    {SYS_setfsuid, "setfsuid32", {0}},
    {SYS_setgid, "setgid32", {0}},
    {SYS_setgroups, "setgroups32", {0}},
    {SYS_setpriority, "nice", {0}},
    {SYS_setregid, "setregid32", {0}},
    {SYS_setresgid, "setresgid32", {0}},
    {SYS_setresuid, "setresuid32", {0}},
    {SYS_setreuid, "setreuid32", {0}},
    {SYS_settimeofday, "stime", {0}},
    {SYS_setuid, "setuid32", {0}},
    {SYS_stat, "stat64", {0}},
    {SYS_statfs, "statfs64", {0}},
    {SYS_timer_gettime, "timer_gettime64", {0}},
    {SYS_timer_settime, "timer_settime64", {0}},
    {SYS_timerfd_gettime, "timerfd_gettime64", {0}},
    {SYS_timerfd_settime, "timerfd_settime64", {0}},
    {SYS_truncate, "truncate64", {0}},
    {SYS_umount2, "umount", {0}},
    {SYS_utimensat, "utimensat_time64", {0}},
    {SYS_wait4, "waitpid", {0}},
    {SYS_socket, "socketcall", {1}},
    {SYS_semget, "ipc", {2}},
    {SYS_msgget, "ipc", {13}},
    {SYS_shmget, "ipc", {23}},
};

const struct syscall_relative *syscall_relatives(size_t *count)
{
    *count = sizeof relatives / sizeof relatives[0];
    return relatives;
}
#endif
