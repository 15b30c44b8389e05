"""The default profiles of the engines are read exactly. The truth is their own files, resolved for
the container's capabilities here, and not by watertight."""
import json
import pathlib
import platform
import subprocess

import pytest

import oci_seccomp
from container import CAPABILITIES, DOCKER_DEFAULT, HARDENED, Container
from test_syscalls import answers, calls, facts, wanted_calls

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures/seccomp"
PROFILES = {
    "docker": FIXTURES / "docker-20.10.json",
    "containerd": FIXTURES / "containerd-1.6.json",
    "podman": pathlib.Path("/usr/share/containers/seccomp.json"),
}
SETS = {
    "default": sorted(DOCKER_DEFAULT),
    "none": [],
    "admin": ["CAP_SYS_ADMIN"],
    "many": [name for name in CAPABILITIES if name not in ("CAP_SYS_RESOURCE", "CAP_SYS_ADMIN")],
}


def load(name):
    if not PROFILES[name].exists():
        pytest.skip(f"{PROFILES[name]} is not installed")
    return json.loads(PROFILES[name].read_text())


def check_exactly(done, profile, known):
    assert done.returncode == 0, done.stderr
    found, unknown = answers(done)
    assert unknown is None
    wanted = {name: oci_seccomp.answer(profile, known, name) for name in known}
    wrong = {name: (found.get(name), action) for name, action in wanted.items()
             if found.get(name) != action}
    assert wrong == {}
    assert calls(done) == wanted_calls(profile, known)
    # Each lists the other architectures, so that no door is open there.
    assert facts(done, "seccomp.abi.looser").get("i386") in ([], None)
    assert facts(done, "seccomp.abi")["i386"] in ("reachable", "absent")


@pytest.mark.parametrize("capabilities", SETS)
@pytest.mark.parametrize("name", PROFILES)
def test_a_default_profile_is_read_exactly(runc, name, capabilities):
    known = oci_seccomp.numbers(platform.machine())
    held = SETS[capabilities]
    profile = oci_seccomp.resolve(load(name), set(held), platform.machine())
    container = Container(bounding=held, seccomp=profile)
    check_exactly(runc.run(container, ["/watertight", "observe"]), profile, known)


@pytest.mark.engines("docker", "podman")
@pytest.mark.parametrize("capabilities", ["default", "none", "admin"])
def test_an_engines_own_default_is_read_exactly(engine, capabilities):
    known = oci_seccomp.numbers(platform.machine())
    profile = oci_seccomp.resolve(load(engine.name), set(SETS[capabilities]), platform.machine())
    container = Container(bounding=None if capabilities == "default" else SETS[capabilities])
    check_exactly(engine.run(container, ["/watertight", "observe"]), profile, known)


@pytest.mark.engines("docker")
@pytest.mark.parametrize("added", [[], ["CAP_SYS_ADMIN"]])
def test_containerds_own_default_is_read_exactly(engine, added):
    """Docker's containerd, asked without Docker."""
    folder = pathlib.Path(engine.flags[0].partition("unix://")[2]).parent
    known = oci_seccomp.numbers(platform.machine())
    profile = oci_seccomp.resolve(load("containerd"), {*DOCKER_DEFAULT, *added}, platform.machine())
    done = subprocess.run(
        ["ctr", "--address", folder / "exec/containerd/containerd.sock", "run", "--rm", "--rootfs",
         "--seccomp", *[f"--cap-add={name}" for name in added], engine.folder / "busybox",
         f"watertight-{len(added)}", "/watertight", "observe"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=60)
    check_exactly(done, profile, known)


# Calls that no kernel of the last ten years has, and one that is newer than some of the profiles.
OF_NO_USE = {"afs_syscall", "get_kernel_syms", "getpmsg", "putpmsg", "security", "tuxcall",
             "vserver", "set_mempolicy_home_node"}


def test_hardened_asks_for_what_all_of_them_refuse():
    known = oci_seccomp.numbers(platform.machine())
    refused = set(known)
    for name in PROFILES:
        profile = oci_seccomp.resolve(load(name), set(DOCKER_DEFAULT), platform.machine())
        refused -= {call for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW"
                    for call in rule["names"]}
    policy = json.loads((ROOT / "agent/policies/hardened.json").read_text())
    assert set(policy["params"]["denied_syscalls"]) & set(known) == refused - OF_NO_USE


def remedied(report):
    """The JSON in the remedies of all that failed."""
    decoder = json.JSONDecoder()
    rules = []
    for row in report["checks"]:
        text = row["remedy"]["docker"] if row["status"] == "fail" else ""
        while '{"names"' in text:
            rule, end = decoder.raw_decode(text[text.index('{"names"'):])
            text = text[text.index('{"names"') + end:]
            rules += [] if rule in rules else [rule]
    return rules


@pytest.mark.parametrize("policy", ["hardened", "strict"])
def test_the_remedies_put_into_a_profile_are_enough(runc, policy):
    check = ["/watertight", "--policy", policy, "--only", "seccomp.", "--format", "json"]
    profile = {"defaultAction": "SCMP_ACT_ALLOW",
               "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                 "SCMP_ARCH_AARCH64"],
               "syscalls": [{"names": ["nfsservctl"], "action": "SCMP_ACT_ERRNO"}]}
    report = json.loads(runc.run(Container(**HARDENED, seccomp=profile), check).stdout)
    failed = {row["id"] for row in report["checks"] if row["status"] == "fail"}
    assert failed == {"seccomp.denied-syscalls"} | (
        {"seccomp.denied-calls"} if policy == "strict" else set())
    profile["syscalls"] = remedied(report)
    done = runc.run(Container(**HARDENED, seccomp=profile), check)
    left = [row for row in json.loads(done.stdout)["checks"] if row["status"] != "pass"]
    assert [row for row in left if row["id"] != "seccomp.compat-abi"] == []
    # What i386 has under names of its own is named then, and is all that is left.
    names = sorted({name for row in left for name in row["observed"]})
    profile["syscalls"].append({"names": names, "action": "SCMP_ACT_ERRNO"})
    done = runc.run(Container(**HARDENED, seccomp=profile), check)
    assert done.returncode == 0, done.stdout
