"""The containers that the machines run: each is the ordinary hardened one, changed in one way."""
import copy
import json
import pathlib
import platform
import sys
from dataclasses import dataclass
from typing import Callable

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "containers"))

import oci_seccomp  # noqa: E402
from container import CAPABILITIES, DOCKER_DEFAULT  # noqa: E402
from machine import TWIN  # noqa: E402

MIB = 1024 * 1024
PROFILE = json.loads((HERE.parent / "fixtures/seccomp/docker-20.10.json").read_text())
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
          "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
CONTEXT = "system_u:system_r:{}:s0:c1,c2"
FILE_CONTEXT = "system_u:object_r:container_file_t:s0:c1,c2"


def _mount(destination, kind, *options):
    return {"destination": destination, "type": kind, "source": kind, "options": list(options)}


def hardened(name):
    """Its configuration, as Docker makes one of the flags that README recommends."""
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 1000, "gid": 1000},
            "env": ["PATH=/bin"],
            "cwd": "/",
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "root": {"path": "rootfs", "readonly": True},
        "hostname": "container",
        "mounts": [
            _mount("/proc", "proc", "nosuid", "noexec", "nodev"),
            _mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            _mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666",
                   "mode=0620", "gid=5"),
            _mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
            _mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            _mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
            _mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
            _mount("/tmp", "tmpfs", "nosuid", "nodev", "noexec", "mode=1777"),
        ],
        "linux": {
            "cgroupsPath": f"/watertight/{name}",
            "resources": {"devices": [{"allow": False, "access": "rwm"}]},
            "namespaces": [{"type": kind} for kind in
                           ("pid", "network", "ipc", "uts", "mount", "cgroup")],
            "seccomp": oci_seccomp.resolve(PROFILE, set(), platform.machine()),
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
        },
    }


@dataclass
class Case:
    name: str
    edit: Callable[[dict], None] = lambda spec: None
    policy: str = "strict"
    engine: str = "runc"
    prepare: str = ""  # a script that the machine runs before, and one that it runs after
    undo: str = ""

    def config(self):
        spec = hardened(self.name)
        self.edit(spec)
        return spec

    def files(self):
        spec = self.config()
        check = copy.deepcopy(spec)
        check["process"]["args"] = ["/watertight", "check", "--policy", self.policy,
                                    "--format", "json"]
        spec["process"]["args"] = ["sh", "-c", TWIN]
        files = {"engine": self.engine, "check.json": json.dumps(check),
                 "twin.json": json.dumps(spec)}
        if self.prepare:
            files["prepare"] = self.prepare
        if self.undo:
            files["undo"] = self.undo
        return files


def _resources(spec, **resources):
    spec["linux"]["resources"].update(resources)


def _limited(spec):
    _resources(spec, memory={"limit": 64 * MIB, "swap": 96 * MIB}, pids={"limit": 50},
               cpu={"quota": 25000, "period": 100000})


def _below_tight(spec):
    _limited(spec)
    spec["linux"]["cgroupsPath"] = "/tight/nested"


def _share_cgroups(spec):
    spec["linux"]["namespaces"] = [space for space in spec["linux"]["namespaces"]
                                   if space["type"] != "cgroup"]


def _limited_and_shared(spec):
    _limited(spec)
    _share_cgroups(spec)


def _whole_tree(spec):
    """The machine's whole tree, in which the groups above can be seen."""
    _below_tight(spec)
    _share_cgroups(spec)
    for mount in spec["mounts"]:
        if mount["type"] == "cgroup":
            mount.update(type="bind", source="/sys/fs/cgroup",
                         options=["rbind", "nosuid", "noexec", "nodev", "ro"])


def _write_cgroups(spec):
    for mount in spec["mounts"]:
        if mount["type"] == "cgroup":
            mount["options"].remove("ro")


def _write_cgroups_as_root(spec):
    _write_cgroups(spec)
    spec["process"]["user"] = {"uid": 0, "gid": 0}


def _in_user_namespace(spec):
    spec["linux"]["namespaces"].append({"type": "user"})
    ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    spec["linux"].update(uidMappings=ids, gidMappings=ids)


def _root_in_user_namespace(spec):
    _in_user_namespace(spec)
    spec["process"]["user"] = {"uid": 0, "gid": 0}
    names = sorted(DOCKER_DEFAULT)
    spec["process"]["capabilities"] = {kind: names for kind in
                                       ("bounding", "effective", "permitted")}


def _privileged(spec):
    """What docker run --privileged makes."""
    process, linux = spec["process"], spec["linux"]
    process["user"] = {"uid": 0, "gid": 0}
    process["noNewPrivileges"] = False
    process["capabilities"] = {kind: CAPABILITIES for kind in
                               ("bounding", "effective", "permitted")}
    spec["root"]["readonly"] = False
    for key in ("seccomp", "maskedPaths", "readonlyPaths"):
        del linux[key]
    linux["resources"]["devices"] = [{"allow": True, "access": "rwm"}]
    linux["devices"] = [
        {"path": "/dev/vda", "type": "b", "major": 254, "minor": 0, "fileMode": 0o660},
        {"path": "/dev/mem", "type": "c", "major": 1, "minor": 1, "fileMode": 0o640},
    ]
    for mount in spec["mounts"]:
        mount["options"] = [option for option in mount["options"] if option != "ro"]


def _raised_limits(spec):
    spec["process"]["rlimits"] = [
        {"type": "RLIMIT_NOFILE", "soft": 1048576, "hard": 1048576},
        {"type": "RLIMIT_MEMLOCK", "soft": 2**64 - 1, "hard": 2**64 - 1},
        {"type": "RLIMIT_CORE", "soft": 0, "hard": 4096},
    ]


def _oom_score(score):
    def edit(spec):
        spec["process"]["oomScoreAdj"] = score
    return edit


def _apparmor(profile):
    def edit(spec):
        spec["process"]["apparmorProfile"] = profile
    return edit


def _selinux(kind):
    def edit(spec):
        spec["process"]["selinuxLabel"] = CONTEXT.format(kind)
        spec["linux"]["mountLabel"] = FILE_CONTEXT
        # runc gives this one a label of its own, which asks for more classes than the policy has.
        spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "mqueue"]
    return edit


TIGHT = """
mkdir /sys/fs/cgroup/tight
echo '+cpu +memory +pids' >/sys/fs/cgroup/tight/cgroup.subtree_control
echo 33554432 >/sys/fs/cgroup/tight/memory.max
echo 0 >/sys/fs/cgroup/tight/memory.swap.max
echo 20 >/sys/fs/cgroup/tight/pids.max
echo '5000 100000' >/sys/fs/cgroup/tight/cpu.max
"""
UNTIGHT = "rmdir /sys/fs/cgroup/tight"

# Loaded by apparmor_parser in the first machine. What they let through does not matter here.
RULES = "file, capability, network, mount, umount, pivot_root, signal, ptrace, unix,"
PROFILES = {
    "enforced": f"profile enforced flags=(attach_disconnected) {{ {RULES} deny mount, }}",
    "complaining": "profile complaining flags=(attach_disconnected,complain) {{ {} }}".format(RULES),
    "killing": f"profile killing flags=(attach_disconnected,kill) {{ {RULES} }}",
    "declared": "profile declared flags=(attach_disconnected,unconfined) {}",
    "with space": f'profile "with space" flags=(attach_disconnected) {{ {RULES} }}',
}

COMMON = [
    Case("hardened", policy="hardened"),
    Case("hardened-crun", policy="hardened", engine="crun"),
]
APPARMOR = COMMON + [
    Case("strict"),
    Case("limited", _limited),
    Case("limited-crun", _limited, engine="crun"),
    Case("limited-shared", _limited_and_shared),
    Case("below-tight", _below_tight, prepare=TIGHT, undo=UNTIGHT),
    Case("whole-tree", _whole_tree, prepare=TIGHT, undo=UNTIGHT),
    Case("cgroup-writable", _write_cgroups),
    Case("cgroup-writable-root", _write_cgroups_as_root),
    Case("user-namespace", _in_user_namespace),
    Case("user-namespace-root", _root_in_user_namespace),
    Case("privileged", _privileged),
    Case("privileged-crun", _privileged, engine="crun"),
    Case("raised-limits", _raised_limits),
    Case("oom-1000", _oom_score(-1000)),
    Case("oom-997", _oom_score(-997)),
] + [Case("apparmor-" + name.replace(" ", "-"), _apparmor(name)) for name in PROFILES] + [
    Case("apparmor-unconfined", _apparmor("unconfined")),
    # Two profiles at once: the kernel allows what both allow.
    Case("apparmor-stacked", _apparmor("enforced//&killing")),
    Case("apparmor-mixed", _apparmor("enforced//&complaining")),
    Case("apparmor-enforced-crun", _apparmor("enforced"), engine="crun"),
]
TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"]
SELINUX = COMMON + [Case("hardened-label", _selinux("container_t"), policy="hardened")] + [
    Case("selinux-" + name, _selinux(name)) for name in TYPES
] + [
    Case("selinux-crun", _selinux("container_t"), engine="crun"),
    Case("selinux-none"),
    Case("selinux-permissive-domain", _selinux("container_lax_t")),
    Case("selinux-permissive", _selinux("container_t"), prepare="echo 0 >/sys/fs/selinux/enforce",
         undo="echo 1 >/sys/fs/selinux/enforce"),
]
MACHINES = {"apparmor": {case.name: case for case in APPARMOR},
            "selinux": {case.name: case for case in SELINUX}}
