"""Random seccomp profiles as runc reads them, and what each call must get: the profile's own words."""
import re

# Calls without which neither runc's start nor any program's gets through.
ESSENTIAL = set("""
    read write close open openat openat2 fstat newfstatat stat lstat statx lseek mmap mprotect
    munmap mremap brk madvise rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack ioctl pread64
    readv writev access faccessat faccessat2 pipe pipe2 poll ppoll select sched_yield nanosleep
    clock_nanosleep getpid gettid getppid clone clone3 fork vfork execve execveat exit exit_group
    wait4 waitid kill tgkill tkill uname fcntl dup dup2 dup3 getcwd readlink readlinkat getuid
    geteuid getgid getegid getgroups setgroups getresuid getresgid setresuid setresgid setuid
    setgid prctl arch_prctl futex set_tid_address set_robust_list rseq epoll_create1 epoll_ctl
    epoll_wait epoll_pwait seccomp capget capset prlimit64 getrlimit setrlimit getrandom statfs
    fstatfs sched_getaffinity sched_setaffinity getdents64 umask chdir fchdir mkdirat unlinkat
    socket connect sendto recvfrom sendmsg recvmsg close_range alarm setitimer getcpu
    restart_syscall fchown fchmod
""".split())
ERRNOS = {"EPERM": 1, "EACCES": 13, "ENOSYS": 38, "EINVAL": 22, "ENOENT": 2}


def numbers(machine):
    """Name -> number, from the kernel's header (not from the library that watertight uses)."""
    header = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
              "aarch64": "/usr/include/asm-generic/unistd.h"}[machine]
    with open(header) as file:
        found = re.findall(r"#define __NR_(\w+) (\d+)\b", file.read())
    return {name: int(number) for name, number in found if name != "syscalls"}


# Calls of i386 for one of x86_64, where the name does not say so by its end.
RELATIVES = {"umount": "umount2", "stime": "settimeofday", "waitpid": "wait4", "mmap2": "mmap",
             "_llseek": "lseek", "_newselect": "select", "ugetrlimit": "getrlimit",
             "sigaction": "rt_sigaction", "sigprocmask": "rt_sigprocmask", "nice": "setpriority",
             "fstatat64": "newfstatat", "fadvise64_64": "fadvise64"}


def looser(profile, known):
    """The calls of i386 that a profile for it too lets through, and refuses natively."""
    with open("/usr/include/x86_64-linux-gnu/asm/unistd_32.h") as file:
        others = set(re.findall(r"#define __NR_(\w+) \d+\b", file.read()))
    named = {name: rule["action"] for rule in profile["syscalls"] for name in rule["names"]}
    answers = expected(profile, known)
    found = set()
    for other in others:
        native = RELATIVES.get(other, re.sub("(_time64|64|32)$", "", other))
        native = other if other in known else native
        if answers.get(native, "allow") != "allow" and named.get(
                other, profile["defaultAction"]) in ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG"):
            found.add(other)
    return found


def _action(random_, kinds):
    kind = random_.choice(kinds)
    if kind != "errno":
        return {"action": "SCMP_ACT_" + kind.upper()}
    name = random_.choice(sorted(ERRNOS))
    return {"action": "SCMP_ACT_ERRNO", "errnoRet": ERRNOS[name]}


def make(random_, names):
    """An allow-list or a deny-list, with some calls of other actions."""
    kinds = random_.choice([["errno"], ["errno"], ["errno", "trap", "log"],
                            ["errno", "kill_process", "kill", "trap", "allow"]])
    others = sorted(set(names) - ESSENTIAL)
    rules = [{"names": sorted(ESSENTIAL & set(names)), "action": "SCMP_ACT_ALLOW"}]
    for _ in range(random_.randrange(1, 6)):
        some = random_.sample(others, random_.randrange(1, len(others) // 6))
        others = [name for name in others if name not in some]
        rules.append({"names": some, **_action(random_, kinds)})
    if random_.random() < 0.5:
        profile = {"defaultAction": "SCMP_ACT_ALLOW"}
    else:
        default = _action(random_, [kind for kind in kinds if kind not in ("allow", "log")])
        profile = {"defaultAction": default["action"]}
        if "errnoRet" in default:
            profile["defaultErrnoRet"] = default["errnoRet"]
        if random_.random() < 0.7:
            allowed = random_.sample(others, random_.randrange(len(others)))
            rules.append({"names": allowed, "action": "SCMP_ACT_ALLOW"})
    if random_.random() < 0.5:
        profile["architectures"] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                    "SCMP_ARCH_AARCH64"]
    return {**profile, "syscalls": rules}


def _word(action, errno):
    if action == "SCMP_ACT_ERRNO":
        return next(f"errno({name})" for name, number in ERRNOS.items()
                    if number == (1 if errno is None else errno))
    return {"SCMP_ACT_KILL": "kill", "SCMP_ACT_KILL_PROCESS": "kill", "SCMP_ACT_TRAP": "trap",
            "SCMP_ACT_ALLOW": "allow", "SCMP_ACT_LOG": "allow"}[action]


def expected(profile, known):
    """Name -> action. Where a strict profile lists its architectures, runc answers ENOSYS to calls
    that are newer than all that it names."""
    default = _word(profile["defaultAction"], profile.get("defaultErrnoRet"))
    answers = {name: default for name in known}
    named = [name for rule in profile["syscalls"] for name in rule["names"]]
    if default not in ("allow", "errno(ENOSYS)") and "architectures" in profile:
        newest = max(known[name] for name in named if name in known)
        for name, number in known.items():
            if number > newest:
                answers[name] = "errno(ENOSYS)"
    for rule in profile["syscalls"]:
        for name in rule["names"]:
            answers[name] = _word(rule["action"], rule.get("errnoRet"))
    return answers


ARCHITECTURES = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}


def resolve(profile, capabilities, machine):
    """A profile of an engine (archMap, includes, excludes) as the OCI one that it gives to runc."""
    short, native = ARCHITECTURES[machine]
    resolved = {"defaultAction": profile["defaultAction"], "syscalls": []}
    if "defaultErrnoRet" in profile:
        resolved["defaultErrnoRet"] = profile["defaultErrnoRet"]
    for row in profile["archMap"]:
        if row["architecture"] == native:
            resolved["architectures"] = [native, *row["subArchitectures"]]
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if short in excludes.get("arches", []) or set(excludes.get("caps", [])) & capabilities:
            continue
        if short not in includes.get("arches", [short]) or set(includes.get("caps", [])) - capabilities:
            continue
        # minKernel is left out: every kernel that these tests meet is newer than 4.8.
        kept = {key: rule[key] for key in ("names", "action", "errnoRet") if rule.get(key) is not None}
        resolved["syscalls"].append({**kept, "args": rule.get("args") or []})
    return resolved


OPERATORS = {
    "SCMP_CMP_NE": lambda seen, value, two: seen != value,
    "SCMP_CMP_LT": lambda seen, value, two: seen < value,
    "SCMP_CMP_LE": lambda seen, value, two: seen <= value,
    "SCMP_CMP_EQ": lambda seen, value, two: seen == value,
    "SCMP_CMP_GE": lambda seen, value, two: seen >= value,
    "SCMP_CMP_GT": lambda seen, value, two: seen > value,
    "SCMP_CMP_MASKED_EQ": lambda seen, value, two: seen & value == two,
}


def applies(rule, arguments):
    return all(OPERATORS[arg["op"]](arguments[arg["index"]], arg["value"], arg.get("valueTwo", 0))
               for arg in rule.get("args") or [])


def answer(profile, known, name, arguments=()):
    """What a call with these arguments (the others are 0) gets."""
    arguments = [*arguments, *[0] * (6 - len(arguments))]
    base = expected({**profile, "syscalls": [{**rule, "args": []} for rule in profile["syscalls"]]},
                    known)[name]
    rules = [rule for rule in profile["syscalls"] if name in rule["names"]]
    if not rules:
        return base
    for rule in rules:
        if applies(rule, arguments):
            return _word(rule["action"], rule.get("errnoRet"))
    return _word(profile["defaultAction"], profile.get("defaultErrnoRet"))
