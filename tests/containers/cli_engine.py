"""Docker and Podman, by their command lines. Daemon, images and state are the tests' own."""
import dataclasses
import json
import os
import pathlib
import subprocess
import tarfile

from container import DOCKER_DEFAULT
from oci_engine import TIMEOUT, make_rootfs

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CommandLineEngine:
    image = "watertight-tests"
    scratch_image = "watertight-tests-scratch"
    narrow_image = "watertight-tests-narrow"  # its /tmp is 0755

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.environment = dict(os.environ)

    def command(self, *arguments):
        return [self.program, *self.flags, *arguments]

    def call(self, *arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            timeout=options.pop("timeout", TIMEOUT),
            **options,
        )

    def missing(self):
        if os.geteuid() != 0:
            return "these tests need root"
        if not os.path.exists(self.program):
            return "it is not installed"
        return None

    def start(self):
        self.make_image(self.image, make_rootfs(self.folder / "busybox", self.binary))
        self.make_image(self.scratch_image,
                        make_rootfs(self.folder / "scratch", self.binary, with_busybox=False))
        narrow = make_rootfs(self.folder / "narrow", self.binary)
        (narrow / "tmp").chmod(0o755)
        self.make_image(self.narrow_image, narrow)

    def make_image(self, name, rootfs):
        archive = self.folder / f"{pathlib.Path(name).name}.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(rootfs, arcname=".")
        done = self.call("import", str(archive), name)
        assert done.returncode == 0, done.stderr

    def stop(self):
        pass

    def narrow(self):
        """How to run in the image whose /tmp is 0755."""
        return {"image": self.narrow_image}

    def bounding(self, container):
        return set(DOCKER_DEFAULT) if container.bounding is None else set(container.bounding)

    def as_run(self, container):
        """The container as this engine really sets it up."""
        return container

    def has_seccomp(self, container):
        return container.seccomp != "unconfined"

    def rlimits(self, container):
        return container.rlimits

    def flags_of(self, container):
        flags = ["--rm", f"--user={container.uid}:{container.gid}"]
        if not any(flag.startswith("--network=") for flag in container.flags):
            flags.append("--network=none")
        flags += [f"--group-add={group}" for group in container.groups]
        if container.bounding is not None:
            flags.append("--cap-drop=ALL")
            flags += [f"--cap-add={name[4:]}" for name in sorted(container.bounding)]
        if container.no_new_privs:
            flags.append("--security-opt=no-new-privileges")
        if container.read_only:
            flags.append("--read-only")
        flags += [f"--tmpfs={path}" + (f":{options}" if options else "")
                  for path, options in container.tmpfs.items()]
        flags += [f"--env={key}={value}" for key, value in container.environment.items()]
        if container.pids_limit is not None:
            flags.append(f"--pids-limit={container.pids_limit}")
        flags += [f"--ulimit={name.removeprefix('RLIMIT_').lower()}={soft}:{hard}"
                  for name, (soft, hard) in self.rlimits(container).items()]
        if container.descriptors:
            flags.append(f"--preserve-fds={container.descriptors}")
        if container.seccomp == "unconfined":
            flags.append("--security-opt=seccomp=unconfined")
        elif isinstance(container.seccomp, dict):
            profile = self.folder / "profile.json"
            profile.write_text(json.dumps(container.seccomp))
            flags.append(f"--security-opt=seccomp={profile}")
        return flags + container.flags

    def run(self, container, arguments, timeout=TIMEOUT, image=None, **options):
        return self.run_flags(self.flags_of(container), arguments, image, timeout=timeout, **options)

    def run_flags(self, flags, arguments, image=None, **options):
        """Without a network, unless the flags say which."""
        network = [] if any(flag.startswith("--network=") for flag in flags) else ["--network=none"]
        return self.call("run", *network, *flags, image or self.image, *arguments, **options)


class Docker(CommandLineEngine):
    name = "docker"
    program = "/usr/bin/docker"

    def start(self):
        done = subprocess.run([str(ROOT / "scripts/dockerd"), "start"], stdout=subprocess.PIPE,
                              text=True, check=True)
        self.flags = [f"--host=unix://{done.stdout.strip()}"]
        super().start()

    def stop(self):
        subprocess.run([str(ROOT / "scripts/dockerd"), "stop"], check=True)

    def compose(self, file, service, *flags):
        """Runs a service of a Compose file (its text) with docker-compose."""
        folder = self.folder / "compose"
        folder.mkdir(exist_ok=True)
        (folder / "docker-compose.yml").write_text(file)
        environment = {**self.environment, "DOCKER_HOST": self.flags[0].removeprefix("--host=")}
        # docker-compose attaches after the start and can miss what was written first: the log has it all.
        started = subprocess.run(
            ["/usr/bin/docker-compose", "run", "--detach", "-T", *flags, service], cwd=folder,
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
        assert started.returncode == 0, started.stderr
        name = started.stdout.strip()
        try:
            status = self.call("wait", name)
            assert status.returncode == 0, status.stderr
            logs = self.call("logs", name)
        finally:
            self.call("rm", "--force", name)
        return subprocess.CompletedProcess(started.args, int(status.stdout), logs.stdout,
                                           logs.stderr)


class Podman(CommandLineEngine):
    name = "podman"
    program = "/usr/bin/podman"

    def start(self):
        settings = self.folder / "containers.conf"
        settings.write_text(
            "[containers]\n"
            'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
            "[engine]\n"
            'runtime = "runc"\n'
            'cgroup_manager = "cgroupfs"\n'
            'events_logger = "none"\n'
        )
        self.environment["CONTAINERS_CONF"] = str(settings)
        self.flags = [f"--root={self.folder / 'storage'}", f"--runroot={self.folder / 'run'}"]
        super().start()

    def stop(self):
        # Podman mounts its storage over itself, which would keep pytest from removing it.
        subprocess.run(["umount", "--quiet", self.folder / "storage/overlay"], check=False)

    def make_image(self, name, rootfs):
        super().make_image("localhost/" + name, rootfs)

    def rlimits(self, container):
        # A flag replaces all of default_ulimits, and these two would be raised.
        if not container.rlimits:
            return {}
        return {"RLIMIT_NOFILE": (1024, 1024), "RLIMIT_NPROC": (1024, 1024), **container.rlimits}

    def as_run(self, container):
        # What is added for a user that is not root becomes ambient, so that it has an effect.
        if container.uid == 0 or not container.bounding:
            return container
        added = list(container.bounding)
        return dataclasses.replace(container, inheritable=added, ambient=added)
