"""gVisor, LXC, systemd-nspawn and bubblewrap: real containers of each, described alike. What these
are told here is the truth that the tests compare with.

    sandboxes.py BINARY FOLDER    captures the fixtures below FOLDER again (tests/fixtures/README)
"""
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import List, Optional, Tuple

import oci_engine
from container import CAPABILITIES, DOCKER_DEFAULT, HARDENED, REFUSING, Container

TIMEOUT = 60
UID = 1000
DEVICE = "/dev/extra"
MAPPED = 100000  # the first user outside of a user namespace
TMPFS = HARDENED["tmpfs"]["/tmp"]
# No variable of the surroundings is to be seen inside.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
_numbers = itertools.count(1)


@dataclass
class Box:
    """Well confined, as far as the manager can, but for what is asked for."""

    defaults: bool = False  # the manager's own, as root
    binds: List[Tuple[str, str]] = field(default_factory=list)  # from outside, inside; writable
    device: bool = False  # one for loop devices, as DEVICE
    root: bool = False
    capability: Optional[str] = None  # of root
    host_network: bool = False
    user_namespace: bool = False  # LXC and systemd-nspawn
    seccomp: bool = False  # gVisor: the filter is loaded inside of the sandbox
    lxcfs: bool = False  # LXC


class Sandbox:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)

    def missing(self):
        if os.geteuid() != 0:
            return "these tests need root"
        if not all(shutil.which(program) for program in self.programs):
            return "it is not installed"
        return None

    def start(self):
        oci_engine.open_to_others(self.folder)
        self.node = self.folder / "node"
        os.mknod(self.node, 0o666 | stat.S_IFCHR, os.makedev(10, 237))
        self.rootfs = self.make_rootfs(self.folder / "web")

    def make_rootfs(self, path):
        made = oci_engine.make_rootfs(path, self.binary)
        (made / "mnt").mkdir()
        (made / "etc/os-release").touch()
        # systemd-nspawn asks the container who a user is.
        getent = made / "usr/bin/getent"
        getent.write_text('#!/bin/sh\ncase "$1" in\n'
                          f'passwd) echo "web:x:{UID}:{UID}::/:/bin/sh" ;;\n'
                          'initgroups) echo web ;;\nesac\n')
        getent.chmod(0o755)
        return made

    def run(self, box, arguments, before=()):
        """before: a command that executes the one behind it."""
        done = subprocess.run([*before, *self.command(box, arguments)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT, env=ENVIRONMENT)
        assert done.stdout, (box, done.returncode, done.stderr)
        return done

    def report(self, box, policy="hardened", before=()):
        done = self.run(box, ["/watertight", "--policy", policy, "--format", "json"], before)
        report = json.loads(done.stdout)
        assert done.returncode == {"pass": 0, "fail": 1, "incomplete": 2}[report["verdict"]], done
        return report


class Gvisor(Sandbox):
    """An OCI runtime. On ptrace, which needs no hardware."""

    name = "gvisor"
    programs = ["runsc", "runc"]

    def start(self):
        super().start()
        self.oci = oci_engine.Runc(self.binary, self.folder / "oci")
        self.oci.folder.mkdir()
        self.oci.start()

    def config(self, box):
        container = Container(**HARDENED)
        if box.defaults:
            container = Container(bounding=sorted(DOCKER_DEFAULT))
        if box.root or box.capability:
            container.uid = container.gid = 0
        if box.capability:
            container.bounding = container.inheritable = [box.capability]
        container.rootfs = str(self.rootfs)
        container.host_network = box.host_network
        container.seccomp = REFUSING if box.seccomp else "default"
        container.mounts = [
            {"destination": inside, "source": outside, "type": "bind", "options": ["rbind", "rw"]}
            for outside, inside in [*box.binds,
                                    *([(str(self.node), DEVICE)] if box.device else [])]]
        return container

    def command(self, box, arguments):
        number = next(_numbers)
        bundle = self.folder / f"bundle-{number}"
        bundle.mkdir()
        (bundle / "config.json").write_text(
            json.dumps(self.oci.config(self.config(box), arguments)))
        return ["runsc", "--root", str(self.folder / "state"), "--platform=ptrace",
                "--ignore-cgroups", "--network=" + ("host" if box.host_network else "none"),
                *(["--oci-seccomp"] if box.seccomp else []), "run", "--bundle", str(bundle),
                f"watertight-{os.getpid()}-{number}"]


class Lxc(Sandbox):
    name = "lxc"
    programs = ["lxc-execute", "newuidmap"]
    common = "/usr/share/lxc/config/"

    def start(self):
        super().start()
        self.mapped = self.make_rootfs(self.folder / "mapped")
        for path in (self.mapped, *self.mapped.rglob("*")):
            os.chown(path, MAPPED, MAPPED, follow_symlinks=False)
        (self.folder / "subid").write_text(f"root:{MAPPED}:65536\n")
        denied = [f"{name} errno 1" for name in REFUSING["syscalls"][0]["names"]]
        (self.folder / "denied").write_text("\n".join(["2", "denylist", "[all]", *denied, ""]))

    def confinement(self, box):
        masks = [(f"proc/{name}", "/dev/null") for name in ("keys", "timer_list", "sched_debug")]
        masks += [(name, None) for name in ("proc/acpi", "proc/asound", "proc/bus", "proc/fs",
                                            "proc/irq", "proc/scsi", "sys/firmware")]
        user = 0 if box.root or box.capability else UID
        return [
            "lxc.rootfs.options = ro", "lxc.no_new_privs = 1", "lxc.cap.drop =",
            "lxc.cap.keep = " + (box.capability or "CAP_NONE")[len("CAP_"):].lower(),
            f"lxc.init.uid = {user}", f"lxc.init.gid = {user}",
            "lxc.mount.auto =", "lxc.mount.auto = proc:mixed sys:ro cgroup:ro",
            f"lxc.mount.entry = tmpfs tmp tmpfs {TMPFS} 0 0",
            *(f"lxc.mount.entry = {source} {inside} none bind,optional 0 0" if source else
              f"lxc.mount.entry = tmpfs {inside} tmpfs ro,optional 0 0"
              for inside, source in masks),
            f"lxc.seccomp.profile = {self.folder / 'denied'}",
        ]

    def config(self, box, name):
        lines = [f"lxc.include = {self.common}common.conf"]
        if box.user_namespace:
            lines += [f"lxc.include = {self.common}userns.conf",
                      f"lxc.idmap = u 0 {MAPPED} 65536", f"lxc.idmap = g 0 {MAPPED} 65536"]
        lines += [
            f"lxc.uts.name = {name}",
            f"lxc.rootfs.path = dir:{self.mapped if box.user_namespace else self.rootfs}",
            "lxc.apparmor.profile = unconfined",
            "lxc.net.0.type = " + ("none" if box.host_network else "empty"),
            *([] if box.defaults else self.confinement(box)),
            *(f"lxc.mount.entry = {outside} {inside[1:]} none bind 0 0"
              for outside, inside in box.binds),
        ]
        if box.device:
            lines.append(f"lxc.mount.entry = {self.node} {DEVICE[1:]} none bind,create=file 0 0")
        return "\n".join(lines) + "\n"

    def command(self, box, arguments):
        name = f"watertight-{os.getpid()}-{next(_numbers)}"
        config = self.folder / f"{name}.conf"
        config.write_text(self.config(box, name))
        lxc = ["lxc-execute", "-P", str(self.folder), "-n", name, "-f", str(config), "--",
               *arguments]
        if not box.user_namespace and not box.lxcfs:
            return lxc
        steps = ['"$@"']
        if box.user_namespace:
            # Who may use which ids, without a change to the machine.
            steps.insert(0, " && ".join(f"mount --bind {self.folder / 'subid'} /etc/{file}"
                                        for file in ("subuid", "subgid")))
        if box.lxcfs:
            steps = ["lxcfs --foreground /var/lib/lxcfs >/dev/null 2>&1 & lxcfs=$!",
                     "until [ -e /var/lib/lxcfs/proc ]; do sleep 0.01; done", *steps, "status=$?",
                     "kill $lxcfs; wait $lxcfs", "exit $status"]
        return ["unshare", "--mount", "sh", "-c", "\n".join(steps), "sh", *lxc]


class Nspawn(Sandbox):
    """Started by hand, as no systemd runs where the tests do: it makes no unit of its own."""

    name = "systemd-nspawn"
    programs = ["systemd-nspawn"]

    def command(self, box, arguments):
        confinement = [
            "--read-only", "--no-new-privileges=yes",
            "--drop-capability=" + ",".join(sorted({*CAPABILITIES} - {box.capability})),
            "--system-call-filter=~" + " ".join(REFUSING["syscalls"][0]["names"]),
            f"--user={'root' if box.root or box.capability else 'web'}",
        ]
        return [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2",
            f"--directory={self.rootfs}",
            *([] if box.host_network else ["--private-network"]),
            *([] if box.defaults else confinement),
            *([f"--private-users={MAPPED}:65536", "--private-users-ownership=off"]
              if box.user_namespace else []),
            *([f"--capability={box.capability}"] if box.capability else []),
            *(f"--bind={outside}:{inside}" for outside, inside in box.binds),
            *([f"--bind={self.node}:{DEVICE}"] if box.device else []),
            *arguments,
        ]


class Bubblewrap(Sandbox):
    """By an ordinary user, as Flatpak does. It makes no seccomp filter of its own."""

    name = "bubblewrap"
    programs = ["bwrap", "setpriv"]

    def command(self, box, arguments):
        return [
            "setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "bwrap",
            "--ro-bind", str(self.rootfs), "/", "--proc", "/proc", "--dev", "/dev",
            "--tmpfs", "/tmp", "--unshare-all", "--cap-drop", "ALL",
            *(["--share-net"] if box.host_network else []),
            *(["--uid", "0", "--gid", "0"] if box.root or box.capability else []),
            *(["--cap-add", box.capability] if box.capability else []),
            *(word for outside, inside in box.binds for word in ("--bind", outside, inside)),
            *(["--dev-bind", str(self.node), DEVICE] if box.device else []),
            *arguments,
        ]


SANDBOXES = {made.name: made for made in (Gvisor, Lxc, Nspawn, Bubblewrap)}

# --- capturing ------------------------------------------------------------------------------------

# Folder and name -> whose, and which container.
FACTS = {
    "gvisor": ("gvisor", Box()),
    "lxc": ("lxc", Box(defaults=True)),
    "lxc-hardened": ("lxc", Box()),
    "lxc-unprivileged": ("lxc", Box(defaults=True, user_namespace=True)),
    "nspawn": ("systemd-nspawn", Box(defaults=True)),
    "bubblewrap": ("bubblewrap", Box()),
}
TABLES = {**FACTS, "lxc-lxcfs": ("lxc", Box(defaults=True, lxcfs=True))}


@contextlib.contextmanager
def started(binary):
    with tempfile.TemporaryDirectory(prefix="watertight-capture.") as folder:
        made = {name: kind(binary, pathlib.Path(folder) / name)
                for name, kind in SANDBOXES.items()}
        pathlib.Path(folder).chmod(0o755)
        for sandbox in made.values():
            sandbox.folder.mkdir()
            sandbox.start()
        yield made, folder


def neutral(text, folder):
    """Without what is of this run and this machine's kernel alone."""
    release = os.uname().release
    return text.replace(folder, "/var/lib").replace(release, release.split("-")[0])


def capture(binary, target):
    with started(binary) as (made, folder):
        for name, (kind, box) in TABLES.items():
            text = made[kind].run(box, ["/bin/cat", "/proc/self/mountinfo"]).stdout
            (target / "mountinfo" / name).write_text(neutral(text, folder))
        for name, (kind, box) in FACTS.items():
            text = made[kind].run(box, ["/watertight", "observe", "--policy", "strict"]).stdout
            (target / "facts" / f"{name}.json").write_text(neutral(text, folder))
        text = made["gvisor"].run(Box(), ["/bin/cat", "/proc/self/status"]).stdout
        (target / "status/gvisor").write_text(text)


if __name__ == "__main__":
    capture(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]))
