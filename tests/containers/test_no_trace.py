"""Nothing is changed, and nothing is left behind, even when killed at any instant."""
import pathlib
import re
import subprocess

import pytest

from container import HARDENED, Container

HERE = pathlib.Path(__file__).parent
KILLS = 500

# What the first process may call: nothing that changes anything outside itself. fork, wait and
# the shared memory are how the throw-away children are made.
READ_ONLY = set("""
    execve brk arch_prctl set_tid_address set_robust_list rseq prlimit64 getrandom mprotect mmap
    munmap madvise mremap read pread64 close lseek fcntl ioctl fstat newfstatat fstatfs statfs
    readlink readlinkat access faccessat faccessat2 getpid gettid getuid geteuid getgid getegid
    uname sysinfo clock_gettime getrlimit rt_sigaction rt_sigprocmask clone fork vfork wait4
    exit_group write writev open openat openat2 statx getdents64
""".split())
# What a child that shares the memory had changed is put back.
RESTORING = "prctl(PR_SET_DUMPABLE, SUID_DUMP_USER)"
WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")


def listing(folder):
    """Everything below a folder, with what a change would change."""
    rows = []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        status = path.lstat()
        rows.append((str(path), status.st_mode, status.st_uid, status.st_gid, status.st_size,
                     status.st_ino, status.st_mtime_ns, status.st_ctime_ns))
    return rows


@pytest.mark.engines("runc", "crun")
def test_the_root_file_system_is_unchanged(engine):
    for container in (Container(seccomp="unconfined"), Container(uid=1000, gid=1000),
                      Container(**HARDENED)):
        engine.run(container, ["/bin/sh", "-c", ":"])  # what the engine itself makes
        before = listing(engine.rootfs)
        done = engine.run(container, ["/watertight", "--policy", "strict"])
        assert done.returncode in (0, 1), done.stderr
        assert listing(engine.rootfs) == before, container


@pytest.mark.engines("docker", "podman")
def test_the_writable_layer_is_unchanged(engine):
    """The overlay's upper folder holds what a container changed: with watertight as without it."""
    for user in ("0:0", "1000:1000"):
        uppers = []
        for arguments in (["/bin/sh", "-c", ":"], ["/watertight", "--policy", "strict"]):
            made = engine.call("create", "--network=none", f"--user={user}", engine.image,
                               *arguments)
            name = made.stdout.strip()
            try:
                engine.call("start", "--attach", name)
                upper = engine.call("inspect", "--format", "{{.GraphDriver.Data.UpperDir}}", name)
                folder = upper.stdout.strip()
                uppers.append(sorted(str(p.relative_to(folder))
                                     for p in pathlib.Path(folder).rglob("*")))
            finally:
                engine.call("rm", "--force", name)
        assert uppers[0] == uppers[1], user


def test_runs_killed_at_random_instants_leave_nothing(runc):
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", runc.rootfs / "killer",
                    HERE / "helper.c"], check=True)
    container = Container(seccomp="unconfined")
    runc.run(container, ["/bin/sh", "-c", ":"])
    before = listing(runc.rootfs)
    script = (f"/killer kill {KILLS} /watertight --policy strict; sleep 1; "
              "ls /proc | grep -c '^[0-9]'")
    done = runc.run(container, ["/bin/sh", "-c", script], timeout=120)
    assert done.returncode == 0, done.stderr
    assert listing(runc.rootfs) == before
    # The shell, ls and grep: no child of a killed run is left.
    assert int(done.stdout.split()[-1]) <= 4, done.stdout


def test_the_first_process_makes_no_call_that_changes_anything(binary, tmp_path):
    log = tmp_path / "strace"
    done = subprocess.run(
        ["strace", "-f", "-o", str(log), str(binary), "--policy", "strict", "--format", "json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    lines = log.read_text().splitlines()
    first = lines[0].split()[0]
    names = set()
    for line in lines:
        pid, _, call = line.partition(" ")
        match = re.match(r"([a-z0-9_]+)\(", call.strip())
        if pid != first or not match:
            continue
        name = match.group(1)
        names.add(name)
        assert name in READ_ONLY or call.strip().startswith(RESTORING), line
        if name.startswith("open"):
            assert not WRITING.search(call), line
        if name == "write":
            assert call.strip().startswith(("write(1,", "write(2,")), line
    assert {"openat2", "clone", "exit_group"} <= names  # the trace was of the real thing


def test_there_is_at_most_one_child_an_attempt(binary, tmp_path):
    log = tmp_path / "strace"
    subprocess.run(["strace", "-f", "-e", "trace=clone,clone3,fork,vfork", "-o", str(log),
                    str(binary)], stdout=subprocess.DEVNULL, timeout=60)
    made = [line for line in log.read_text().splitlines() if re.search(r"(clone3?|v?fork)\(", line)]
    # One each for the process's own state, int $0x80, the kernel's files, the device nodes, and all
    # write attempts.
    assert 1 <= len(made) <= 5, made
