/*
 * Groups of system calls. See seccomp_groups.h. Sources: the manual pages, section 2.
 */
#include "agent/seccomp_groups.h"

#define CALLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct seccomp_group groups[] = {
    {"mount", "mounts and root directories",
     CALLS("mount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr", "move_mount",
           "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "statmount", "listmount")},
    {"namespaces", "new processes and namespaces",
     CALLS("unshare", "setns", "clone", "clone3", "fork", "vfork")},
    {"modules", "code for the kernel",
     CALLS("init_module", "finit_module", "delete_module", "create_module", "query_module",
           "get_kernel_syms", "kexec_load", "kexec_file_load")},
    {"bpf", "programs and counters in the kernel",
     CALLS("bpf", "perf_event_open", "userfaultfd", "lookup_dcookie")},
    {"io_uring", "calls past the filter",
     CALLS("io_uring_setup", "io_uring_enter", "io_uring_register")},
    {"keys", "the kernel's keyrings", CALLS("add_key", "request_key", "keyctl")},
    {"clock", "setting the time",
     CALLS("settimeofday", "clock_settime", "clock_adjtime", "adjtimex")},
    {"inspection", "other processes' memory and descriptors",
     CALLS("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp",
           "pidfd_getfd", "move_pages", "migrate_pages")},
    {"machine", "the whole machine",
     CALLS("reboot", "swapon", "swapoff", "acct", "syslog", "quotactl", "quotactl_fd",
           "sethostname", "setdomainname", "vhangup", "ioperm", "iopl", "modify_ldt")},
    {"files", "files past their paths, and device nodes",
     CALLS("open_by_handle_at", "name_to_handle_at", "fanotify_init", "fanotify_mark", "mknod",
           "mknodat")},
    {"identity", "users and capabilities",
     CALLS("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid",
           "setfsgid", "setgroups", "capset")},
    {"network", "sockets",
     CALLS("socket", "socketpair", "bind", "listen", "connect", "accept", "accept4")},
    {"confinement", "the program's own limits",
     CALLS("seccomp", "prctl", "personality", "landlock_create_ruleset", "landlock_add_rule",
           "landlock_restrict_self")},
    {"obsolete", "rarely tested, no longer used",
     CALLS("_sysctl", "afs_syscall", "getpmsg", "nfsservctl", "putpmsg", "security", "sysfs",
           "tuxcall", "uselib", "ustat", "vserver", "remap_file_pages")},
};

const struct seccomp_group *seccomp_group_at(size_t index)
{
    return index < sizeof groups / sizeof groups[0] ? &groups[index] : NULL;
}
