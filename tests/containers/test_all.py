"""--all: every container, one report each; what is left out is told."""
import json
import pathlib
import subprocess

import pytest

import running
from container import HARDENED, REFUSING, Container

CROWD = pathlib.Path(__file__).resolve().parents[1] / "bench/crowd.c"


# What can be told from outside.
ONLY = ["--only", "user.,capabilities.,privileges.,mounts.read-only-root,filesystem."]


@pytest.fixture(scope="module")
def waiting(runc):
    """A program that only waits, under a name of one's choice."""
    subprocess.run(["gcc", "-static", "-O1", "-o", runc.rootfs / "crowd", CROWD], check=True)
    for name in ("pause", "app"):
        (runc.rootfs / name).write_bytes((runc.rootfs / "crowd").read_bytes())
        (runc.rootfs / name).chmod(0o755)
    return runc


def reports(done):
    document = json.loads(done.stdout)
    assert document["schema"] == "watertight.reports/1"
    return {row["target"]["pid"]: row for row in document["reports"]}, document


def test_each_container_gets_a_report_of_its_main_process(runc, binary):
    hardened = Container(**HARDENED, seccomp=REFUSING)
    shell = ["/bin/sh", "-c", "sleep 1000 & sleep 1000 & wait"]
    with running.running(runc, hardened) as good, \
            running.running(runc, Container(uid=1000, gid=1000), shell) as bad:
        done = running.watertight(binary, "--all", "-f", "json", *ONLY)
        single = running.watertight(binary, "--pid", str(bad), "-f", "json", *ONLY)
        text = running.watertight(binary, "--all", *ONLY).stdout
        tap = running.watertight(binary, "--all", "-f", "tap", *ONLY).stdout
        inside = {number for number, _ in running.processes_of(bad)}
    found, document = reports(done)
    assert {good, bad} <= set(found)
    assert found[good]["verdict"] == "pass", found[good]
    assert found[bad]["verdict"] == document["verdict"] == "fail"
    assert found[bad]["target"]["name"] == "sh"
    assert done.returncode == 1
    # As much as --pid says of it, and nothing of this container twice.
    for part in ("checks", "facts", "summary"):
        assert found[bad][part] == json.loads(single.stdout)[part]
    assert len(inside) == 3 and inside & set(found) == {bad}
    assert any("processes of the machine itself" in note for note in document["notes"])
    lines = [line for line in text.splitlines() if line.startswith(("PASS  ", "FAIL  "))]
    assert any(line.split()[:3] == ["PASS", "process", str(good)] for line in lines)
    assert any(line.split()[:3] == ["FAIL", "process", str(bad)] for line in lines)
    assert f"process {bad} (sh) capabilities.effective: " in tap
    plan = int(tap.splitlines()[1].split("..")[1])
    points = [line for line in tap.splitlines() if line.startswith(("ok ", "not ok "))]
    assert [int(line.split(" - ")[0].split()[-1]) for line in points] == list(range(1, plan + 1))
    proved = subprocess.run(["prove", "-e", "cat", "/dev/stdin"], input=tap.replace("14", "13", 1),
                            stdout=subprocess.PIPE, text=True)
    assert proved.returncode != 0


def test_all_can_be_entered(runc, binary):
    hardened = Container(**HARDENED, seccomp=REFUSING)
    with running.running(runc, hardened) as good, \
            running.running(runc, Container(uid=1000, gid=1000, seccomp=REFUSING)) as bad:
        found, _ = reports(running.watertight(binary, "--all", "--enter", "-f", "json"))
        single = running.watertight(binary, "--pid", str(bad), "--enter", "-f", "json")
    assert found[good]["verdict"] == "pass", found[good]["summary"]
    assert found[bad]["facts"] == json.loads(single.stdout)["facts"]
    assert found[bad]["verdict"] == "fail"


def test_a_pod_without_rights_is_told_apart_by_its_control_groups(waiting):
    """pause first, two containers of other users, and a sidecar, in one PID namespace."""
    seccomp = dict(seccomp=REFUSING)
    with running.running(waiting, Container(uid=65535, gid=65535), ["/pause", "0"]) as pause:
        share = running.shares_pid_namespace(pause)
        with running.running(waiting, Container(**HARDENED, **seccomp), change=share), \
                running.running(waiting, Container(**{**HARDENED, "uid": 3000}, **seccomp),
                                ["/app", "3"], change=share):
            spec = waiting.spec
            waiting.spec = json.loads(json.dumps(spec))
            share(waiting.spec)
            try:
                done = waiting.run(Container(**{**HARDENED, "uid": 2000}),
                                   ["/watertight", "--all", "-f", "json"])
            finally:
                waiting.spec = spec
    found, document = reports(done)
    assert sorted(row["target"]["name"] for row in found.values()) == ["app", "sleep"]
    notes = " ".join(document["notes"])
    assert "grouped by control group and mounts" in notes and "CAP_SYS_PTRACE" in notes
    assert "left out: process 1 (pause)" in notes
    # Users, capabilities and mounts are seen and good; what is not to be seen is no pass.
    assert {row["verdict"] for row in found.values()} == {"incomplete"}
    assert document["verdict"] == "incomplete" and done.returncode == 2


def test_a_process_that_calls_itself_pause_is_not_left_out_when_it_does_more(waiting, binary):
    with running.running(waiting, Container(), ["/pause", "2"]) as pid:
        found, _ = reports(running.watertight(binary, "--all", "-f", "json"))
    assert found[pid]["target"]["name"] == "pause"


def test_where_no_container_is_to_be_seen_nothing_has_passed(runc):
    done = runc.run(Container(**HARDENED), ["/watertight", "--all"])
    assert done.returncode == 2
    assert "no container is to be seen" in done.stdout


def test_what_does_not_go_together_is_refused(binary):
    done = running.watertight(binary, "--all", "--pid", "1")
    assert done.returncode == 64 and "do not go together" in done.stderr
