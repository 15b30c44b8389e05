"""runc and crun: each container is an OCI bundle, so that its configuration is exactly known."""
import copy
import itertools
import json
import os
import pathlib
import shutil
import subprocess

from container import CAPABILITIES

TIMEOUT = 60
FOLDERS = ["bin", "dev", "etc", "proc", "root", "run", "sys", "usr", "usr/bin", "var"]
_numbers = itertools.count(1)


def make_rootfs(path, binary, with_busybox=True):
    """A root file system of the binary and, unless it is to be like scratch, busybox."""
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True, mode=0o755)
    (path / "tmp").mkdir()
    (path / "tmp").chmod(0o1777)
    shutil.copy2(binary, path / "watertight")
    if with_busybox:
        busybox = next(p for p in ("/usr/bin/busybox", "/bin/busybox") if os.path.exists(p))
        shutil.copy2(busybox, path / "bin/busybox")
        for applet in ("sh", "cat", "ls", "mount", "sleep", "id", "touch", "rm", "env"):
            (path / "bin" / applet).symlink_to("busybox")
    return path


def open_to_others(folder):
    """pytest's folders are 0700, and a container's user is not root."""
    for path in (folder, *folder.parents):
        if path != folder and not path.name.startswith("pytest-"):
            break  # no folder of pytest's: none of ours
        path.chmod(0o755)


class Runc:
    name = "runc"
    programs = ["/usr/sbin/runc", "/usr/bin/runc"]
    prefix = []

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)

    def missing(self):
        if os.geteuid() != 0:
            return "these tests need root"
        if not any(os.path.exists(path) for path in self.programs):
            return "it is not installed"
        return None

    def start(self):
        self.program = next(path for path in self.programs if os.path.exists(path))
        open_to_others(self.folder)
        self.rootfs = make_rootfs(self.folder / "rootfs", self.binary)
        self.scratch = make_rootfs(self.folder / "scratch", self.binary, with_busybox=False)
        self.narrow_rootfs = make_rootfs(self.folder / "narrow", self.binary)
        (self.narrow_rootfs / "tmp").chmod(0o755)
        template = self.folder / "template"
        template.mkdir()
        # runc's own `spec` for both: crun reads the same format.
        subprocess.run(["/usr/sbin/runc", "spec"], cwd=template, check=True)
        self.spec = json.loads((template / "config.json").read_text())

    def stop(self):
        pass

    def narrow(self):
        """How to run on a root file system whose /tmp is 0755."""
        return {"rootfs": str(self.narrow_rootfs)}

    def bounding(self, container):
        return set(CAPABILITIES) - {"CAP_SYS_RESOURCE"} if container.bounding is None else set(
            container.bounding)

    def config(self, container, arguments):
        spec = copy.deepcopy(self.spec)
        bounding = sorted(self.bounding(container))
        permitted = bounding if container.permitted is None else sorted(container.permitted)
        process = spec["process"]
        process["terminal"] = False
        process["args"] = arguments
        process["env"] += [f"{key}={value}" for key, value in container.environment.items()]
        process["user"] = {
            "uid": container.uid,
            "gid": container.gid,
            "additionalGids": container.groups,
        }
        process["capabilities"] = {
            "bounding": bounding,
            "permitted": permitted,
            "effective": permitted,
            "inheritable": sorted(container.inheritable),
            "ambient": sorted(container.ambient),
        }
        process["noNewPrivileges"] = container.no_new_privs
        process["rlimits"] = [
            {"type": key, "soft": soft, "hard": hard}
            for key, (soft, hard) in container.rlimits.items()
        ]
        spec["root"] = {
            "path": str(container.rootfs or self.rootfs),
            "readonly": container.read_only,
        }
        for path, options in container.tmpfs.items():
            spec["mounts"].append(
                {
                    "destination": path,
                    "type": "tmpfs",
                    "source": "tmpfs",
                    "options": options.split(",") if options else [],
                }
            )
        spec["mounts"] += container.mounts
        if isinstance(container.seccomp, dict):
            spec["linux"]["seccomp"] = container.seccomp
        if container.host_network:
            spec["linux"]["namespaces"] = [space for space in spec["linux"]["namespaces"]
                                           if space["type"] != "network"]
        if container.pids_limit is not None:
            spec["linux"].setdefault("resources", {})["pids"] = {"limit": container.pids_limit}
        if container.edit is not None:
            container.edit(spec)
        return spec

    def as_run(self, container):
        return container

    def has_seccomp(self, container):
        return isinstance(container.seccomp, dict)

    def run(self, container, arguments, timeout=TIMEOUT, **options):
        """Runs a program in a new container; a subprocess.CompletedProcess in text."""
        number = next(_numbers)
        name = f"watertight-{os.getpid()}-{number}"
        bundle = self.folder / f"bundle-{number}"
        bundle.mkdir()
        (bundle / "config.json").write_text(json.dumps(self.config(container, arguments)))
        command = [*self.prefix, self.program, "--root", str(self.folder / "state")]
        passed = [f"--preserve-fds={container.descriptors}"] if container.descriptors else []
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        try:
            return subprocess.run(
                [*command, "run", "--bundle", str(bundle), *passed, name],
                text=True,
                timeout=timeout,
                **options,
            )
        except subprocess.TimeoutExpired:
            subprocess.run([*command, "delete", "--force", name], check=False)
            raise
        finally:
            shutil.rmtree(bundle)


class Crun(Runc):
    name = "crun"
    programs = ["/usr/bin/crun"]
    # It refuses machines with both versions of cgroups, so it is shown one without the second.
    prefix = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"',
        "crun",
    ]
