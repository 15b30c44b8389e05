"""--pid: another process, from outside its container and from a neighbour without rights."""
import dataclasses
import json
import os
import random
import signal
import subprocess
import time

import pytest

import observer
import oci_engine
import running
from container import DOCKER_DEFAULT, HARDENED, Container
from running import SLEEP

POLICY = ["--policy", "strict"]
CASES = 10
# Each container has an id of its own, the machine's firmware is masked inside, and the first process
# is that of the PID namespace from which one looks.
OWN = ("runtime.container_id", "runtime.sandbox", "process.init", "process.init_name")
# What only the process itself can be asked.
ASKED_INSIDE = ("kernel.", "device.cgroup", "limit.memory", "limit.swap", "limit.pids",
                "limit.cpu", "cgroup.write", "descriptor.", "secret.", "socket.",
                "mount.write_exec", "mount.source.host", "privileges.escalation",
                "memory.write_exec", "network.", "process.visible", "process.open")


def without_hidden(outside, inside):
    """Both without the facts that are unknown from outside: those and no others may be."""
    hidden = {name for name, value in outside.items()
              if value == "unknown" and name[0].startswith(ASKED_INSIDE)}
    return [{name: value for name, value in facts.items()
             if name not in hidden and (name[0], None) not in hidden}
            for facts in (outside, inside)]


def _container(number):
    random_ = random.Random(f"target-{number}")
    bounding = random_.choice([[], sorted(DOCKER_DEFAULT), ["CAP_NET_RAW", "CAP_KILL"]])
    return Container(
        uid=random_.choice([0, 99, 1000, 65534]),
        gid=random_.choice([0, 1000]),
        groups=random_.choice([[], [4, 24, 1000]]),
        bounding=bounding,
        inheritable=random_.choice([[], bounding]),
        no_new_privs=random_.choice([False, True]),
        read_only=random_.choice([False, True]),
        tmpfs=random_.choice([{}, {"/tmp": "rw,mode=1777"}, {"/tmp": "rw,mode=0700"}]),
        seccomp="unconfined",
        rlimits={"RLIMIT_NOFILE": (512, 1024 + number), "RLIMIT_CORE": (0, 0)},
    )


def comparable(facts):
    return {name: value for name, value in facts.items()
            if name[0] not in OWN and not (name[1] or "").startswith("/sys/fs/cgroup")}


@pytest.mark.parametrize("number", range(CASES))
def test_a_process_seen_from_outside_has_the_facts_that_it_has_inside(runc, binary, number):
    container = _container(number)
    inside = running.facts(runc.run(container, ["/watertight", "observe", *POLICY]).stdout)
    with running.running(runc, container) as pid:
        done = running.watertight(binary, "observe", "--pid", str(pid), *POLICY)
        assert done.returncode == 0, done.stderr
        assert running.process_state(pid) == ("S (sleeping)", "0")
    document = json.loads(done.stdout)
    assert document["target"] == {"pid": pid, "self": False, "name": "sleep"}
    outside, inside = without_hidden(running.facts(done.stdout), inside)
    assert comparable(outside) == comparable(inside), container


def test_ids_are_those_that_the_process_has_in_its_own_user_namespace(runc, binary):
    """Root in a user namespace is another user outside; it must not pass for one."""
    with running.rootfs_for_all(runc) as root, \
            running.running(runc, Container(uid=0, gid=5, groups=[7], bounding=[], rootfs=root),
                            change=running.in_user_namespace) as pid:
        facts = running.facts(running.watertight(binary, "observe", "--pid", str(pid)).stdout)
        done = running.watertight(binary, "--pid", str(pid), "--only", "user.", "-f", "json")
    assert facts["user.uid.effective", None] == facts["user.uid.filesystem", None] == 0
    assert facts["user.gid.effective", None] == 5
    assert facts["user.groups", None] == ["7"]
    assert facts["user.uid_map", None] == "0 100000 65536"
    assert facts["filesystem.write", "/etc"] == "unknown"
    assert done.returncode == 1
    failed = {row["id"] for row in json.loads(done.stdout)["checks"] if row["status"] == "fail"}
    assert "user.non-root" in failed


def test_filters_of_another_process_are_unknown_not_passed(runc, binary):
    profile = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    with running.running(runc, Container(**HARDENED, seccomp=profile)) as pid:
        done = running.watertight(binary, "--pid", str(pid), "-f", "json")
    rows = {row["id"]: row for row in json.loads(done.stdout)["checks"]}
    assert rows["seccomp.enabled"]["status"] == "pass"
    assert rows["seccomp.denied-syscalls"]["status"] == "unknown"
    assert "of another process" in rows["seccomp.denied-syscalls"]["message"]
    assert done.returncode == 2


# --- a neighbour in the same Pod ------------------------------------------------------------------

# From another user without capabilities, the kernel shows status, mountinfo, uid_map and cgroup.
SEEN = {"integrity.procfs", "capabilities.effective", "capabilities.permitted",
        "capabilities.inheritable", "capabilities.bounding", "capabilities.ambient",
        "user.non-root", "user.uid-range", "user.non-root-group", "privileges.no-new-privileges",
        "seccomp.enabled", "mounts.read-only-root /"}
REASONS = ("of another process", "only the process itself", "what another process may")
RIGHT = "of another process, that takes CAP_SYS_PTRACE"


def beside(runc, workload, arguments, **changes):
    sidecar = dataclasses.replace(Container(**{**HARDENED, "uid": 2000, "gid": 2000}), **changes)
    with running.running(runc, workload) as pid:
        spec = runc.spec
        runc.spec = json.loads(json.dumps(spec))
        running.shares_pid_namespace(pid)(runc.spec)
        try:
            return runc.run(sidecar, ["/watertight", *arguments])
        finally:
            runc.spec = spec


@pytest.mark.parametrize("is_hardened", [False, True])
def test_a_neighbour_of_another_user_says_what_it_cannot_see(runc, is_hardened):
    workload = Container(**HARDENED) if is_hardened else Container(uid=1000, gid=1000)
    if is_hardened:
        workload.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    done = beside(runc, workload, ["--pid", "sleep", "-f", "json"])
    report = json.loads(done.stdout)
    assert report["target"]["name"] == "sleep" and not report["target"]["self"]
    rows = {row["id"] + (" " + row["subject"] if row["subject"] else ""): row
            for row in report["checks"]}
    unknown = {name for name, row in rows.items() if row["status"] == "unknown"}
    for name in unknown:
        assert any(words in rows[name]["message"] for words in REASONS), rows[name]
    # Of the surroundings it is enough that the reason is told.
    unknown = {name for name in unknown if name.startswith(("filesystem.", "seccomp."))}
    paths = {"filesystem.protected-path /etc", "filesystem.protected-path /usr/bin",
             "filesystem.writable-path /tmp"}
    if is_hardened:
        # The root directory is a mount point that is read-only: that much the mount table tells.
        assert rows["filesystem.protected-path /"]["observed"] == "EROFS"
        assert unknown == paths | {"seccomp.denied-syscalls allow"}
        assert done.returncode == 2
    else:
        assert unknown == paths | {"filesystem.protected-path /"}
        assert done.returncode == 1
    for name in unknown & (paths | {"filesystem.protected-path /"}):
        assert RIGHT in rows[name]["message"], rows[name]
    judged = {name for name, row in rows.items() if row["status"] in ("pass", "fail")}
    assert SEEN <= judged, SEEN - judged
    states = {row["key"]: row for row in report["facts"]}
    assert states["runtime.name"]["state"] == "unknown"
    assert RIGHT in states["runtime.name"]["reason"]


def test_a_neighbour_of_the_same_user_and_rights_sees_all(runc):
    """A sidecar with the workload's own user: nothing but the filters is hidden."""
    workload = Container(**{**HARDENED, "read_only": False})
    twin = runc.run(workload, ["/bin/sh", "-c", observer.SCRIPT])
    truth = observer.parse(twin.stdout)["writes"]
    done = beside(runc, workload, ["observe", "--pid", "sleep"], uid=1000, gid=1000)
    facts = running.facts(done.stdout)
    for path in observer.PATHS:
        assert facts["filesystem.write", path] == truth[path], path
    hidden = {name[0] for name, value in facts.items() if value == "unknown"}
    assert all(key.startswith(("runtime.", *ASKED_INSIDE)) for key in hidden), hidden


def test_what_the_mode_denies_is_denied_and_the_rest_unknown(runc):
    """Same user, other groups: the attempt would not be the workload's own."""
    workload = Container(**{**HARDENED, "read_only": False, "groups": [4242]})
    done = beside(runc, workload, ["observe", "--pid", "sleep"], uid=1000, gid=1000)
    facts = running.facts(done.stdout)
    assert facts["filesystem.write", "/etc"] == "EACCES"
    assert facts["filesystem.write", "/tmp"] == "unknown"


# --- names ----------------------------------------------------------------------------------------

def test_names_find_one_process_or_list_the_candidates(runc, binary):
    with running.running(runc, Container()) as first, running.running(runc, Container()) as second:
        many = running.watertight(binary, "observe", "--pid", "sleep")
        none = running.watertight(binary, "observe", "--pid", "no-such-program")
        gone = running.watertight(binary, "--pid", str(2 ** 22 + 1))
        zero = running.watertight(binary, "--pid", "0")
    assert many.returncode == none.returncode == gone.returncode == zero.returncode == 64
    assert f"{first} (sleep)" in many.stderr and f"{second} (sleep)" in many.stderr
    assert 'no process is called "no-such-program"' in none.stderr
    assert "is to be seen in this PID namespace" in gone.stderr
    assert "no process has the number 0" in zero.stderr


def test_a_link_inside_cannot_lead_out_of_the_container(runc, binary):
    """/etc is a link to the root directory's /tmp, which only outside can be written."""
    root = runc.folder / "linked"
    if not root.exists():
        oci_engine.make_rootfs(root, runc.binary)
        (root / "etc").rmdir()
        (root / "etc").symlink_to("/../../../../dev/shm")
    workload = Container(uid=1000, gid=1000, bounding=[], rootfs=str(root), read_only=True)
    with running.running(runc, workload, SLEEP,
                         change=lambda spec: spec["mounts"].append({
                             "destination": "/dev/shm", "type": "tmpfs", "source": "tmpfs",
                             "options": ["ro"]})) as pid:
        facts = running.facts(running.watertight(binary, "observe", "--pid", str(pid)).stdout)
    assert facts["filesystem.write", "/etc"] == "EROFS"


def test_a_descriptor_that_leads_out_of_the_container_is_found_from_outside(runc, binary, tmp_path):
    """As an engine leaves it open that starts a second process in a container."""
    fd = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
    try:
        with running.running(runc, Container(**HARDENED)) as pid:
            inside = ["nsenter", f"--target={pid}", "--mount", "sleep", "1000"]
            leaking = subprocess.Popen(inside, pass_fds=[fd])
            closed = subprocess.Popen(inside)
            try:
                running.wait_until_named(leaking.pid, "sleep")
                running.wait_until_named(closed.pid, "sleep")
                found, none = (running.watertight(binary, "--pid", str(process.pid), "-f", "json",
                                                  "--only=descriptors.host")
                               for process in (leaking, closed))
                blind = subprocess.run(
                    ["capsh", "--drop=cap_sys_ptrace", "--", "-c",
                     f"{binary} --pid {pid} --only=descriptors.host"], stdout=subprocess.PIPE, text=True)
            finally:
                for process in (leaking, closed):
                    process.kill()
                    process.wait(10)
    finally:
        os.close(fd)
    check = json.loads(found.stdout)["checks"][0]
    assert (check["status"], check["observed"]) == ("fail", [f"descriptor {fd}: folder {tmp_path}"])
    assert json.loads(none.stdout)["verdict"] == "pass"
    assert blind.returncode == 2 and "CAP_SYS_PTRACE" in blind.stdout


def wait_for_another(pid):
    """nsenter itself stays in its PID namespace: its child is the process."""
    for _ in range(1000):
        others = {number for number, _ in running.processes_of(pid)} - {pid}
        if others:
            running.wait_until_named(min(others), "sleep")
            return min(others)
        time.sleep(0.01)
    raise AssertionError(f"nobody else is beside process {pid}")


def test_a_pidfd_is_judged_from_outside_by_where_its_process_is(runc, binary):
    """The machine's own procfs has a number for the container's processes and for others."""
    host = os.getpid()
    with running.running(runc, Container(**HARDENED)) as pid:
        for of, space in ((pid, pid), (host, pid), (pid, host)):
            held = [os.pidfd_open(of), os.open(f"/proc/{space}/ns/net", os.O_RDONLY)]
            names = ["process anon_inode:[pidfd]", f"namespace {os.readlink('/proc/self/ns/net')}"]
            entered = subprocess.Popen(["nsenter", f"--target={pid}", "--all", "sleep", "1000"],
                                       pass_fds=held)
            inside = wait_for_another(pid)
            seen = running.watertight(binary, "--pid", str(inside), "-f", "json",
                                      "--only=descriptors.host")
            os.kill(inside, signal.SIGKILL)
            entered.wait(10)
            for fd in held:
                os.close(fd)
            outside = [of == host, space == host]
            check = json.loads(seen.stdout)["checks"][0]
            assert check["status"] == ("fail" if any(outside) else "pass")
            assert check.get("observed", []) == [f"descriptor {fd}: {name}" for fd, name, is_outside
                                                 in zip(held, names, outside) if is_outside]
