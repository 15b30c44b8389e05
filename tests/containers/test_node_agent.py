"""The agent of deploy/kubernetes/node-agent in a container of Docker, with the rights of its manifest
and no others: what it finds on this machine, and that each of its capabilities is needed."""
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import re
import subprocess
import time

import pytest
import yaml

import oci_engine
import running
from container import HARDENED, REFUSING, Container
from test_serve import ask

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "deploy/kubernetes/node-agent/daemonset.yaml"
CROWD = ROOT / "tests/bench/crowd.c"
_numbers = itertools.count(1)
pytestmark = pytest.mark.engines("docker")


def manifest():
    """The specification of the Pod, and that of its only container."""
    pod = yaml.safe_load(MANIFEST.read_text())["spec"]["template"]["spec"]
    [container] = pod["containers"]
    return pod, container


def flags_of_manifest():
    """What the kubelet would make of it, as options of docker run."""
    pod, container = manifest()
    context = container["securityContext"]
    assert pod["hostPID"] and pod["securityContext"]["seccompProfile"] == {"type": "Unconfined"}
    assert context["readOnlyRootFilesystem"] and context["allowPrivilegeEscalation"]
    assert not context["privileged"]
    flags = ["--pid=host", "--cgroupns=private", "--security-opt=seccomp=unconfined", "--read-only",
             f"--user={pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}",
             f"--memory={container['resources']['limits']['memory'].removesuffix('i').lower()}"]
    flags += [f"--cap-drop={name}" for name in context["capabilities"]["drop"]]
    flags += [f"--cap-add={name}" for name in context["capabilities"]["add"]]
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in pod["volumes"]}
    flags += [f"--volume={paths[mount['name']]}:{mount['mountPath']}"
              for mount in container["volumeMounts"]]
    return flags


@contextlib.contextmanager
def detached(engine, flags, image, *program):
    """A container's name and process id. Its standard input stays open."""
    name = f"watertight-node-{os.getpid()}-{next(_numbers)}"
    done = engine.call("run", "--detach", "--interactive", "--network=none", f"--name={name}", *flags,
                       image, *program)
    assert done.returncode == 0, done.stderr
    try:
        yield name, int(engine.call("inspect", "--format={{.State.Pid}}", name).stdout)
    finally:
        engine.call("rm", "--force", name)


@contextlib.contextmanager
def agent(engine):
    """Its process id. It checks twice a second instead of once a minute."""
    arguments = [word for word in manifest()[1]["args"] if not word.startswith("--interval=")]
    with detached(engine, flags_of_manifest(), engine.scratch_image, "/watertight", *arguments,
                  "--interval=500ms") as (_, pid):
        yield pid


def sleeping(engine, container):
    flags = [flag for flag in engine.flags_of(container)
             if flag not in ("--rm", "--network=none")]
    return detached(engine, flags, engine.image, *running.SLEEP)


def reports(agent_pid):
    document = json.loads(ask(agent_pid, "/report", 200))
    return {row["target"]["pid"]: row for row in document["reports"]}, document


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
    return answer


def failed(report):
    return {check["id"] for check in report["checks"] if check["status"] == "fail"}


@pytest.fixture(scope="module")
def pause(tmp_path_factory):
    program = tmp_path_factory.mktemp("pause") / "pause"
    subprocess.run(["gcc", "-static", "-O1", "-o", program, CROWD], check=True)
    return program


@pytest.fixture(scope="module")
def plain_runc(binary, tmp_path_factory):
    """The engine below Docker, by itself."""
    made = oci_engine.Runc(binary, tmp_path_factory.mktemp("runc-node"))
    made.start()
    yield made
    made.stop()


def test_it_tells_the_containers_of_a_node_apart(engine, plain_runc, pause):
    hardened = dataclasses.replace(Container(**HARDENED), seccomp=REFUSING)
    with agent(engine) as pid, \
            detached(engine, [f"--volume={pause}:/pause:ro"], engine.image, "/pause", "0") as (_, idle), \
            running.running(plain_runc, hardened) as by_runc, \
            sleeping(engine, Container(**HARDENED)) as (_, good):
        with sleeping(engine, Container()) as (name, bad):
            # By that name, the engine is done with it.
            wait_for(lambda: {by_runc, good, bad} <= {
                number for number, report in reports(pid)[0].items()
                if report["target"]["name"] == "sleep"})
            found, document = reports(pid)
            body = ask(pid, "/readyz", 503)
            metrics = ask(pid, "/metrics", 200)
            identity = engine.call("inspect", "--format={{.Id}}", name).stdout.strip()
        # Gone, it is forgotten.
        wait_for(lambda: bad not in reports(pid)[0])
        assert f"process {bad} " not in ask(pid, "/metrics", 200)
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    assert found[good]["verdict"] == "pass", found[good]["summary"]
    assert found[by_runc]["verdict"] == "pass", found[by_runc]["summary"]
    assert found[bad]["verdict"] == "fail" and found[bad]["summary"]["unknown"] == 0
    assert failed(found[bad]) >= {
        "user.non-root", "privileges.no-new-privileges", "capabilities.effective",
        "capabilities.bounding", "mounts.read-only-root", "filesystem.protected-path"}
    assert found[bad]["target"]["container_id"] == identity
    assert found[bad]["target"]["runtime"] == "docker"
    assert f"process {bad} (sleep), runtime docker {identity[:12]}: fail\n  fail " in body
    assert f"process {good} " not in body and f"process {by_runc} " not in body
    assert (f'watertight_verdict{{pid="{bad}",name="sleep",container_id="{identity}",verdict="fail"}} 1'
            in metrics)
    assert pid not in found and idle not in found
    notes = document["notes"]
    assert "left out: the container that watertight runs in" in notes
    assert f"left out: process {idle} (pause), which only holds a Pod's namespaces" in notes
    assert not [note for note in notes if note.startswith("looked at from outside")]
    assert int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) < 16 * 1024


def test_each_capability_of_it_is_needed(engine, binary):
    """Without one of them a container is looked at from outside only, or not told from others."""
    names = [name.lower() for name in manifest()[1]["securityContext"]["capabilities"]["add"]]
    hardened = Container(**HARDENED)
    with sleeping(engine, Container()) as (_, plain), sleeping(engine, hardened) as (_, good):
        for missing in (None, *names):
            held = ",".join(f"+{name}" for name in names if name != missing)
            done = subprocess.run(["setpriv", f"--bounding-set=-all,{held}", binary, "--all", "--enter",
                                   "--format=json"], stdout=subprocess.PIPE, text=True, timeout=60)
            notes = json.loads(done.stdout)["notes"]
            outside = {pid for pid in (plain, good)
                       for note in notes if note.startswith(f"looked at from outside: process {pid} ")}
            assert bool(outside) == (missing is not None), (missing, notes)
