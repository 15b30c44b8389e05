"""Surroundings that lie, starve or kill: a truthful report or a clear error, never a false pass."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from container import CAPABILITIES, HARDENED, REFUSING, Container

HERE = pathlib.Path(__file__).parent
EVERYTHING = [name for name in CAPABILITIES if name != "CAP_SYS_RESOURCE"]
TRUTHFUL = {0, 1, 2, 64, 70, 74}
SECONDS = 30

# What a hardened process's status file would say: the lie that must not be believed.
FORGED = """Name:\twatertight
Pid:\t1
NSpid:\t1
Uid:\t1000\t1000\t1000\t1000
Gid:\t1000\t1000\t1000\t1000
Groups:\t
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1
"""


@pytest.fixture(scope="module")
def hostile(runc):
    helper = runc.rootfs / "helper"
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", helper, HERE / "helper.c"],
                   check=True)
    shutil.copy2(helper, runc.scratch / "helper")
    (runc.rootfs / "forged").write_text(FORGED)
    return runc


def root(**changes):
    """The truth is bad: root with all capabilities, so nothing may make this pass."""
    return Container(**{**dict(bounding=EVERYTHING, seccomp="unconfined"), **changes})


def hardened(**changes):
    return Container(**{**HARDENED, "seccomp": REFUSING, **changes})


def judge(engine, container, arguments):
    done = engine.run(container, arguments, timeout=SECONDS)
    assert done.returncode in TRUTHFUL, (container, done.returncode, done.stderr)
    if done.returncode not in (0, 1, 2):
        assert done.stderr.startswith("watertight: "), done.stderr
        return done.returncode, {}
    report = json.loads(done.stdout)
    verdicts = {0: "pass", 1: "fail", 2: "incomplete"}
    assert report["verdict"] == verdicts[done.returncode]
    return done.returncode, {
        row["id"] + (f" {row['subject']}" if row["subject"] else ""): row
        for row in report["checks"]
    }


def shell(script, *more):
    return ["/bin/sh", "-c", script + "; exec /watertight --format json " + " ".join(more)]


def assert_root_is_seen(status, checks):
    assert status == 1
    for rule in ("user.non-root", "capabilities.effective"):
        assert checks[rule]["status"] in ("fail", "unknown"), checks[rule]
    assert checks["integrity.procfs"]["status"] == "fail", checks["integrity.procfs"]


def test_without_proc_the_system_calls_tell(hostile):
    program = ["/helper", "noproc", "0", "/watertight", "--format", "json"]
    status, checks = judge(hostile, root(), program)
    assert_root_is_seen(status, checks)
    assert checks["integrity.procfs"]["observed"] == "missing"
    assert checks["capabilities.effective"]["status"] == "fail"
    assert checks["mounts.read-only-root /"]["status"] == "unknown"
    program[2] = "1000"
    status, checks = judge(hostile, root(read_only=True), program)
    assert status == 1
    assert checks["integrity.procfs"]["status"] == "fail"
    assert checks["capabilities.effective"]["status"] == "pass"
    assert checks["capabilities.bounding"]["status"] == "fail"
    assert checks["filesystem.protected-path /etc"]["observed"] == "EROFS"


def limit_of_files(engine, filtered=None):
    """The row of limit.rlimit.soft, in a container without /proc; filtered: what answers the call."""
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        # Only of RLIMIT_NOFILE, 7: every program's start asks for another one.
        {"names": ["prlimit64"], **filtered, "args": [
            {"index": 1, "value": 7, "op": "SCMP_CMP_EQ"}]}]} if filtered else "unconfined"
    container = root(rlimits={"RLIMIT_NOFILE": (512, 1024)}, seccomp=profile)
    done = engine.run(container, ["/helper", "noproc", "0", "/watertight", "observe"])
    assert done.returncode == 0, done.stderr
    rows = {row.get("subject"): row for row in json.loads(done.stdout)["facts"]
            if row["key"] == "limit.rlimit.soft"}
    return rows.get("RLIMIT_NOFILE", rows.get(None))


def test_without_proc_the_kernel_tells_the_limits_of_this_process(hostile):
    assert limit_of_files(hostile)["value"] == 512


@pytest.mark.parametrize("action, errno, reason", [
    ("KILL_PROCESS", None, "a seccomp filter killed the attempt"),
    ("ERRNO", 1, "prlimit(2): EPERM"),
    ("ERRNO", 0, "the kernel does not say"),
])
def test_limits_that_a_filter_hides_are_unknown(hostile, action, errno, reason):
    filtered = {"action": f"SCMP_ACT_{action}"}
    if errno is not None:
        filtered["errnoRet"] = errno
    row = limit_of_files(hostile, filtered)
    assert row["state"] == "unknown" and reason in row["reason"], row


def test_a_forged_status_file_is_not_believed(hostile):
    status, checks = judge(hostile, root(), shell("mount -o bind /forged /proc/$$/status"))
    assert_root_is_seen(status, checks)
    assert checks["integrity.procfs"]["observed"] == "overmounted"


def test_another_processs_status_file_is_not_believed(hostile):
    status, checks = judge(
        hostile, root(), shell("sleep 60 & mount -o bind /proc/$!/status /proc/$$/status"))
    assert_root_is_seen(status, checks)
    assert checks["integrity.procfs"]["observed"] == "overmounted"


@pytest.mark.parametrize("call", ["openat2"])
@pytest.mark.parametrize("file", ["/forged", "/proc/$!/status"])
def test_nor_where_openat2_is_refused(hostile, call, file):
    script = f"sleep 60 & mount -o bind {file} /proc/$$/status; " \
             f"exec /helper filter eperm {call} /watertight --format json"
    status, checks = judge(hostile, root(), ["/bin/sh", "-c", script])
    assert_root_is_seen(status, checks)


def test_a_forged_proc_is_not_believed(hostile):
    script = ("mount -t tmpfs tmpfs /proc; mkdir /proc/1; ln -s 1 /proc/self; "
              "cat /forged > /proc/1/status")
    status, checks = judge(hostile, root(), shell(script))
    assert_root_is_seen(status, checks)
    assert checks["integrity.procfs"]["observed"] == "fake"


def test_a_part_of_another_procfs_is_not_believed(hostile):
    status, checks = judge(hostile, root(), shell("mount -o bind /proc/1 /proc"))
    assert_root_is_seen(status, checks)


def test_the_procfs_of_an_outer_pid_namespace_shows(hostile):
    """All processes of that namespace are to be seen in it: who has one of its own is not alone."""
    status, checks = judge(
        hostile, root(), ["/bin/busybox", "unshare", "-p", "-f", "/watertight", "--format", "json"])
    assert status == 1
    assert checks["integrity.procfs"]["observed"] == "overmounted"
    assert "another PID namespace" in json.dumps(checks["integrity.procfs"])


@pytest.mark.parametrize("name", ["mountinfo", "uid_map", "cgroup"])
def test_a_mount_over_any_file_that_is_read_shows(hostile, name):
    status, checks = judge(hostile, root(), shell(f"mount -o bind /forged /proc/$$/{name}"))
    assert status == 1
    assert checks["integrity.procfs"]["observed"] == "overmounted"


def test_hidepid_hides_nothing_of_oneself(hostile):
    spec = hostile.spec
    proc = next(m for m in spec["mounts"] if m["destination"] == "/proc")
    proc["options"] = ["hidepid=2"]
    try:
        status, checks = judge(hostile, hardened(), ["/watertight", "--format", "json"])
    finally:
        del proc["options"]
    assert status == 0, checks


CALLS = ["prctl", "openat2", "statx", "capget", "faccessat2", "fstatfs", "getresuid", "getgroups",
         "uname", "getdents64"]


@pytest.mark.parametrize("action", ["kill-process", "kill-thread", "trap", "lie", "eperm"])
@pytest.mark.parametrize("call", CALLS)
def test_a_filter_that_kills_or_lies_is_survived(hostile, action, call):
    program = ["/helper", "filter", action, call, "/watertight", "--format", "json"]
    status, checks = judge(hostile, hardened(), program)
    # Nothing is wrong with the container, so nothing may fail; what was cut off may be unknown.
    assert status in (0, 2), (status, checks)
    failed = [rule for rule, row in checks.items() if row["status"] == "fail"]
    assert failed == []
    status, checks = judge(hostile, root(), program)
    assert status == 1
    assert checks["capabilities.effective"]["status"] == "fail", checks["capabilities.effective"]
    assert checks["user.non-root"]["status"] == "fail"


@pytest.mark.parametrize("action", ["kill-process", "kill-thread", "trap", "lie", "eperm"])
def test_directories_that_cannot_be_read_hide_nothing(hostile, action):
    """A listing that comes out empty is no empty directory."""
    done = hostile.run(root(), ["/helper", "filter", action, "getdents64", "/watertight", "observe"])
    rows = {(row["key"], row.get("subject")): row for row in json.loads(done.stdout)["facts"]}
    assert rows["device.nodes", None]["state"] == "unknown"
    assert rows["kernel.path", "/proc/bus"].get("value") in (None, "denied")
    assert rows["kernel.path", "/proc/sys/kernel/core_pattern"]["value"] == "readable"
    assert rows["namespace.pid", None]["value"] == "private"


# What is found out by listing directories, or by following links.
LISTED = {"getdents64": ("network.route_localnet", "process.visible", "process.open", "device.links",
                         "secret.files"),
          "readlinkat": ("device.links",)}


@pytest.mark.parametrize("call,action", [
    *[(call, action) for call in CALLS
      for action in ("kill-process", "kill-thread", "trap", "lie", "eperm")],
    ("readlinkat", "lie"), ("readlinkat", "eperm")])
def test_no_fact_is_made_of_what_a_filter_cut_off(hostile, call, action):
    key = hostile.scratch / "root/.ssh/id_x"
    key.parent.mkdir(exist_ok=True)
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    container = root(rootfs=str(hostile.scratch), environment={"HOME": "/root"})
    done = hostile.run(container, ["/helper", "filter", action, call, "/watertight", "observe",
                                   "--policy", "strict"])
    assert done.returncode == 0, done.stderr
    rows = {row["key"]: row for row in json.loads(done.stdout)["facts"] if "subject" not in row}
    for name in LISTED.get(call, ()):
        assert rows[name]["state"] == "unknown", rows[name]
    assert rows["secret.files"].get("value") in (None, ["/root/.ssh/id_x"])
    assert rows["network.route_localnet"].get("value") in (None, [])


def test_a_kernel_without_the_newest_calls_is_enough(hostile):
    """As on Linux 5.4: no openat2(2), no faccessat2(2). Nothing is unknown then."""
    program = ["/helper", "filter", "enosys", "openat2", "/helper", "filter", "enosys",
               "faccessat2", "/watertight", "--format", "json"]
    status, checks = judge(hostile, hardened(), program)
    assert status == 0, checks
    status, checks = judge(hostile, hardened(read_only=False), program)
    assert status == 1
    assert checks["filesystem.protected-path /etc"]["observed"] == "EACCES"
    status, checks = judge(hostile, root(), program)
    assert [rule for rule, row in checks.items() if row["status"] == "unknown"] == []
    assert checks["filesystem.protected-path /etc"]["status"] == "fail"


@pytest.mark.parametrize("call", CALLS)
def test_a_lying_filter_is_not_believed_without_proc_either(hostile, call):
    program = ["/helper", "noproc", "0", "/helper", "filter", "lie", call, "/watertight",
               "--format", "json"]
    status, checks = judge(hostile, root(rootfs=str(hostile.scratch)), program)
    assert status == 1
    assert checks["capabilities.effective"]["status"] != "pass"
    assert checks["user.non-root"]["status"] != "pass"


def test_no_process_can_be_made(hostile):
    """pids.max=1, set while the shell waits: the engine itself needs more to start."""
    for container, expected in ((root(), 1), (hardened(), 2)):
        name = f"/watertight-pids-{expected}"
        hostile.spec["linux"]["cgroupsPath"] = name
        group = pathlib.Path("/sys/fs/cgroup/pids" + name)
        if not group.parent.exists():
            group = pathlib.Path("/sys/fs/cgroup" + name)
        script = "read line; exec /watertight --format json"
        limiter = subprocess.Popen(
            ["sh", "-c",
             f'until grep -q . {group}/cgroup.procs 2>/dev/null; do sleep 0.05; done; sleep 0.5; '
             f'echo 1 > {group}/pids.max; echo go'],
            stdout=subprocess.PIPE)
        try:
            done = hostile.run(container, ["/bin/sh", "-c", script], stdin=limiter.stdout,
                               timeout=SECONDS)
        finally:
            limiter.wait()
            del hostile.spec["linux"]["cgroupsPath"]
        assert done.returncode == expected, (done.stdout, done.stderr)
        report = json.loads(done.stdout)
        unknown = {row["id"] for row in report["checks"] if row["status"] == "unknown"}
        assert "filesystem.protected-path" in unknown
        assert "EAGAIN" in done.stdout


@pytest.mark.parametrize("limit", [0, 3, 4, 5, 6, 8])
def test_few_descriptors(hostile, limit):
    status, checks = judge(hostile, root(), shell(f"ulimit -n {limit}"))
    assert status == 1
    assert checks["capabilities.effective"]["status"] == "fail"
    status, checks = judge(hostile, hardened(), shell(f"ulimit -n {limit}"))
    assert status in (0, 2), checks


@pytest.mark.parametrize("kilobytes", [2000, 2200, 2500, 3000, 4000, 6000, 10000])
def test_little_memory(hostile, kilobytes):
    judge(hostile, hardened(), shell(f"ulimit -v {kilobytes}"))
    status, _ = judge(hostile, root(), shell(f"ulimit -v {kilobytes}"))
    assert status != 0


@pytest.mark.parametrize("closed", range(8))
def test_closed_descriptors(hostile, closed):
    redirections = [text for bit, text in enumerate(("<&-", ">&-", "2>&-")) if closed >> bit & 1]
    script = "exec /watertight --format json " + " ".join(redirections)
    for container, expected in ((root(), 1), (hardened(), 0)):
        done = hostile.run(container, ["/bin/sh", "-c", script], timeout=SECONDS)
        if ">&-" in redirections:
            assert done.returncode == 74, (done.stdout, done.stderr)
        else:
            assert done.returncode == expected
            assert json.loads(done.stdout)["schema"] == "watertight.report/1"


def test_an_ignored_sigchld(hostile):
    status, checks = judge(hostile, hardened(), shell("trap '' CHLD"))
    assert status == 0, checks


def test_a_pipe_in_place_of_the_time_zone_is_not_read(hostile):
    zone = hostile.rootfs / "etc/localtime"
    os.mkfifo(zone)
    try:
        status, _ = judge(hostile, hardened(), ["/watertight", "--format", "json"])
        assert status == 0
        status, _ = judge(hostile, hardened(environment={"TZ": "/etc/localtime"}),
                          ["/watertight", "--format", "json"])
        assert status == 0
    finally:
        zone.unlink()


def test_many_mounts_with_odd_names(hostile):
    program = ["/helper", "mounts", "50000", "/watertight"]
    container = root(tmpfs={"/tmp": "rw,mode=1777"})
    done = hostile.run(container, program + ["observe"], timeout=120)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)["facts"]
    points = {row["subject"] for row in facts if row["key"] == "mount.options"}
    assert len(points) > 50000
    for name in ("/tmp/a b", "/tmp/a\nb", "/tmp/a\\b", "/tmp/\\xff\\xfe", "/tmp/\\x1b[31m", "/tmp/#"):
        assert name in points, name
    status, checks = judge(hostile, container, program + ["--format", "json"])
    assert status == 1
    assert checks["integrity.procfs"]["status"] == "pass"
    assert checks["mounts.read-only-root /"]["status"] == "fail"
