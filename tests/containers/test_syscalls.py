"""Every system call's answer is the profile's, for random profiles; and asking leaves no mark."""
import json
import pathlib
import platform
import random
import subprocess

import pytest

import oci_seccomp
from container import HARDENED, Container
from oci_engine import open_to_others

PROFILES = 300


def calls(done):
    rows = json.loads(done.stdout)["facts"]
    return {row["subject"]: row["value"] for row in rows if row["key"] == "seccomp.calls"}


def answers(done):
    found, unknown = {}, None
    for row in json.loads(done.stdout)["facts"]:
        if row["key"] != "seccomp.syscalls":
            continue
        if row["state"] == "unknown":
            unknown = row["reason"]
            continue
        for name in row["value"]:
            assert name not in found, f"{name} has two answers"
            found[name] = row["subject"]
    return found, unknown


@pytest.mark.parametrize("first", range(0, PROFILES, 20))
def test_random_profiles_are_read_exactly(runc, first):
    known = oci_seccomp.numbers(platform.machine())
    for number in range(first, first + 20):
        profile = oci_seccomp.make(random.Random(number), known)
        container = Container(**HARDENED, seccomp=profile)
        done = runc.run(container, ["/watertight", "observe"])
        assert done.returncode == 0, (number, profile, done.stderr)
        found, unknown = answers(done)
        assert unknown is None, (number, unknown)
        wanted = oci_seccomp.expected(profile, known)
        wrong = {name: (found.get(name), action) for name, action in wanted.items()
                 if found.get(name) != action}
        assert wrong == {}, (number, profile["defaultAction"], wrong)


def test_nothing_is_denied_where_no_filter_is_loaded(runc):
    for container in (Container(seccomp="unconfined"),
                      Container(uid=1000, gid=1000, bounding=[], no_new_privs=True)):
        found, _ = answers(runc.run(container, ["/watertight", "observe"]))
        assert set(found.values()) == {"allow"}
        assert set(oci_seccomp.numbers(platform.machine())) <= set(found)


@pytest.mark.parametrize("default", ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL", "SCMP_ACT_TRAP"])
def test_calls_that_would_end_the_machine_are_asked_about_like_any_other(runc, default):
    """A listing that executed what it lists would not come back from these."""
    known = oci_seccomp.numbers(platform.machine())
    ends = ["reboot", "vhangup", "pause", "sethostname", "kexec_load", "swapoff"]
    allowed = sorted(oci_seccomp.ESSENTIAL & set(known)) + ends
    profile = {"defaultAction": default,
               "syscalls": [{"names": allowed, "action": "SCMP_ACT_ALLOW"}]}
    container = Container(seccomp=profile, no_new_privs=True)
    found, unknown = answers(runc.run(container, ["/watertight", "observe"]))
    assert unknown is None
    for name in ends + ["exit_group", "fork", "rt_sigreturn"]:
        assert found[name] == "allow"
    assert found["mount"] == ("trap" if default == "SCMP_ACT_TRAP" else "kill")


CLONE_FLAGS = {"CLONE_NEWUSER": 0x10000000, "CLONE_NEWNS": 0x20000, "CLONE_NEWPID": 0x20000000,
               "CLONE_NEWNET": 0x40000000, "CLONE_NEWIPC": 0x8000000, "CLONE_NEWUTS": 0x4000000,
               "CLONE_NEWCGROUP": 0x2000000}
FAMILIES = {"AF_ALG": 38, "AF_VSOCK": 40, "AF_PACKET": 17, "AF_NETLINK": 16}
REQUESTS = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C}


@pytest.mark.parametrize("number", range(12))
def test_conditions_on_arguments_are_seen(runc, number):
    random_ = random.Random(number)
    refused = {}
    rules = []
    for name, flag in CLONE_FLAGS.items():
        for call in ("clone", "unshare"):
            if random_.random() < 0.4:
                refused[f"{call}({name})"] = "errno(EACCES)"
                rules.append({"names": [call], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [
                    {"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}]})
    for names, call, index in ((FAMILIES, "socket", 0), (REQUESTS, "ioctl", 1)):
        for name, value in names.items():
            if random_.random() < 0.5:
                refused[f"{call}({name})"] = "errno(EPERM)"
                rules.append({"names": [call], "action": "SCMP_ACT_ERRNO", "args": [
                    {"index": index, "value": value, "op": "SCMP_CMP_EQ"}]})
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules + [
        {"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    done = runc.run(Container(**HARDENED, seccomp=profile), ["/watertight", "observe"])
    found = calls(done)
    assert len(found) > 15
    assert found == {name: refused.get(name, "allow") for name in found}
    assert answers(done)[0]["clone"] == "allow"


def test_the_rule_names_what_is_let_through(engine):
    container = Container(**HARDENED)
    if engine.name in ("runc", "crun"):
        container.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    done = engine.run(container, ["/watertight", "--format", "json", "--only", "seccomp."])
    report = json.loads(done.stdout)
    row = next(r for r in report["checks"] if r["id"] == "seccomp.denied-syscalls")
    if engine.name in ("runc", "crun"):
        assert row["status"] == "fail"
        assert "bpf" in row["message"]
    else:
        assert row["status"] == "pass", row["message"]  # the engine's default profile


def test_fast_leaves_it_out_and_says_so(runc):
    profile = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    container = Container(**HARDENED, seccomp=profile)
    done = runc.run(container, ["/watertight", "--fast", "--only", "seccomp.", "-f", "json"])
    assert done.returncode == 2
    assert "left out by --fast" in done.stdout


def test_where_the_method_cannot_be_used_nothing_is_guessed(runc):
    for call in ("seccomp", "prctl"):
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": [call], "action": "SCMP_ACT_ERRNO"}]}
        container = Container(**HARDENED, seccomp=profile)
        found, unknown = answers(runc.run(container, ["/watertight", "observe"]))
        assert found == {}
        assert "cannot be loaded here: EPERM" in unknown, (call, unknown)


def test_no_core_no_zombie_and_no_line_in_the_kernels_log(runc):
    known = oci_seccomp.numbers(platform.machine())
    essential = sorted(oci_seccomp.ESSENTIAL & set(known))
    killing = {"defaultAction": "SCMP_ACT_KILL_PROCESS",
               "syscalls": [{"names": essential, "action": "SCMP_ACT_ALLOW"}]}
    refusing = {"defaultAction": "SCMP_ACT_ERRNO",
                "syscalls": [{"names": essential, "action": "SCMP_ACT_ALLOW"}]}
    script = "ulimit -c unlimited; cd /tmp; /watertight observe > /dev/null; ls -A /tmp; ls /proc"
    container = Container(**{**HARDENED, "seccomp": killing, "tmpfs": {"/tmp": "mode=1777"}})
    done = runc.run(container, ["/bin/sh", "-c", script])
    processes = [line for line in done.stdout.split() if line.isdigit()]
    assert "core" not in done.stdout.split("\n")[0]
    assert len(processes) <= 2, done.stdout  # the shell and ls
    before = subprocess.run(["dmesg"], stdout=subprocess.PIPE, text=True).stdout
    runc.run(Container(**HARDENED, seccomp=refusing), ["/watertight", "observe"])
    after = subprocess.run(["dmesg"], stdout=subprocess.PIPE, text=True).stdout
    assert "seccomp" not in after[len(before):]


def test_under_a_tracer_that_would_execute_the_calls_none_is_made(runc, binary, tmp_path):
    """strace's own use of seccomp takes our filter's answers: asking would then be calling."""
    helper = tmp_path / "helper"
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", helper,
                    pathlib.Path(__file__).parent / "helper.c"], check=True)
    open_to_others(tmp_path)
    program = tmp_path / "watertight"
    program.write_bytes(binary.read_bytes())
    program.chmod(0o755)
    command = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "strace", "-f",
               "--seccomp-bpf", "-e", "trace=sethostname", "-o", "/dev/null", helper, "filter",
               "eperm", "statx", program, "observe"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    found, unknown = answers(done)
    assert found == {}
    assert "or a tracer takes its answers" in unknown
