"""One hole in the kernel's side of isolation: one rule fails, and no other verdict changes."""
import json
import os

import pytest

import holes
from container import HARDENED, REFUSING, Container
from holes import Hole

LIMITS = {"memory": {"limit": 268435456}, "pids": {"limit": 100},
          "cpu": {"quota": 50000, "period": 100000}}
LIMIT_FLAGS = ["--memory=256m", "--pids-limit=100", "--cpus=0.5"]


# --- the table --------------------------------------------------------------------------------

NAMESPACES = [
    Hole(f"host-{kind}-uid-{uid}", f"namespaces.{kind}", words=("host", "inode"), uid=uid,
         edit=holes.without_namespace(kind), flags=[f"--{kind}=host"] if uid == 1000 else None,
         # Docker then mounts the host's /dev/shm.
         also_of={"docker": ("mounts.write-exec",)} if kind == "ipc" else {})
    for kind in ("pid", "network", "ipc", "uts") for uid in (1000, 0)
]

# What runc masks by default, but for /proc/asound (see mounts.kernel-masks).
MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"]
READ_ONLY = {"/proc/asound": [], "/proc/bus": [], "/proc/fs": [], "/proc/irq": [],
             "/proc/sysrq-trigger": [],
             "/proc/sys": ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe"]}


def on_this_kernel(*paths):
    """Those that the kernel has: it exists, and a directory is not empty."""
    return [path for path in paths
            if os.path.exists(path) and (not os.path.isdir(path) or os.listdir(path))]


MASKS = [
    Hole(f"unmasked-{path}-uid-{uid}", "mounts.kernel-masks", on_this_kernel(path), uid=uid,
         edit=holes.without_path("maskedPaths", path),
         podman=[f"--security-opt=unmask={path}"] if on_this_kernel(path) and uid == 0 else None)
    for path in MASKED for uid in (1000, 0)
]
WRITABLE = [
    Hole(f"writable-{path}-uid-{uid}", "mounts.kernel-read-only", on_this_kernel(path, *below),
         uid=uid, edit=holes.without_path("readonlyPaths", path),
         podman=[f"--security-opt=unmask={path}"] if on_this_kernel(path) and uid else None)
    for path, below in READ_ONLY.items() for uid in (1000, 0)
]
PSEUDO = [
    Hole(f"mounted-{kind}", "mounts.kernel-read-only", [path],
         edit=holes.with_mount(path, kind, kind, "nosuid", "nodev", "noexec"))
    for kind, path in (("debugfs", "/sys/kernel/debug"), ("tracefs", "/sys/kernel/tracing"),
                       ("securityfs", "/sys/kernel/security"))
] + [
    Hole("writable-sys", "mounts.kernel-read-only", ["/sys"],
         edit=holes.without_option("/sys", "ro")),
]

NODES = [("/dev/kmsg", "c", 1, 11), ("/dev/mem", "c", 1, 1), ("/dev/kvm", "c", 10, 232),
         ("/dev/fuse", "c", 10, 229), ("/dev/net/tun", "c", 10, 200), ("/dev/loop0", "b", 7, 0),
         ("/dev/disk/by-id/root", "b", 254, 0), ("/dev/tty0", "c", 4, 0),
         ("/dev/console", "c", 5, 1), ("/dev/loop-control", "c", 10, 237),
         ("/dev/innocent", "b", 7, 1)]
DEVICES = [
    Hole(f"device-{path}", "devices.unexpected", words=(f"{kind} {major}:{minor} {path}",),
         edit=holes.with_device(path, kind, major, minor),
         flags=[f"--device={path}"] if os.path.exists(path) and path != "/dev/console" else None)
    for path, kind, major, minor in NODES
] + [
    Hole("device-under-an-expected-name", "devices.unexpected", words=("c 1:1 /dev/random",),
         edit=holes.with_device("/dev/random", "c", 1, 1)),
    Hole("device-bound", "devices.unexpected", words=("b 7:2 /dev/bound", "a block device"),
         edit=holes.with_mount("/dev/bound", "bind", "/dev/loop2", "bind"),
         flags=["--volume=/dev/loop2:/dev/bound"]),
]

TREE = "/sys/fs/cgroup/pids" if os.path.exists("/sys/fs/cgroup/pids") else "/sys/fs/cgroup"
CGROUPS = [
    Hole(f"writable-cgroups-uid-{uid}", "mounts.cgroup", ["every"], uid=uid,
         edit=holes.without_option("/sys/fs/cgroup", "ro"), words=("read-write",))
    for uid in (1000, 0)
] + [
    Hole("bound-cgroups", "mounts.cgroup", ["/cgroups"], uid=0,
         words=("release_agent",) if TREE.endswith("/pids") else ("read-write",),
         also=("mounts.host-path",), edit=holes.with_mount("/cgroups", "bind", TREE, "bind"),
         flags=[f"--volume={TREE}:/cgroups"]),
]

UNLIMITED = [
    Hole(f"no-{name}-limit", f"limits.{name}", words=("absent",), without=(flag,),
         edit=holes.without_resource(name), flags=[unlimited] if unlimited else [])
    for name, flag, unlimited in (("memory", "--memory=256m", None), ("cpu", "--cpus=0.5", None),
                                  ("pids", "--pids-limit=100", "--pids-limit=-1"))
]

HOLES = holes.combine({"namespaces": NAMESPACES, "masks": MASKS, "read-only": WRITABLE,
                       "pseudo": PSEUDO, "devices": DEVICES, "cgroups": CGROUPS,
                       "limits": UNLIMITED})


# --- running it -------------------------------------------------------------------------------

def whole(engine, hole_flags=(), edit=None, uid=1000, without=()):
    container = Container(**{**HARDENED, "uid": uid, "gid": uid})
    if engine.name in ("runc", "crun"):
        container.seccomp = REFUSING
        set_limits = holes.with_resources(**LIMITS)
        container.edit = set_limits if edit is None else holes.together(set_limits, edit)
        return container
    container.flags = [flag for flag in LIMIT_FLAGS if flag not in without] + list(hole_flags)
    return container


def verdicts(engine, container):
    done = engine.run(container, ["/watertight", "--policy", "strict", "--format", "json"])
    assert done.stdout, (container, done.returncode, done.stderr)
    return {(row["id"], row["subject"]): row for row in json.loads(done.stdout)["checks"]}


@pytest.fixture(scope="session")
def sound(engine):
    """The verdicts without a hole, for each user."""
    return {uid: verdicts(engine, whole(engine, uid=uid)) for uid in (1000, 0)}


def test_without_a_hole_nothing_of_it_fails(engine, sound):
    for uid, found in sound.items():
        for (rule, subject), row in found.items():
            if rule in {hole.rule for hole in HOLES}:
                assert row["status"] == "pass", (uid, rule, subject, row["message"])
        assert not [row for row in found.values() if row["status"] == "unknown"]


def test_one_hole_fails_one_rule(engine, sound, hole):
    changes = hole.changes(engine.name)
    found = verdicts(engine, whole(engine, changes.get("flags", ()), changes.get("edit"), hole.uid,
                                   hole.without))
    before = sound[hole.uid]
    failing = {key for key, row in found.items()
               if row["status"] == "fail" and before.get(key, {}).get("status") != "fail"}
    changed = {key for key, row in found.items()
               if row["status"] != before.get(key, {"status": "pass"})["status"]}
    if hole.subjects is None:
        expected = {(hole.rule, None)}
    elif hole.subjects == ["every"]:
        expected = {key for key in before if key[0] == hole.rule}
    else:
        expected = {(hole.rule, subject) for subject in hole.subjects}
    also = hole.also + hole.also_of.get(engine.name, ())
    every = expected | {(rule, None) for rule in also}
    assert failing == every, {key: found[key]["message"] for key in failing ^ every if key in found}
    assert changed == every
    for key in expected:
        for word in hole.words:
            assert word in found[key]["message"], found[key]["message"]
