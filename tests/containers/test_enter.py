"""--enter gives fact for fact what the program inside gives, and leaves the target as it was."""
import json
import os
import pathlib
import platform
import random
import signal
import subprocess
import time

import pytest

import oci_seccomp
import running
from container import CAPABILITIES, DOCKER_DEFAULT, HARDENED, Container

POLICY = ["--policy", "strict"]
CONTAINERS = 100
KILLS = 50
EVALUATED = 12
# Of the process that looks: its container's id, its descriptors, how it compares with the first, and
# which others it sees.
OWN = ("runtime.container_id", "descriptor.host", "process.init", "process.init_name",
       "process.visible", "process.open")
AVAILABLE = [name for name in CAPABILITIES if name != "CAP_SYS_RESOURCE"]
TMPFS = [{}, {"/tmp": "rw,nosuid,nodev,noexec,mode=1777"}, {"/tmp": "ro"}, {"/tmp": "rw,mode=0700"}]
FILTER = {"defaultAction": "SCMP_ACT_ALLOW",
          "syscalls": [{"names": ["reboot", "bpf"], "action": "SCMP_ACT_ERRNO"}]}


def some(random_, names):
    return random_.sample(names, min(len(names), random_.choice([0, 1, 3, len(names) // 2])))


def container_of(number):
    random_ = random.Random(f"enter-{number}")
    bounding = random_.choice([[], AVAILABLE, sorted(DOCKER_DEFAULT), some(random_, AVAILABLE)])
    permitted = random_.choice([bounding, some(random_, bounding)])
    inheritable = random_.choice([[], some(random_, permitted)])
    known = oci_seccomp.numbers(platform.machine())
    return Container(
        uid=random_.choice([0, 1, 100, 1000, 65534]),
        gid=random_.choice([0, 1000, 65534]),
        groups=random_.choice([[], [0], [4, 24, 1000]]),
        bounding=bounding, permitted=permitted, inheritable=inheritable,
        ambient=random_.choice([[], inheritable]),
        no_new_privs=random_.choice([False, True]),
        read_only=random_.choice([False, True]),
        tmpfs=random_.choice(TMPFS),
        seccomp=random_.choice(["unconfined", oci_seccomp.make(random_, known),
                                oci_seccomp.make(random_, known)]),
        environment=random_.choice([{}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}]),
        rlimits={"RLIMIT_NOFILE": (512, 1024 + number), "RLIMIT_CORE": (0, 0)},
    )


def rows(done):
    """All of a document, but what names the container's own control group or its id, and the
    descriptors, which are each process's own."""
    assert done.returncode == 0, done.stderr
    kept = []
    for row in json.loads(done.stdout)["facts"]:
        if (row.get("subject") or "").startswith("/sys/fs/cgroup") or \
                row["key"] in OWN:
            continue
        kept.append(row)
    return kept


def settles(pid, before):
    """What a killed watertight has left in the container ends soon."""
    end = time.monotonic() + 10
    while running.processes_of(pid) != before and time.monotonic() < end:
        time.sleep(0.05)


def untouched(pid, before):
    assert running.process_state(pid) == ("S (sleeping)", "0")
    assert running.processes_of(pid) == before


@pytest.mark.parametrize("first", range(0, CONTAINERS, 10))
def test_it_sees_what_the_program_inside_sees(runc, binary, first):
    for number in range(first, first + 10):
        container = container_of(number)
        inside = rows(runc.run(container, ["/watertight", "observe", *POLICY]))
        with running.running(runc, container) as pid:
            before = running.processes_of(pid)
            done = running.watertight(binary, "observe", "--pid", str(pid), "--enter", *POLICY)
            untouched(pid, before)
        entered = rows(done)
        differing = [(a, b) for a, b in zip(inside, entered) if a != b]
        assert not differing and len(inside) == len(entered), (number, container, differing[:3])


def test_it_sees_what_the_program_inside_a_user_namespace_sees(runc, binary):
    for uid in (0, 1000):
        with running.rootfs_for_all(runc) as root, \
                running.running(runc, Container(uid=uid, gid=uid, bounding=sorted(DOCKER_DEFAULT),
                                                seccomp=FILTER, rootfs=root),
                                change=running.in_user_namespace) as pid:
            done = running.watertight(binary, "observe", "--pid", str(pid), "--enter")
            seen = subprocess.run(["nsenter", "-t", str(pid), "-a", "-S", str(uid), "-G", str(uid),
                                   "cat", "/proc/self/uid_map"], stdout=subprocess.PIPE, text=True)
        facts = running.facts(done.stdout)
        assert facts["user.uid.effective", None] == uid
        assert facts["user.uid_map", None] == " ".join(seen.stdout.split())
        assert facts["seccomp.syscalls", "errno(EPERM)"] == ["bpf", "reboot"]


def test_limits_that_who_enters_may_not_raise_are_the_processs_own_all_the_same(runc, binary):
    with running.running(runc, Container(rlimits={"RLIMIT_NOFILE": (512, 1024)})) as pid:
        done = subprocess.run(["prlimit", "--nofile=256:256", binary, "observe", "--pid", str(pid),
                               "--enter"], stdout=subprocess.PIPE, text=True, timeout=60)
    facts = running.facts(done.stdout)
    assert facts["limit.rlimit.soft", "RLIMIT_NOFILE"] == 512
    assert facts["limit.rlimit.hard", "RLIMIT_NOFILE"] == 1024


@pytest.fixture(scope="module")
def helped(runc):
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", runc.rootfs / "helper",
                    pathlib.Path(__file__).parent / "helper.c"], check=True)
    return runc


@pytest.mark.parametrize("number", range(EVALUATED))
def test_filters_that_cannot_be_joined_are_evaluated_as_the_kernel_does(helped, binary, number):
    """Loaded by CAP_SYS_ADMIN and refusing capset(2): it could not be given up behind them."""
    random_ = random.Random(f"evaluated-{number}")
    profile = oci_seccomp.make(random_, oci_seccomp.numbers(platform.machine()))
    container = Container(bounding=AVAILABLE, seccomp=profile, no_new_privs=False)
    under = ["/helper", "admin-filter", random_.choice(["eperm", "trap", "enosys"]), "capset"]
    inside = rows(helped.run(container, [*under, "/watertight", "observe", *POLICY]))
    with running.running(helped, container, [*under, "/bin/sleep", "1000"]) as pid:
        done = running.watertight(binary, "observe", "--pid", str(pid), "--enter", *POLICY)
    entered = rows(done)
    filters = [row["value"] for row in entered if row["key"] == "seccomp.filters"]
    assert filters == [2]
    differing = [(a, b) for a, b in zip(inside, entered) if a != b]
    assert not differing and len(inside) == len(entered), (profile, differing[:3])


def test_an_image_of_nothing_but_the_workload_can_be_entered(runc, binary):
    """No shell, no watertight, a read-only root, and nowhere to execute from."""
    container = Container(**HARDENED, seccomp=FILTER, rootfs=str(runc.scratch))
    (runc.scratch / "sleep").write_bytes((runc.rootfs / "bin/busybox").read_bytes())
    (runc.scratch / "sleep").chmod(0o755)
    with running.running(runc, container, ["/sleep", "1000"]) as pid:
        done = running.watertight(binary, "--pid", str(pid), "--enter", "-f", "json")
    report = json.loads(done.stdout)
    assert report["target"] == {**report["target"], "pid": pid, "self": False, "name": "sleep"}
    assert report["summary"]["unknown"] == 0
    assert {row["id"] for row in report["checks"] if row["status"] == "fail"} == {
        "seccomp.denied-syscalls"}


def test_without_the_rights_it_is_refused(runc, binary):
    with running.running(runc, Container(**HARDENED)) as pid:
        for dropped in ("cap_sys_admin", "cap_sys_ptrace"):
            done = subprocess.run(["capsh", f"--drop={dropped}", "--", "-c",
                                   f"{binary} --pid {pid} --enter"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
            assert done.returncode == 64
            assert "cannot be entered" in done.stderr
    alone = running.watertight(binary, "--enter")
    assert alone.returncode == 64 and "--enter needs --pid or --all" in alone.stderr


def test_what_confines_this_process_is_not_taken_for_the_other_s(helped, binary):
    """It stays on whoever enters: a plain container would pass for a confined one."""
    plain = Container(bounding=sorted(DOCKER_DEFAULT), no_new_privs=False, seccomp="unconfined")
    confinements = {
        "has no_new_privs, which the other has not": ["setpriv", "--no-new-privs"],
        "is under seccomp filters itself":
            [helped.rootfs / "helper", "admin-filter", "eperm", "capset"],
        "its bounding set holds capabilities that this process lacks":
            ["setpriv", "--bounding-set=-mknod"],
    }
    with running.running(helped, plain) as pid:
        for reason, prefix in confinements.items():
            done = subprocess.run([*prefix, binary, "--pid", str(pid), "--enter"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            assert done.returncode == 64 and reason in done.stderr, done.stderr
            everywhere = subprocess.run([*prefix, binary, "--all", "--enter", "-f", "json"],
                                        stdout=subprocess.PIPE, text=True)
            document = json.loads(everywhere.stdout)
            assert any(note.startswith(f"looked at from outside: process {pid} ") and reason in note
                       for note in document["notes"])
            seen = [row for row in document["reports"] if row["target"]["pid"] == pid]
            failed = {row["id"] for row in seen[0]["checks"] if row["status"] == "fail"}
            assert failed >= {"privileges.no-new-privileges", "seccomp.enabled",
                              "capabilities.bounding"}
    # Where the other has it, too, nothing is in the way.
    with running.running(helped, Container(**HARDENED, seccomp=FILTER)) as pid:
        done = subprocess.run(["setpriv", "--no-new-privs", binary, "observe", "--pid", str(pid),
                               "--enter"], stdout=subprocess.DEVNULL)
        assert done.returncode == 0


def test_the_container_s_id_is_that_of_its_control_group(runc, binary):
    """Which a cgroup namespace hides from whoever is inside."""
    name = "0123456789abcdef" * 4
    path = f"/kubepods-{os.getpid()}/cri-containerd-{name}.scope"

    def change(spec):
        spec["linux"]["cgroupsPath"] = path
        spec["linux"]["namespaces"].append({"type": "cgroup"})

    with running.running(runc, Container(**HARDENED, seccomp=FILTER), change=change) as pid:
        done = running.watertight(binary, "--pid", str(pid), "--enter", "-f", "json")
    target = json.loads(done.stdout)["target"]
    assert (target["runtime"], target["container_id"]) == ("containerd", name)


def test_a_cgroup_namespace_of_one_s_own_does_not_hide_the_others(runc, binary):
    with running.running(runc, Container(**HARDENED, seccomp=FILTER)) as pid:
        done = subprocess.run(["unshare", "--cgroup", binary, "observe", "--pid", str(pid), "--enter"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stopped_process_stays_stopped(runc, binary):
    with running.running(runc, Container(seccomp=FILTER)) as pid:
        os.kill(pid, signal.SIGSTOP)
        done = running.watertight(binary, "observe", "--pid", str(pid), "--enter")
        assert done.returncode == 0, done.stderr
        assert running.process_state(pid) == ("T (stopped)", "0")
        os.kill(pid, signal.SIGCONT)
        running.wait_until_asleep(pid)


def test_a_paused_container_is_refused_and_stays_paused(runc, binary):
    """What would enter a frozen control group would be frozen, too."""
    with running.running(runc, Container(seccomp=FILTER)) as pid:
        name = running.name_of(pid)
        command = running.command(runc)
        subprocess.run([*command, "pause", name], check=True)
        done = running.watertight(binary, "observe", "--pid", str(pid), "--enter")
        assert done.returncode == 64 and "is frozen" in done.stderr
        subprocess.run([*command, "resume", name], check=True)
        assert running.process_state(pid) == ("S (sleeping)", "0")


def test_killed_at_any_instant_it_leaves_the_target_as_it_was(runc, binary):
    container = Container(uid=1000, gid=1000, seccomp=FILTER)
    random_ = random.Random(7)
    with running.running(runc, container) as pid:
        before = running.processes_of(pid)
        command = [str(binary), "observe", "--pid", str(pid), "--enter", *POLICY]
        start = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        whole = time.monotonic() - start
        for _ in range(KILLS):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            time.sleep(random_.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            process.wait()
        settles(pid, before)
        untouched(pid, before)
        # It still runs, and is still there to be looked at.
        again = running.watertight(binary, "observe", "--pid", str(pid), "--enter")
        assert again.returncode == 0
        settles(pid, before)
        untouched(pid, before)
