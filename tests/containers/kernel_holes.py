"""Holes in the kernel's side of isolation: namespaces, masks, devices, control groups, limits."""
import dataclasses
import os

import holes
from holes import LIMIT_FLAGS, told

NAMESPACES = [
    told(f"host-{kind}-uid-{uid}", f"namespaces.{kind}", words=("host", "inode"), uid=uid,
         edit=holes.without_namespace(kind), flags=[f"--{kind}=host"] if uid == 1000 else None,
         skipped=tuple(holes.OF_NETWORK) if kind == "network" else (),
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


def on_this_kernel(rule, *paths):
    """The checks of the paths that the kernel has: they exist, and no empty directory."""
    return [f"{rule} {path}" for path in paths
            if os.path.exists(path) and (not os.path.isdir(path) or os.listdir(path))]


MASKS = [
    told(f"unmasked-{path}-uid-{uid}", *on_this_kernel("mounts.kernel-masks", path), uid=uid,
         edit=holes.without_path("maskedPaths", path),
         podman=[f"--security-opt=unmask={path}"] if on_this_kernel("", path) and uid == 0 else None)
    for path in MASKED for uid in (1000, 0)
]
WRITABLE = [
    told(f"writable-{path}-uid-{uid}", *on_this_kernel("mounts.kernel-read-only", path, *below),
         uid=uid, edit=holes.without_path("readonlyPaths", path),
         podman=[f"--security-opt=unmask={path}"] if on_this_kernel("", path) and uid else None)
    for path, below in READ_ONLY.items() for uid in (1000, 0)
]
PSEUDO = [
    told(f"mounted-{kind}", f"mounts.kernel-read-only {path}",
         edit=holes.with_mount(path, kind, kind, "nosuid", "nodev", "noexec"))
    for kind, path in (("debugfs", "/sys/kernel/debug"), ("tracefs", "/sys/kernel/tracing"),
                       ("securityfs", "/sys/kernel/security"))
] + [
    told("writable-sys", "mounts.kernel-read-only /sys",
         edit=holes.without_option("/sys", "ro")),
]


def with_kernel(kind, path, *options):
    """A file system of the kernel's, by its own name."""
    return holes.with_mount(path, kind, kind, "nosuid", "nodev", "noexec", *options)


PARTS = [
    told(f"part-{path}-{'-'.join(options) or 'writable'}-uid-{uid}", "mounts.host-path", uid=uid,
         words=(path,), edit=holes.with_mount(path, "bind", path, "bind", *options),
         # Podman's binds bring along what is mounted below, as a tracefs.
         podman=[":".join((f"--volume={path}", path, *options))] if path != "/sys/kernel" else None)
    for path in ("/sys/module", "/sys/kernel", "/sys/devices", "/sys/class", "/sys/power")
    if os.path.exists(path) for options, uid in (((), 1000), ((), 0), (("ro",), 0))
    if path in ("/sys/module", "/sys/kernel") or (options, uid) == ((), 0)
] + [
    # runc refuses to mount anything below /proc.
    dataclasses.replace(
        told(f"part-/proc/sys/vm-uid-{uid}", "mounts.host-path", words=("/proc/sys/vm",), uid=uid,
             edit=holes.with_mount("/proc/sys/vm", "bind", "/proc/sys/vm", "bind")),
        engines=("crun",))
    for uid in (1000, 0)
]
WHOLE = [
    told(f"whole-{kind}-{'-'.join(options) or 'writable'}", "mounts.host-path", words=(kind,),
         edit=with_kernel(kind, path, *options))
    for kind, path, *options in (
        ("bpf", "/sys/fs/bpf"), ("bpf", "/sys/fs/bpf", "ro"), ("pstore", "/sys/fs/pstore"),
        ("fusectl", "/sys/fs/fuse/connections"), ("tracefs", "/sys/kernel/tracing", "ro"),
        ("debugfs", "/sys/kernel/debug", "ro"), ("securityfs", "/sys/kernel/security", "ro"))
    if os.path.isdir(path)
]


def sysfs_of_host(spec):
    for mount in spec["mounts"]:
        if mount["destination"] == "/sys":
            mount.update(type="none", source="/sys", options=["bind", "ro", "nosuid", "nodev"])


WHOLE.append(dataclasses.replace(
    told("whole-sysfs", "mounts.host-path", words=("sysfs at /sys",), edit=sysfs_of_host),
    changes=holes.either(holes.edited(sysfs_of_host), holes.bind_alone("/sys", "/sys", "ro")),
    engines=("runc", "podman")))  # Docker's covers the control groups, and crun's brings them along


def in_user_namespace(spec):
    """Root of the host is no user there."""
    spec["linux"]["namespaces"].append({"type": "user"})
    spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = [
        {"containerID": 0, "hostID": 100000, "size": 65536}]


IN_USER_NAMESPACE = holes.edited(in_user_namespace)
# What must change no verdict: LXD gives this to each of its containers.
ORDINARY = [
    holes.hole(f"{path} of root in a user namespace", holes.both(IN_USER_NAMESPACE, holes.edited(
        holes.with_mount(path, "bind", path, "bind", "ro"))), engines=holes.OCI,
        base=IN_USER_NAMESPACE)
    for path in ("/sys/kernel/tracing", "/sys/fs/pstore", "/sys/fs/fuse/connections")
    if os.path.ismount(path)
]


def is_plain_devpts():
    """Whether the host's has the kernel's default mode for its ptmx."""
    with open("/proc/mounts", encoding="utf-8") as table:
        last = [line.split() for line in table if line.split()[1] == "/dev/pts"][-1]
    return "ptmxmode=000" in last[3].split(",")


TERMINALS = [
    told(f"the-hosts-terminals-uid-{uid}", "mounts.host-path", words=("devpts",), uid=uid,
         edit=holes.with_mount("/dev/pts", "bind", "/dev/pts", "bind"))
    for uid in (1000, 0) if is_plain_devpts()
]

NODES = [("/dev/kmsg", "c", 1, 11), ("/dev/mem", "c", 1, 1), ("/dev/kvm", "c", 10, 232),
         ("/dev/fuse", "c", 10, 229), ("/dev/net/tun", "c", 10, 200), ("/dev/loop0", "b", 7, 0),
         ("/dev/disk/by-id/root", "b", 254, 0), ("/dev/tty0", "c", 4, 0),
         ("/dev/console", "c", 5, 1), ("/dev/loop-control", "c", 10, 237),
         ("/dev/innocent", "b", 7, 1)]
DEVICES = [
    told(f"device-{path}", "devices.unexpected", words=(f"{kind} {major}:{minor} {path}",),
         edit=holes.with_device(path, kind, major, minor),
         flags=[f"--device={path}"] if os.path.exists(path) and path != "/dev/console" else None)
    for path, kind, major, minor in NODES
] + [
    told("device-under-an-expected-name", "devices.unexpected", words=("c 1:1 /dev/random",),
         edit=holes.with_device("/dev/random", "c", 1, 1)),
    told("device-bound", "devices.unexpected", words=("b 7:2 /dev/bound", "a block device"),
         edit=holes.with_mount("/dev/bound", "bind", "/dev/loop2", "bind"),
         flags=["--volume=/dev/loop2:/dev/bound"]),
    # Outside /dev: made by the engine, or mounted.
    told("device-at-the-root", "devices.unexpected", words=("b 7:0 /disk", "a block device"),
         edit=holes.with_device_outside_dev("/disk", "b", 7, 0),
         flags=["--device=/dev/loop0:/disk"]),
    told("device-in-mnt", "devices.unexpected", words=("c 1:1 /mnt/mem", "the machine's memory"),
         edit=holes.with_device_outside_dev("/mnt/mem", "c", 1, 1)),
    told("device-in-srv", "devices.unexpected", words=("b 7:3 /srv/x",),
         edit=holes.with_device_outside_dev("/srv/x", "b", 7, 3),
         flags=["--device=/dev/loop3:/srv/x"]),
    told("device-bound-at-the-root", "devices.unexpected", words=("b 7:2 /bound",),
         edit=holes.with_mount("/bound", "bind", "/dev/loop2", "bind"),
         flags=["--volume=/dev/loop2:/bound"]),
    told("device-bound-deep", "devices.unexpected", words=("c 1:5 /var/a/b/zeros",),
         edit=holes.with_mount("/var/a/b/zeros", "bind", "/dev/zero", "bind"),
         flags=["--volume=/dev/zero:/var/a/b/zeros"]),
]


def with_device_rule(kind, major):
    def edit(spec):
        spec["linux"]["resources"]["devices"].append(
            {"allow": True, "type": kind, "access": "rwm", **({"major": major} if major else {})})
    return edit


ACCESS = [
    told(f"{kind}-devices-of-{major or 'any-number'}", "devices.cgroup",
         words=(f"{kind} {major or '*'}:*",), edit=with_device_rule(kind, major),
         flags=[f"--device-cgroup-rule={kind} {major or '*'}:* rwm"])
    for kind, major in (("b", 8), ("c", 10), ("b", None))
] + [
    told("every-device", "devices.cgroup", words=("a *:*",),
         edit=holes.with_resources(devices=[{"allow": True, "access": "rwm"}])),
] if os.path.exists("/sys/fs/cgroup/devices") else []

TREE = "/sys/fs/cgroup/pids" if os.path.exists("/sys/fs/cgroup/pids") else "/sys/fs/cgroup"
CGROUPS = [
    told(f"writable-cgroups-uid-{uid}", "mounts.cgroup *", uid=uid,
         edit=holes.without_option("/sys/fs/cgroup", "ro"), words=("read-write",))
    for uid in (1000, 0)
] + [
    told("bound-cgroups", "mounts.cgroup /cgroups", "mounts.host-path", uid=0,
         words=("release_agent",) if TREE.endswith("/pids") else ("read-write",),
         edit=holes.with_mount("/cgroups", "bind", TREE, "bind"),
         flags=[f"--volume={TREE}:/cgroups"]),
]

UNLIMITED = [
    holes.hole(f"no-{name}-limit",
               holes.either(holes.edited(holes.without_resource(name)),
                            holes.with_other_flag(LIMIT_FLAGS[name], *others)),
               f"limits.{name}", words=("absent",))
    for name, others in (("memory", ()), ("cpu", ()), ("pids", ("--pids-limit=-1",)))
]

PAGE = os.sysconf("SC_PAGE_SIZE")
BEYOND = {
    "memory": ({"limit": (os.sysconf("SC_PHYS_PAGES") + 1) * PAGE},
               (f"--memory={(os.sysconf('SC_PHYS_PAGES') + 1) * PAGE}",)),
    "cpu": ({"quota": os.cpu_count() * 100000 + 1000, "period": 100000},
            (f"--cpu-quota={os.cpu_count() * 100000 + 1000}", "--cpu-period=100000")),
    "pids": ({"limit": 4194304}, ("--pids-limit=4194304",)),
}
UNLIMITED += [
    holes.hole(f"{name}-limit-beyond-the-machine",
               holes.either(holes.edited(holes.with_resources(**{name: resource})),
                            holes.with_other_flag(LIMIT_FLAGS[name], *flags)),
               f"limits.{name}", words=("absent", "limits nothing"), engines=holes.NOT_CRUN)
    for name, (resource, flags) in BEYOND.items()
]


def with_rank(value):
    def edit(spec):
        spec["process"]["oomScoreAdj"] = value
    return edit


def ranked(name, value, *rules, **options):
    return told(name, *rules, edit=with_rank(value), flags=[f"--oom-score-adj={value}"], **options)


def with_sysctl(name, value):
    def edit(spec):
        spec["linux"].setdefault("sysctl", {})[name] = str(value)
    return edit


LOCALNET = "net.ipv4.conf.all.route_localnet"
ROUTING = [
    told(f"loopback-addresses-routed-uid-{uid}", "network.route-localnet", words=("all",), uid=uid,
         edit=with_sysctl(LOCALNET, 1), flags=[f"--sysctl={LOCALNET}=1"])
    for uid in (1000, 0)
]
ORDINARY += [told(f"sysctl-{name}", edit=with_sysctl(name, 1), flags=[f"--sysctl={name}=1"])
             for name in ("net.ipv4.ip_forward", "net.ipv4.conf.default.route_localnet",
                          "net.ipv4.conf.lo.route_localnet")]


def may_lower_ranks():
    """CAP_SYS_RESOURCE, which this machine may not give even to root."""
    with open("/proc/self/status", encoding="utf-8") as status:
        effective = next(line.split()[1] for line in status if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> 24 & 1)


RANKS = [ranked("never-killed-out-of-memory", -1000, "limits.oom-score", words=("-1000",))
         for _ in range(may_lower_ranks())]
# The kubelet gives -997 to a Pod of class Guaranteed, systemd's dockerd passes on -500.
ORDINARY += [ranked(f"ranked-{value}-out-of-memory", value)
             for value in (-997, -500, 1000) if value > 0 or may_lower_ranks()]

HOLES = [*NAMESPACES, *MASKS, *WRITABLE, *PSEUDO, *PARTS, *WHOLE, *TERMINALS,
         *DEVICES, *ACCESS, *CGROUPS, *UNLIMITED, *ROUTING,
         *RANKS]
