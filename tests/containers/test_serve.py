"""The sidecar in real containers: ready in a hardened one, not in a plain one, and where a filter
kills. It is asked from inside the container's own network namespace."""
import contextlib
import dataclasses
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from container import HARDENED, REFUSING, Container

HERE = pathlib.Path(__file__).resolve().parent
ASK = """
import http.client, sys
client = http.client.HTTPConnection("127.0.0.1", 9797, timeout=5)
client.request("GET", sys.argv[1])
answer = client.getresponse()
print(answer.status)
print(answer.read().decode(), end="")
"""
_numbers = itertools.count(1)


def ask(pid, path, wanted):
    """The body, once the status is the wanted one: from the network namespace of that process."""
    end = time.monotonic() + 20
    while True:
        done = subprocess.run(
            ["nsenter", f"--target={pid}", "--net", "/usr/bin/python3", "-c", ASK, path],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20)
        status, _, body = done.stdout.partition("\n")
        if status == str(wanted):
            return body
        assert time.monotonic() < end, (status, body, done.stderr)
        time.sleep(0.1)


@contextlib.contextmanager
def detached(engine, container, image, *options):
    """The process id, on this machine, of `watertight serve` in a container of Docker or Podman."""
    name = f"watertight-serve-{next(_numbers)}"
    flags = [flag for flag in engine.flags_of(container) if flag != "--rm"]
    done = engine.call("run", "--detach", f"--name={name}", *flags, image, "/watertight", "serve",
                       *options)
    assert done.returncode == 0, done.stderr
    try:
        done = engine.call("inspect", "--format={{.State.Pid}}", name)
        yield int(done.stdout), name
    finally:
        engine.call("rm", "--force", name)


@pytest.mark.engines("docker", "podman")
def test_it_is_ready_in_a_hardened_container_from_scratch_and_not_in_a_plain_one(engine):
    with detached(engine, Container(**HARDENED), engine.scratch_image, "--interval=500ms") as (pid, name):
        body = ask(pid, "/readyz", 200)
        assert body == "ready: the verdict is pass\n"
        report = json.loads(ask(pid, "/report", 200))
        assert report["verdict"] == "pass" and report["target"]["pid"] == 1
        assert report["target"]["runtime"] == engine.name
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
        assert int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) < 6 * 1024
        # As process 1 it ends by SIGTERM all the same, long before the engine would kill it.
        start = time.monotonic()
        engine.call("stop", "--time=20", name)
        assert time.monotonic() - start < 10
        exit_code = engine.call("inspect", "--format={{.State.ExitCode}}", name).stdout
        assert exit_code.strip() == "0"
    with detached(engine, Container(), engine.scratch_image, "--interval=500ms") as (pid, _):
        body = ask(pid, "/readyz", 503)
        assert "fail user.non-root [high]" in body and "fail mounts.read-only-root / [medium]" in body
        assert json.loads(ask(pid, "/report", 200))["verdict"] == "fail"


@contextlib.contextmanager
def running(runc, container, program):
    """The same in a container of runc, which stays in the foreground: its process id."""
    name = f"watertight-serve-{next(_numbers)}"
    bundle = runc.folder / name
    bundle.mkdir()
    spec = runc.config(container, program)
    (bundle / "config.json").write_text(json.dumps(spec))
    command = [*runc.prefix, runc.program, "--root", str(runc.folder / "state")]
    process = subprocess.Popen([*command, "run", "--bundle", str(bundle), "--pid-file",
                                str(bundle / "pid"), name],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 20
        while not (bundle / "pid").exists() or not (bundle / "pid").read_text():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield int((bundle / "pid").read_text())
    finally:
        subprocess.run([*command, "kill", name, "TERM"], check=False)
        try:
            assert process.wait(10) == 0
        finally:
            subprocess.run([*command, "delete", "--force", name], check=False,
                           stderr=subprocess.DEVNULL)
            shutil.rmtree(bundle)


@pytest.fixture(scope="module")
def helper(runc):
    program = runc.rootfs / "serve-helper"
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", program, HERE / "helper.c"],
                   check=True)
    return "/serve-helper"


def test_it_is_ready_in_a_hardened_container_of_runc(runc):
    hardened = dataclasses.replace(Container(**HARDENED), seccomp=REFUSING, rootfs=str(runc.scratch))
    with running(runc, hardened, ["/watertight", "serve", "--interval=500ms"]) as pid:
        ask(pid, "/readyz", 200)


def test_as_process_1_it_reaps_what_others_leave_behind(runc):
    with running(runc, Container(), ["/watertight", "serve", "--interval=24h"]) as pid:
        ask(pid, "/report", 200)
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        subprocess.run(["nsenter", f"--target={pid}", "--pid", "sh", "-c", "sleep 0.3 & sleep 0.3 &"],
                       check=True)
        assert len(children.read_text().split()) == 2
        time.sleep(0.6)
        assert children.read_text() == ""


def test_a_filter_that_kills_the_checks_leaves_the_server_alive(runc, helper):
    program = [helper, "filter", "kill-process", "getpid", "/watertight", "serve",
               "--interval=500ms"]
    with running(runc, Container(), program) as pid:
        assert ask(pid, "/livez", 200) == "alive\n"
        time.sleep(1)
        body = ask(pid, "/readyz", 503)
        assert body == ("not ready: no check has given a result yet\n"
                        "the latest check gave no result: a seccomp filter killed it\n")
        assert 'watertight_runs_total{result="report"} 0' in ask(pid, "/metrics", 200)
