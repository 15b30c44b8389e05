"""Privileged containers summed up in one line; root that is nobody outside told apart."""
import json
import re
import subprocess

import pytest

from container import CAPABILITIES, HARDENED, REFUSING, Container

ADMIN = sorted(set(CAPABILITIES) - {"CAP_SYS_RESOURCE"})  # what the tests' own machine may have


def read(done):
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    return report, {row["id"]: row for row in report["checks"]}


def facts(report):
    return {row["key"]: row for row in report["facts"]}


def without_walls(engine, monkeypatch):
    """What --privileged does to an OCI configuration, but for what it adds to the sets."""
    config = engine.config

    def opened(container, arguments):
        spec = config(container, arguments)
        spec["linux"]["maskedPaths"] = spec["linux"]["readonlyPaths"] = []
        for mount in spec["mounts"]:
            if mount["destination"] == "/sys":
                mount["options"] = [option for option in mount["options"] if option != "ro"]
        return spec

    monkeypatch.setattr(engine, "config", opened)


@pytest.mark.engines("runc", "crun")
@pytest.mark.parametrize("bounding, seccomp, is_open, expected", [
    (ADMIN, "default", True, "CAP_SYS_ADMIN, no seccomp filter, /proc/irq is writable"),
    (["CAP_SYS_ADMIN"], "default", False, "CAP_SYS_ADMIN, no seccomp filter"),
    (["CAP_SYS_ADMIN"], REFUSING, False, None),
    (sorted(set(ADMIN) - {"CAP_SYS_ADMIN"}), "default", True, None),
])
def test_what_adds_up_is_told_first(engine, monkeypatch, bounding, seccomp, is_open, expected):
    if is_open:
        without_walls(engine, monkeypatch)
    container = Container(bounding=bounding, seccomp=seccomp)
    report, checks = read(engine.run(container, ["/watertight", "--format=json"]))
    row = checks["privileges.container"]
    assert row["status"] == ("pass" if expected is None else "fail")
    if expected is None:
        assert report["headline"] is None
        return
    assert report["headline"] == row["message"]
    assert "a nearly privileged container" in row["message"] and f"({expected})" in row["message"]
    # Nothing is hidden behind it, and it never fails alone.
    assert checks["capabilities.bounding"]["status"] == "fail"
    assert report["summary"]["fail"] == sum(
        row["status"] == "fail" for row in report["checks"]) > 5
    text = engine.run(container, ["/watertight"]).stdout
    head = " ".join(text.split("\n\n")[0].split())
    assert head.endswith(report["headline"])
    tap = engine.run(container, ["/watertight", "--format=tap"]).stdout
    assert f"# {report['headline']}" in tap.splitlines()


@pytest.mark.engines("docker", "podman")
def test_an_engines_container_is_ordinary_until_its_walls_go(engine):
    report, checks = read(engine.run(Container(), ["/watertight", "--format=json"]))
    assert (checks["privileges.container"]["status"], report["headline"]) == ("pass", None)
    container = Container(bounding=ADMIN if engine.name == "podman" else ["CAP_SYS_ADMIN"],
                          seccomp="unconfined")
    report, checks = read(engine.run(container, ["/watertight", "--format=json"]))
    assert checks["privileges.container"]["observed"] == "nearly privileged"
    assert report["headline"].startswith("this is a nearly privileged container")


MAP = {"containerID": 0, "hostID": 100000, "size": 65536}
ACCEPTING = {"schema": "watertight.policy/1", "name": "a", "extends": "restricted",
             "params": {"root_in_user_namespace": "accept"}}


def in_user_namespace(engine, monkeypatch, first):
    config = engine.config

    def mapped(container, arguments):
        spec = config(container, arguments)
        spec["linux"]["namespaces"].append({"type": "user"})
        spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = [
            dict(MAP, hostID=first)] if first else [dict(MAP, hostID=0)]
        return spec

    monkeypatch.setattr(engine, "config", mapped)


@pytest.mark.engines("runc", "crun")
@pytest.mark.parametrize("first", [100000, 0, None])
def test_root_of_a_user_namespace_is_accepted_where_the_policy_says_so(engine, monkeypatch, first):
    """A map to the host's own root, or none, is the host's root, whatever the policy says."""
    (engine.rootfs / "accept.json").write_text(json.dumps(ACCEPTING))
    if first is not None:
        in_user_namespace(engine, monkeypatch, first)
    container = Container(**{**HARDENED, "uid": 0, "gid": 0}, seccomp=REFUSING)
    report, checks = read(engine.run(container, ["/watertight", "--format=json"]))
    assert facts(report)["user.namespace_root"]["value"] == (first or 0)
    expected = f"0 {first or 0} {65536 if first is not None else 4294967295}"
    assert facts(report)["user.uid_map"]["value"] == expected
    assert checks["user.non-root"]["status"] == "fail"
    report, checks = read(engine.run(
        container, ["/watertight", "--format=json", "--policy=/accept.json"]))
    assert checks["user.non-root"]["status"] == ("skip" if first else "fail")
    if first:
        assert f"user.namespace_root is {first}" in checks["user.non-root"]["message"]
        assert report["verdict"] == "pass", report["checks"]


@pytest.mark.engines("runc")
def test_every_capability_in_a_user_namespace_is_not_the_hosts(engine, monkeypatch):
    in_user_namespace(engine, monkeypatch, 100000)
    report, checks = read(engine.run(Container(bounding=ADMIN), ["/watertight", "--format=json"]))
    assert checks["privileges.container"]["status"] == "pass"
    assert "another user outside" in facts(report)["privileges.container"]["detail"]
    assert checks["capabilities.effective"]["status"] == "fail"


@pytest.mark.engines("podman")
def test_podmans_map_is_seen(engine):
    done = engine.call("run", "--rm", "--network=none", "--uidmap=0:200000:1000",
                       "--gidmap=0:200000:1000", engine.image, "/watertight", "--format=json")
    report, checks = read(done)
    row = facts(report)["user.namespace_root"]
    assert (row["value"], row["detail"]) == (200000, "as the parent user namespace counts")
    assert re.fullmatch("0 200000 1000", facts(report)["user.uid_map"]["value"])
    assert checks["user.non-root"]["status"] == "fail"


@pytest.mark.engines("runc", "crun")
def test_an_id_that_is_root_outside_is_found_whatever_its_number(engine, monkeypatch):
    """User 1000 in here is the host's root, and root in here is nobody."""
    config = engine.config

    def mapped(container, arguments):
        spec = config(container, arguments)
        spec["linux"]["namespaces"].append({"type": "user"})
        spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = [
            {"containerID": 0, "hostID": 100000, "size": 1000},
            {"containerID": 1000, "hostID": 0, "size": 1}]
        return spec

    hardened = Container(**HARDENED, seccomp=REFUSING)
    _, before = read(engine.run(hardened, ["/watertight", "--format=json"]))
    assert before["user.non-root-outside"]["status"] == "pass"
    monkeypatch.setattr(engine, "config", mapped)
    report, after = read(engine.run(hardened, ["/watertight", "--format=json"]))
    assert facts(report)["user.host_root"]["value"] == ["1000"]
    found = {key: row["status"] for key, row in after.items()
             if row["status"] != before[key]["status"]}
    found.pop("devices.cgroup", None)  # of no use in a user namespace
    assert found == {"user.non-root-outside": "fail"}


def as_rootless(binary, uid):
    """What a rootless engine makes that keeps the user's id: a user namespace whose root is an
    ordinary user of the host, and in it a second one."""
    with open(binary, "rb") as file:  # its path need not be open to that user
        return read(subprocess.run(
            ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "unshare", "--user",
             "--map-root-user", "unshare", "--user", f"--map-user={uid}", "/proc/self/fd/0",
             "--policy=restricted", "--format=json"],
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))


@pytest.mark.engines("runc")
def test_a_user_of_a_rootless_engine_is_not_the_hosts_root(runc, binary):
    """The map is that of a user who is the host's root: only who owns /proc differs."""
    report, checks = as_rootless(binary, 1000)
    assert facts(report)["user.uid_map"]["value"] == "1000 0 1"
    assert facts(report)["user.host_root"]["value"] == []
    assert checks["user.non-root-outside"]["status"] == "pass"
    assert checks["user.non-root"]["status"] == "pass"
