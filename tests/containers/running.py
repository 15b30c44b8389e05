"""Containers of runc that go on running while watertight looks at them from outside."""
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import oci_engine

TIMEOUT = 60
SLEEP = ["/bin/sleep", "1000"]
_numbers = itertools.count(1)


def command(engine):
    return [*engine.prefix, engine.program, "--root", str(engine.folder / "state")]


def wait_until_asleep(pid):
    """The engine is done before its container's program has been loaded."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        name, _, rest = pathlib.Path(f"/proc/{pid}/stat").read_text().partition(") ")
        if rest[0] == "S" and "runc" not in name:
            return
        time.sleep(0.002)
    raise AssertionError(f"process {pid} does not come to rest")


def wait_until_named(pid, name):
    """Until the program has been executed."""
    end = time.monotonic() + 10
    while pathlib.Path(f"/proc/{pid}/comm").read_text().strip() != name:
        assert time.monotonic() < end
        time.sleep(0.002)


@contextlib.contextmanager
def running(engine, container, arguments=SLEEP, change=lambda spec: None):
    """Its main process's number outside. change may edit the OCI configuration. Its standard input
    does not end before the container does."""
    name = f"watertight-{os.getpid()}-running-{next(_numbers)}"
    bundle = engine.folder / name
    bundle.mkdir()
    spec = engine.config(container, arguments)
    change(spec)
    (bundle / "config.json").write_text(json.dumps(spec))
    pid_file = bundle / "pid"
    reading, writing = os.pipe()
    try:
        subprocess.run([*command(engine), "run", "--detach", "--pid-file", str(pid_file),
                        "--bundle", str(bundle), name], stdin=reading,
                       stdout=subprocess.DEVNULL, stderr=(bundle / "log").open("w"), timeout=TIMEOUT)
        assert pid_file.exists(), (bundle / "log").read_text()
        pid = int(pid_file.read_text())
        wait_until_asleep(pid)
        yield pid
    finally:
        subprocess.run([*command(engine), "delete", "--force", name], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(reading)
        os.close(writing)
        shutil.rmtree(bundle)


def shares_pid_namespace(pid):
    def change(spec):
        for namespace in spec["linux"]["namespaces"]:
            if namespace["type"] == "pid":
                namespace["path"] = f"/proc/{pid}/ns/pid"
    return change


@contextlib.contextmanager
def rootfs_for_all(engine):
    """A root file system that other users can reach: pytest's own folder is for root only."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="watertight-rootfs."))
    try:
        folder.chmod(0o755)
        yield str(oci_engine.make_rootfs(folder / "rootfs", engine.binary))
    finally:
        shutil.rmtree(folder)


def in_user_namespace(spec):
    spec["linux"]["namespaces"].append({"type": "user"})
    for kind in ("uidMappings", "gidMappings"):
        spec["linux"][kind] = [{"containerID": 0, "hostID": 100000, "size": 65536}]


def watertight(binary, *arguments, **options):
    return subprocess.run([str(binary), *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=TIMEOUT, **options)


def facts(text):
    """(key, subject) -> value, or the state where there is none."""
    return {(row["key"], row.get("subject")): row.get("value", row["state"])
            for row in json.loads(text)["facts"]}


def process_state(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return status["State"], status["TracerPid"]


def processes_of(pid):
    """All processes of its PID namespace, by number and name, as the machine sees them."""
    wanted = os.readlink(f"/proc/{pid}/ns/pid")
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(path / "ns/pid") == wanted:
                found.add((int(path.name), (path / "stat").read_text().split(") ")[1][0]))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def name_of(pid):
    """The engine's name of a container: that of its control group."""
    return pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()[0].rsplit("/", 1)[1]
