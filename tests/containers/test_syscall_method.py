"""How system calls are asked about: none is executed, no mark is left, and where it cannot be done
nothing is guessed."""
import json
import pathlib
import platform
import re
import select
import socket
import subprocess
import threading
import time

import pytest

import oci_seccomp
from container import HARDENED, Container
from oci_engine import open_to_others
from test_syscalls import answers, facts

HERE = pathlib.Path(__file__).parent
ESSENTIAL = sorted(oci_seccomp.ESSENTIAL & set(oci_seccomp.numbers(platform.machine())))


@pytest.fixture(scope="module")
def helped(runc):
    """runc, with the helper in its root file system."""
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", runc.rootfs / "helper",
                    HERE / "helper.c"], check=True)
    return runc


def allow_but(*rules, **more):
    return {"defaultAction": "SCMP_ACT_ALLOW", **more, "syscalls": [
        {"names": names.split(), "action": "SCMP_ACT_" + action, **rest}
        for names, action, rest in rules]}


def allow_only(default, **more):
    return {"defaultAction": "SCMP_ACT_" + default, **more, "syscalls": [
        {"names": ESSENTIAL, "action": "SCMP_ACT_ALLOW"}]}


def observe(engine, profile, **changes):
    container = Container(**{**HARDENED, "seccomp": profile, **changes})
    done = engine.run(container, ["/watertight", "observe"])
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("calls, action, rest, reason", [
    ("seccomp", "ERRNO", {}, "a seccomp filter cannot be loaded here: EPERM"),
    ("prctl", "ERRNO", {}, "a seccomp filter cannot be loaded here: EPERM"),
    ("seccomp", "KILL_PROCESS", {}, "a seccomp filter killed the attempt"),
    ("prctl", "KILL_PROCESS", {}, "a seccomp filter killed the attempt"),
    ("seccomp", "TRAP", {}, "a seccomp filter killed the attempt"),
    # As in gVisor, which has seccomp(2) and no listeners.
    ("seccomp", "ERRNO", {"errnoRet": 22, "args": [
        {"index": 1, "value": 8, "valueTwo": 8, "op": "SCMP_CMP_MASKED_EQ"}]},
     "a seccomp filter cannot be loaded here: EINVAL"),
    ("clone clone3 fork vfork", "ERRNO", {}, "no child process could be made for it: EPERM"),
    ("ioctl", "ERRNO", {"errnoRet": 25}, "a seccomp listener cannot be used here: ENOTTY"),
    ("gettid getppid", "TRAP", {}, None),
])
def test_where_the_method_cannot_be_used_nothing_is_guessed(runc, calls, action, rest, reason):
    done = observe(runc, allow_but((calls, action, rest)))
    found, unknown = answers(done)
    if reason is None:  # the proof has more than one leg to stand on
        assert found["gettid"] == "trap" and found["mount"] == "allow"
        return
    assert found == {}
    assert reason in unknown
    for key in ("seccomp.calls", "seccomp.abi", "seccomp.abi.looser"):
        assert facts(done, key) == {None: None}


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_where_no_more_processes_may_be_made_it_says_so(runc, limit):
    """Watertight, the guard and two askers."""
    found, unknown = answers(observe(runc, allow_but(("mount", "ERRNO", {})), pids_limit=limit))
    if limit < 4:
        assert found == {}
        assert "no child process could be made for it: EAGAIN" in unknown
    else:
        assert unknown is None and found["mount"] == "errno(EPERM)"


def test_what_only_makes_it_quicker_or_quieter_may_kill(runc):
    """Tying it to a processor, its way of waiting, and the two ways to leave no core file."""
    profile = allow_but(
        ("sched_setaffinity sched_setscheduler", "KILL_PROCESS", {}),
        ("prlimit64", "KILL_PROCESS", {"args": [{"index": 1, "value": 4, "op": "SCMP_CMP_EQ"}]}),
        ("prctl", "KILL_PROCESS", {"args": [{"index": 0, "value": 4, "op": "SCMP_CMP_EQ"}]}),
        ("mount", "ERRNO", {"errnoRet": 38}))
    found, unknown = answers(observe(runc, profile))
    assert unknown is None
    assert found["mount"] == "errno(ENOSYS)"
    assert found["sched_setaffinity"] == "kill"
    assert found["umount2"] == "allow"


def test_a_whole_check_needs_no_call_beyond_the_essential_ones(runc):
    """Sorting with glibc's qsort, for one, asks for the size of the memory."""
    assert "sysinfo" not in ESSENTIAL
    done = runc.run(Container(**HARDENED, seccomp=allow_only("KILL_PROCESS")),
                    ["/watertight", "--policy", "strict", "--format", "json"])
    assert done.returncode == 1, (done.returncode, done.stderr)


@pytest.mark.parametrize("default", ["KILL_PROCESS", "KILL", "TRAP", "ERRNO"])
def test_calls_that_would_end_the_machine_are_asked_about_like_any_other(runc, default):
    """A listing that executed what it lists would not come back from these."""
    ends = ["reboot", "vhangup", "pause", "sethostname", "kexec_load", "swapoff"]
    profile = allow_only(default)
    profile["syscalls"].append({"names": ends, "action": "SCMP_ACT_ALLOW"})
    found, unknown = answers(observe(runc, profile))
    assert unknown is None
    for name in ends + ["exit_group", "exit", "fork", "vfork", "rt_sigreturn"]:
        assert found[name] == "allow"
    assert found["mount"] == {"TRAP": "trap", "ERRNO": "errno(EPERM)"}.get(default, "kill")


def test_signals_that_were_blocked_or_ignored_do_not_matter(helped):
    profile = allow_but(("mount", "TRAP", {}), ("umount2", "KILL_PROCESS", {}),
                        ("pivot_root", "KILL", {}), ("acct", "ERRNO", {"errnoRet": 3571}))
    container = Container(**HARDENED, seccomp=profile)
    found, unknown = answers(
        helped.run(container, ["/helper", "signals", "/watertight", "observe"]))
    assert unknown is None
    assert [found[name] for name in ("mount", "umount2", "pivot_root", "chroot")] == [
        "trap", "kill", "kill", "allow"]
    assert found["acct"] == "errno(errno 3571)"  # watertight's own mark is not taken for it


class Agent(threading.Thread):
    """A container's own listener, to which runc hands the descriptor. It answers nobody."""

    def __init__(self, path, is_kept):
        super().__init__()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.is_kept = is_kept
        self.was_asked = False
        self.is_over = False

    def run(self):
        connection, _ = self.server.accept()
        _, descriptors, _, _ = socket.recv_fds(connection, 65536, 4)
        poll = select.poll()
        poll.register(descriptors[0], select.POLLIN)
        while self.is_kept and not self.is_over:
            for _, event in poll.poll(20):
                self.was_asked |= bool(event & select.POLLIN)
        for descriptor in descriptors:
            socket.close(descriptor)


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_containers_own_listener_is_never_asked(runc, tmp_path, is_kept):
    """Where it is gone, its filter's answer cannot be told from letting the call through."""
    agent = Agent(tmp_path / "agent", is_kept)
    agent.start()
    profile = allow_but(("sethostname", "NOTIFY", {}), listenerPath=str(tmp_path / "agent"))
    try:
        done = runc.run(Container(**HARDENED, seccomp=profile),
                        ["/bin/sh", "-c", "sleep 0.2; exec /watertight observe"])
    finally:
        agent.is_over = True
        agent.join(10)
    assert done.returncode == 0, done.stderr
    found, unknown = answers(done)
    assert not agent.was_asked
    if is_kept:
        assert found == {}
        assert "another seccomp listener is attached, and it would be asked" in unknown
    else:
        assert unknown is None
        assert found["sethostname"] == "allow" and found["mount"] == "allow"


def traced(log):
    """The calls of each process, with what came back, as strace saw them."""
    calls = {}
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed).* = (.+)$", line)
        if match:
            calls.setdefault(match.group(1), []).append((match.group(2), match.group(3)))
    return calls


def test_seen_from_outside_no_call_that_is_asked_about_is_executed(runc, tmp_path):
    """What came back from each is a filter's answer, never the kernel's own."""
    log = tmp_path / "strace"
    container = Container(**HARDENED, seccomp=allow_only("ERRNO", architectures=[
        "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"]))
    container.seccomp["syscalls"][0]["names"] = [
        *ESSENTIAL, "reboot", "sethostname", "vhangup", "pause", "sync", "mkdir"]
    runc.prefix = ["strace", "-f", "-qq", "-o", str(log)]
    try:
        done = runc.run(container, ["/watertight", "observe"], timeout=60)
    finally:
        runc.prefix = []
    found, unknown = answers(done)
    assert unknown is None
    assert found["reboot"] == "allow" and found["mount"] == "errno(EPERM)"
    asking = [calls for calls in traced(log).values() if len(calls) > 150 and
              "-1 (errno 3571)" in dict(calls).values()]
    assert len(asking) == 2, [len(calls) for calls in asking]
    asked = []
    for calls in asking:
        # What it does for itself: it takes care of its end and of SIGSYS, and then it listens.
        names = [name for name, _ in calls]
        asked += [call for call in calls[names.index("rt_sigaction") + 1:]
                  if call != ("ioctl", "0")]
    assert len({name for name, _ in asked}) > 300
    for name, result in asked:
        assert re.match(r"-1 (ENOSYS|EPERM|\(errno 3571\)|ERRNO_3571)|\?", result), (name, result)
    results = dict(asked)
    assert {results["reboot"], results["sethostname"]} == {"-1 (errno 3571)"}


class Audit:
    """What the kernel logs by seccomp, as audit(7) multicasts it: the log itself leaves lines out
    when there are many. Records of one program, by the name that the kernel gives its process."""

    def __init__(self, runc, name):
        self.name = f"{name}-{time.monotonic_ns() % 10**8}"
        (runc.rootfs / self.name).write_bytes((runc.rootfs / "watertight").read_bytes())
        (runc.rootfs / self.name).chmod(0o755)
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)  # NETLINK_AUDIT
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE
        self.socket.bind((0, 1))  # AUDIT_NLGRP_READLOG
        self.socket.settimeout(0.5)

    def records(self):
        found = []
        try:
            while True:
                record = self.socket.recv(65536)
                if f'comm="{self.name}"'.encode() in record:
                    found.append(record)
        except TimeoutError:
            self.socket.close()
            return found


@pytest.mark.parametrize("default", ["ERRNO", "KILL_PROCESS"])
def test_no_core_no_zombie_and_no_line_in_the_kernels_log(runc, default):
    audit = Audit(runc, "quiet")
    profile = allow_only(default, architectures=[
        "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"])
    script = f"ulimit -c unlimited; cd /tmp; /{audit.name} observe > /dev/null; ls -A /tmp; ls /proc"
    container = Container(**{**HARDENED, "seccomp": profile, "tmpfs": {"/tmp": "mode=1777"}})
    done = runc.run(container, ["/bin/sh", "-c", script])
    assert done.returncode == 0, done.stderr
    assert "core" not in done.stdout.split("\n")[0]
    processes = [line for line in done.stdout.split() if line.isdigit()]
    assert len(processes) <= 2, done.stdout  # the shell and ls
    records = audit.records()
    if default == "ERRNO":
        assert records == []
    else:
        assert len(records) > 100  # so that the other case is no accident


def test_an_architecture_that_is_killed_is_asked_about_only_to_see_that(runc):
    """Each such question is a line in the kernel's log."""
    audit = Audit(runc, "few")
    done = runc.run(Container(**HARDENED, seccomp=allow_only("ERRNO")),
                    [f"/{audit.name}", "observe"])
    assert set(facts(done, "seccomp.abi").values()) <= {"blocked", "absent"}
    assert len(audit.records()) <= 10


def test_a_tracer_that_takes_seccomps_events_changes_nothing(binary, tmp_path):
    """strace's own use of seccomp would take SECCOMP_RET_TRACE for its own, and have calls made."""
    helper = tmp_path / "helper"
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", helper, HERE / "helper.c"],
                   check=True)
    open_to_others(tmp_path)
    program = tmp_path / "watertight"
    program.write_bytes(binary.read_bytes())
    program.chmod(0o755)
    log = tmp_path / "log"
    log.touch()
    log.chmod(0o666)
    command = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "strace", "-f",
               "--seccomp-bpf", "-e", "trace=setdomainname,mount", "-o", log, helper, "filter",
               "eperm", "statx", program, "observe"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    found, unknown = answers(done)
    assert unknown is None
    assert found["statx"] == "errno(EPERM)" and found["mount"] == "allow"
    seen = [call for calls in traced(log).values() for call in calls]
    assert {result for _, result in seen} <= {"-1 (errno 3571)"}, seen


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86-64 has these ABIs")
class TestOtherABIs:
    def check(self, engine, call):
        done = engine.run(Container(**HARDENED), [
            "/helper", "native", call, "/watertight", "--policy", "strict", "--only",
            "seccomp.compat-abi", "-f", "json"])
        return json.loads(done.stdout)

    def test_what_is_let_through_there_and_refused_natively_fails(self, helped):
        report = self.check(helped, "umount2")
        state = facts_of(report, "seccomp.abi")
        assert state["i386"] in ("reachable", "absent")
        row = next(r for r in report["checks"] if r["subject"] == "i386")
        if state["i386"] == "absent":
            assert row["status"] == "pass"
            return
        assert (row["status"], row["observed"]) == ("fail", ["umount", "umount2"])
        assert "the i386 ABI lets through umount, umount2" in row["message"]

    def test_the_architectures_of_a_profile_make_it_pass(self, helped):
        architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
        for listed in (architectures, architectures[:1], []):
            profile = allow_but(("umount umount2", "ERRNO", {}), architectures=listed)
            done = helped.run(Container(**HARDENED, seccomp=profile), [
                "/watertight", "--policy", "strict", "--only", "seccomp.compat-abi", "-f", "json"])
            report = json.loads(done.stdout)
            assert {row["status"] for row in report["checks"]} == {"pass"}, report["checks"]
            wanted = "reachable" if len(listed) > 1 else "blocked"
            row = next(row for row in report["facts"] if row["key"] == "seccomp.abi")
            assert (row["subject"], row["value"]) in (("i386", wanted), ("i386", "absent"))
            assert ("kills" in row.get("detail", "")) == (row["value"] == "blocked")

    def test_no_filter_leaves_what_the_kernel_has(self, helped):
        done = helped.run(Container(), ["/watertight", "observe"])
        filtered = observe(helped, allow_but(("mount", "ERRNO", {}), architectures=[
            "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]))
        assert set(facts(done, "seccomp.abi").values()) <= {"reachable", "absent"}
        assert facts(done, "seccomp.abi") == facts(filtered, "seccomp.abi")


def facts_of(report, key):
    return {row.get("subject"): row.get("value") for row in report["facts"] if row["key"] == key}
