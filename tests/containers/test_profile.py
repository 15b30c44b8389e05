"""The policy in force against a profile: what the engine was told is what is found, and no more."""
import copy
import json
import pathlib
import platform
import random
import subprocess

import pytest

import oci_seccomp
from container import HARDENED, REFUSING, Container

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARTICLE = ROOT / "tests/fixtures/seccomp/node-article.json"
PODMAN = pathlib.Path("/usr/share/containers/seccomp.json")
NONE = {"looser": [], "other": [], "stricter": []}


def differences(done):
    """What a report, or facts, say of the profile."""
    rows = [row for row in json.loads(done.stdout)["facts"] if row["key"] == "seccomp.profile"]
    assert all(row["state"] == "known" for row in rows), rows
    return {row["subject"]: row["value"] for row in rows if row["subject"] != "unknown"}


def check(runc, folder, profile, written, *arguments):
    """Looks at a container under profile, and compares with what is written, outside."""
    file = folder / "written.json"
    file.write_text(json.dumps(written))
    container = Container(**HARDENED, seccomp=profile)
    facts = runc.run(container, ["/watertight", "observe", *arguments])
    assert facts.returncode == 0, (facts.stderr, profile)
    return judge(runc.binary, folder, facts.stdout, file)


def status_of(done):
    checks = [row for row in json.loads(done.stdout)["checks"] if row["id"] == "seccomp.profile"]
    return {row["subject"]: row["status"] for row in checks}


def judge(binary, folder, facts, profile):
    file = folder / "facts.json"
    file.write_text(facts)
    return subprocess.run([binary, "judge", file, "--seccomp-profile", profile, "--only",
                           "seccomp.profile", "-f", "json"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def with_conditions(random_, profile):
    """Adds rules with conditions on arguments, each of an operator of its own."""
    number = random_.randrange
    rules = [
        {"names": ["bpf", "personality"], "args": [
            {"index": 0, "value": number(9), "op": f"SCMP_CMP_{op}"}]}
        for op in random_.sample(["NE", "LT", "LE", "EQ", "GE", "GT"], 1)
    ]
    flag = random_.choice(list([0x10000000, 0x20000, 0x40000000]))
    rules.append({"names": ["unshare"], "args": [
        {"index": 0, "value": flag, "valueTwo": random_.choice([0, flag]),
         "op": "SCMP_CMP_MASKED_EQ"}]})
    rules.append({"names": ["add_key"], "args": [  # two of one argument: either
        {"index": 1, "value": 0, "op": "SCMP_CMP_NE"},
        {"index": 1, "value": 4, "op": "SCMP_CMP_LT"}]})
    rules.append({"names": ["keyctl"], "args": [  # of two arguments: both
        {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},
        {"index": 1, "value": number(2), "op": "SCMP_CMP_EQ"}]})
    named = {name for rule in rules for name in rule["names"]}
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in named]
    for rule in rules:
        rule.update(action="SCMP_ACT_ERRNO", errnoRet=random_.choice([13, 22]))
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]] + rules


@pytest.mark.parametrize("number", range(24))
def test_a_profile_in_force_is_found_to_be_itself_and_one_change_is_named(runc, tmp_path, number):
    random_ = random.Random(1000 + number)
    known = oci_seccomp.numbers(platform.machine())
    profile = oci_seccomp.make(random_, known)
    with_conditions(random_, profile)
    # A call that stands twice: the first rule counts. Of those that i386 has in one, libseccomp
    # takes no second rule.
    again = [name for name in random_.choice(profile["syscalls"])["names"]
             if not name.startswith(("msg", "sem", "shm"))]
    profile["syscalls"].append({"names": [again[0]], "action": "SCMP_ACT_ERRNO", "errnoRet": 71})
    done = check(runc, tmp_path, profile, profile)
    assert differences(done) == NONE, (number, profile["defaultAction"], done.stderr)
    assert set(status_of(done).values()) == {"pass"}
    changed = copy.deepcopy(profile)
    changed["syscalls"].insert(0, {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95})
    found = differences(check(runc, tmp_path, profile, changed))
    rest = [text for texts in found.values() for text in texts]
    assert len(rest) == 1 and rest[0].startswith("sync: ") and rest[0].endswith("errno(EOPNOTSUPP)")


def test_what_is_looser_and_what_is_stricter_is_told_apart(runc, tmp_path):
    written = copy.deepcopy(REFUSING)
    written["syscalls"][0]["names"] = ["reboot", "sync", "vhangup"]
    written["syscalls"][0]["action"] = "SCMP_ACT_TRAP"
    in_force = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["reboot", "swapon"], "action": "SCMP_ACT_ERRNO"},
        {"names": ["vhangup"], "action": "SCMP_ACT_KILL_PROCESS"}]}
    done = check(runc, tmp_path, in_force, written)
    assert done.returncode == 1
    assert differences(done) == {
        "looser": ["reboot: errno(EPERM), not trap", "sync: allow, not trap"],
        "other": [],
        "stricter": ["swapon: errno(EPERM), not allow", "vhangup: kill, not trap"]}
    assert status_of(done) == {"looser": "fail", "other": "pass", "stricter": "fail"}


def test_without_the_system_calls_the_answer_is_unknown(runc, tmp_path):
    done = check(runc, tmp_path, REFUSING, REFUSING, "--fast")
    assert set(status_of(done).values()) == {"unknown"}
    assert "left out by --fast" in done.stdout


@pytest.fixture(scope="session")
def docker_profile():
    folder = ROOT / "build/docker-profile"
    done = subprocess.run([ROOT / "scripts/fetch-docker-profile", folder], stderr=subprocess.PIPE,
                          text=True)
    if done.returncode != 0:
        pytest.skip(f"Docker's profile cannot be had: {done.stderr}")
    return folder / "default.json"


@pytest.mark.engines("docker", "podman")
def test_an_engines_own_profile_is_found_to_be_in_force(engine, binary, tmp_path, request):
    """Whatever capabilities the container has: the profile depends on the bounding set."""
    file = PODMAN if engine.name == "podman" else request.getfixturevalue("docker_profile")
    sets = [None, [], ["CAP_SYS_ADMIN", "CAP_AUDIT_WRITE"], ["CAP_SYS_PTRACE", "CAP_SYS_TIME"]]
    for uid, bounding in enumerate(sets):
        container = Container(uid=uid * 1000, gid=uid * 1000, bounding=bounding)
        facts = engine.run(container, ["/watertight", "observe"])
        assert facts.returncode == 0, facts.stderr
        done = judge(binary, tmp_path, facts.stdout, file)
        assert differences(done) == NONE, (bounding, done.stderr)
        assert done.returncode == 0
        assert done.stderr == ""  # every name in it is known
    # The same facts with another set: what the capability opens is looser then.
    rows = json.loads(facts.stdout)
    for row in rows["facts"]:
        if row["key"] == "capabilities.bounding":
            row["value"] = []
    found = differences(judge(binary, tmp_path, json.dumps(rows), file))
    assert any(text.startswith("settimeofday: allow") for text in found["looser"])
    assert found["stricter"] == []


def test_an_articles_profile_does_not_do_what_its_author_meant(runc, binary, tmp_path):
    profile = json.loads(ARTICLE.read_text())
    container = Container(**HARDENED, seccomp=profile)
    done = runc.run(container, ["/watertight", "--policy", "strict", "-f", "json"])
    report = json.loads(done.stdout)
    row = next(row for row in report["checks"] if row["id"] == "seccomp.denied-syscalls")
    assert row["status"] == "fail"
    for name in ("mount", "move_mount", "unshare"):
        assert name in row["observed"] and name in row["message"]
    facts = runc.run(container, ["/watertight", "observe"])
    abis = {row["subject"]: row["value"] for row in json.loads(facts.stdout)["facts"]
            if row["key"] == "seccomp.abi"}
    if platform.machine() == "x86_64":  # killed: the profile does not list that architecture
        assert abis["i386"] == "blocked"
    done = judge(binary, tmp_path, facts.stdout, ARTICLE)
    assert differences(done) == NONE
    assert "names: mmap_cache, mquery, set_gid\n" in done.stderr
    unknown = [row["value"] for row in json.loads(done.stdout)["facts"]
               if row["key"] == "seccomp.profile" and row["subject"] == "unknown"]
    assert unknown == [["mmap_cache", "mquery", "set_gid"]]
