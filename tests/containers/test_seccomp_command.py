"""`watertight seccomp`: what it prints, and that a profile it prints gives the same policy again."""
import json
import platform
import random

import pytest

import oci_seccomp
from container import HARDENED, REFUSING, Container

ASKED = {"clone": [0x10000000, 0x20000, 0x40000000], "unshare": [0x10000000, 0x8000000],
         "socket": [38, 40, 17], "ioctl": [0x5412, 0x541C], "bpf": [0, 5]}


def facts(done):
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["facts"]
    return {(row["key"], row["subject"]): row["value"] for row in rows
            if row["key"] in ("seccomp.syscalls", "seccomp.calls")}


def profile_under(runc, container):
    done = runc.run(container, ["/watertight", "seccomp", "--profile"])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def add_conditions(random_, profile):
    """Some calls depend on an argument: refused, or let through, only with certain values."""
    for call, values in ASKED.items():
        some = random_.sample(values, random_.randrange(len(values) + 1))
        index = 1 if call == "ioctl" else 0
        op = "SCMP_CMP_MASKED_EQ" if call in ("clone", "unshare") else "SCMP_CMP_EQ"
        for rule in profile["syscalls"]:
            rule["names"] = [name for name in rule["names"] if name != call]
        is_lenient = profile["defaultAction"] == "SCMP_ACT_ALLOW"
        if not is_lenient and call in ("clone", "socket", "ioctl"):
            profile["syscalls"].append({"names": [call], "action": "SCMP_ACT_ALLOW"})
            continue
        action = {"action": "SCMP_ACT_ERRNO", "errnoRet": 13} if is_lenient else {
            "action": "SCMP_ACT_ALLOW"}
        profile["syscalls"] += [
            {"names": [call], "args": [{"index": index, "value": value, "valueTwo": value, "op": op}],
             **action} for value in some]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]


@pytest.mark.parametrize("number", range(16))
def test_a_printed_profile_gives_the_same_policy_again(runc, number):
    random_ = random.Random(2000 + number)
    profile = oci_seccomp.make(random_, oci_seccomp.numbers(platform.machine()))
    if number % 2 == 1:
        add_conditions(random_, profile)
    first = Container(**HARDENED, seccomp=profile)
    again = Container(**HARDENED, seccomp=profile_under(runc, first))
    wanted = facts(runc.run(first, ["/watertight", "observe"]))
    found = facts(runc.run(again, ["/watertight", "observe"]))
    wrong = {key: (found.get(key), value) for key, value in wanted.items() if found.get(key) != value}
    assert wrong == {} and set(found) == set(wanted), (number, profile["defaultAction"], wrong)


def test_an_engines_default_is_printed_so_that_it_can_be_given_back(engine):
    """The engine's own profile, and in a second container the one that was printed there."""
    container = Container(**HARDENED)
    if engine.name in ("runc", "crun"):
        container.seccomp = REFUSING
    done = engine.run(container, ["/watertight", "seccomp", "--profile"])
    assert done.returncode == 0, done.stderr
    again = Container(**HARDENED, seccomp=json.loads(done.stdout))
    wanted = facts(engine.run(container, ["/watertight", "observe"]))
    assert facts(engine.run(again, ["/watertight", "observe"])) == wanted


def test_for_a_person_it_fits_a_terminal_and_names_what_matters(runc):
    done = runc.run(Container(**HARDENED, seccomp=REFUSING), ["/watertight", "seccomp"])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert "Filters loaded: 1." in lines[0]
    mount = lines[lines.index("mount: mounts and root directories") + 1:]
    assert mount[0].split() == ["allow", "chroot"]
    assert mount[1].split()[0] == "errno(EPERM)" and "pivot_root" in done.stdout


def test_as_json_every_call_stands_under_one_answer(runc):
    done = runc.run(Container(**HARDENED, seccomp=REFUSING),
                    ["/watertight", "seccomp", "--format", "json"])
    document = json.loads(done.stdout)
    assert document["mode"] == "filter" and document["filters"] in (1, None)
    names = [name for calls in document["syscalls"].values() for name in calls]
    assert len(names) == len(set(names)) > 300
    refused = REFUSING["syscalls"][0]["names"]
    known = oci_seccomp.numbers(platform.machine())
    assert set(document["syscalls"]["errno(EPERM)"]) == set(refused) & set(known)
    assert document["groups"]["keys"] == {"errno(EPERM)": ["add_key", "keyctl", "request_key"]}
    assert document["calls"]["unshare(CLONE_NEWUSER)"] == "errno(EPERM)"


def test_without_a_filter_it_says_so_and_the_profile_refuses_nothing(runc):
    container = Container(**{**HARDENED, "seccomp": "unconfined"})
    done = runc.run(container, ["/watertight", "seccomp"])
    assert done.stdout == "No filter is loaded: the kernel lets every system call through.\n"
    profile = profile_under(runc, container)
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW" and profile["syscalls"] == []


def test_where_nothing_can_be_determined_nothing_is_printed(runc):
    profile = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["seccomp"], "action": "SCMP_ACT_ERRNO"}]}
    done = runc.run(Container(**HARDENED, seccomp=profile), ["/watertight", "seccomp", "--profile"])
    assert (done.returncode, done.stdout) == (2, "")
    assert "seccomp.syscalls could not be determined: " in done.stderr
