"""Holes in what a container is given: mounts, sockets, secrets, programs; and what is no hole."""
import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import zlib

from holes import (ALL, NOT_CRUN, OCI, bind, bind_alone, both, changing, environment, hole,
                   with_flags, with_tmpfs)
from oci_engine import make_rootfs

SOCKETS = ("docker.sock", "containerd/containerd.sock", "crio/crio.sock", "podman/podman.sock",
           "cri-dockerd.sock", "buildkit/buildkitd.sock")
TOKEN = "var/run/secrets/kubernetes.io/serviceaccount/token"


class Host:
    """What the holes lead to: folders, files, sockets and mounts on the host, made and removed."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="wt-"))  # a socket's path has 107 bytes
        self.path.chmod(0o755)
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="wt-", dir="/dev/shm"))
        self.memory.chmod(0o755)  # a container that shares /dev/shm looks for devices there
        for folder in ("data", "open", "run", "shared", "hostrun"):
            (self.path / folder).mkdir()
            (self.path / folder).chmod(0o777 if folder == "open" else 0o755)
        (self.path / "file").write_text("data\n")
        (self.path / "key").write_text(KEY)
        (self.path / "home/.ssh").mkdir(parents=True)
        (self.path / "home/.ssh/id_rsa").write_text(KEY)
        (self.path / "token").mkdir(0o755)
        (self.path / "token/token").write_text("hunter2")
        self.sockets = [self.listen(self.path / "run" / name) for name in (*SOCKETS, "mysqld.sock")]
        self.abstract = socket.socket(socket.AF_UNIX)
        self.shim = f"/containerd-shim/wt-{os.getpid()}.sock"
        self.mount("--bind", self.path / "shared", self.path / "shared")
        self.mount("--make-shared", self.path / "shared")
        self.mount("-t", "tmpfs", "tmpfs", self.path / "hostrun", "-o", "mode=755,nosuid,nodev")
        (self.path / "hostrun/udev/data").mkdir(parents=True)
        self.overlays, self.volumes = [], []
        return self

    @staticmethod
    def mount(*arguments):
        subprocess.run(["mount", *map(str, arguments)], check=True)

    @staticmethod
    def listen(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        made = socket.socket(socket.AF_UNIX)
        made.bind(str(path))
        return made

    def overlay(self, name):
        """A folder in memory, and where it is seen through an overlay whose upper layer is on disk:
        since the layers lie on two file systems, files have another st_dev than their folders."""
        lower, merged = self.memory / name, self.path / name
        if name not in self.overlays:
            upper, work = self.path / f"{name}-upper", self.path / f"{name}-work"
            for folder in (lower, merged, upper, work):
                folder.mkdir(0o755)
            self.mount("-t", "overlay", "overlay", merged, "-o",
                       f"lowerdir={lower},upperdir={upper},workdir={work},xino=off")
            self.overlays.append(name)
        return lower, merged

    def volume(self, files):
        """A volume of Kubernetes as the kubelet makes it: files in memory, behind two links."""
        path = self.path / f"volume-{zlib.crc32(repr(files).encode())}"
        if path.name not in self.volumes:
            path.mkdir()
            self.mount("-t", "tmpfs", "tmpfs", path, "-o", "mode=755")
            self.volumes.append(path.name)
            (path / "..2026").mkdir()
            (path / "..data").symlink_to("..2026")
            for name, text in files.items():
                (path / "..2026" / name).parent.mkdir(exist_ok=True)
                (path / "..2026" / name).write_text(text)
                top = name.split("/")[0]
                if not (path / top).is_symlink():
                    (path / top).symlink_to(f"..data/{top}")
        return path

    def __exit__(self, *error):
        for made in (*self.sockets, self.abstract):
            made.close()
        for name in ("shared", "hostrun", *self.overlays, *self.volumes):
            subprocess.run(["umount", "-l", str(self.path / name)], check=True)
        shutil.rmtree(self.path)
        shutil.rmtree(self.memory)


# Nothing is held, but could be gained: no_new_privs is off and the bounding set is not empty.
RAISABLE = changing(no_new_privs=False, bounding=["CAP_SETUID", "CAP_CHOWN"], permitted=[])


def program(mode, owner=0, group=0, capability=False, folder="opt"):
    """A root file system with one more program, of this mode."""

    def change(engine, container, host):
        name = f"program-{mode:o}-{owner}-{group}-{capability}-{folder.replace('/', '-')}"
        rootfs = engine.folder / name
        if not rootfs.exists():
            make_rootfs(rootfs, engine.binary, with_busybox=False)
            path = rootfs / folder / "program"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"#!/bin/false\n")
            os.chown(path, owner, group)
            path.chmod(mode)
            if capability:  # cap_net_raw+p: VFS_CAP_REVISION_2, capabilities(7)
                os.setxattr(path, "security.capability",
                            struct.pack("<IIIII", 0x02000000, 1 << 13, 0, 0, 0))
        container.rootfs = str(rootfs)

    return change


def program_on_overlay(mode):
    """The same in the lower layer of an overlay over two file systems."""

    def change(engine, container, host):
        lower, merged = host.overlay(f"overlay-{mode:o}")
        path = lower / "opt/program"
        if not path.exists():
            make_rootfs(lower, engine.binary, with_busybox=False)
            path.parent.mkdir()
            path.write_bytes(b"#!/bin/false\n")
            path.chmod(mode)
            assert (merged / "opt/program").stat().st_dev != (merged / "opt").stat().st_dev
        container.rootfs = str(merged)

    return change


def bind_of_the_roots_device(option, folder_mode, program_mode):
    """A folder beside the root file system, with a program, mounted by this option."""

    def change(engine, container, host):
        folder = engine.folder / f"beside-{folder_mode:o}-{program_mode:o}"
        if not folder.exists():
            folder.mkdir()
            (folder / "program").write_bytes(b"#!/bin/false\n")
            (folder / "program").chmod(program_mode)
            folder.chmod(folder_mode)
        assert folder.stat().st_dev == os.stat(container.rootfs).st_dev
        bind(folder, "/data", option)(engine, container, host)

    return change


def token(mode, text, links=False):
    """A root file system with a service account's token, as Kubernetes would mount it."""

    def change(engine, container, host):
        rootfs = engine.folder / f"token-{mode:o}-{links}-{zlib.crc32(text.encode())}"
        if not rootfs.exists():
            make_rootfs(rootfs, engine.binary, with_busybox=False)
            if links:
                (rootfs / "var/run").symlink_to("/run")
            path = rootfs / (TOKEN.removeprefix("var/") if links else TOKEN)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            path.chmod(mode)
        container.rootfs = str(rootfs)

    return change


def jwt(**claims):
    """A service account's token; what would be its signature gives it away in any output."""
    claims.setdefault("sub", "system:serviceaccount:shop:api")
    parts = [json.dumps({"alg": "RS256"}), json.dumps(claims)]
    return ".".join([base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
                     for part in parts] + ["hunter2"])


def volume(target, files, part=""):
    """Mounted as a volume of a Pod, or one file of it (subPath)."""

    def change(engine, container, host):
        source = host.volume(files)
        bind(source / "..2026" / part if part else source, target, "ro")(engine, container, host)

    return change


API = "https://kubernetes.default.svc.cluster.local"
CLUSTER = {"iss": "https://oidc.example/id", "aud": [API, "k3s"], "exp": 1764082800}
ELSEWHERE = {"iss": "https://oidc.example/id", "aud": ["sts.amazonaws.com"], "exp": 1764082800}
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n"
USERS = "root:*:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/srv/app:/bin/sh\n"
# Path -> what stands there; the home of the user 1000 is /srv/app by /etc/passwd.
CREDENTIALS = {
    "srv/app/.ssh/deploy": KEY,
    "home/other/.aws/credentials": "[default]\naws_secret_access_key = hunter2\n",
    "root/.kube/config": "users:\n- name: x\n  user:\n    token: hunter2\n",
    "srv/app/.docker/config.json": '{"auths": {"registry": {"auth": "hunter2"}}}\n',
    "srv/app/.git-credentials": "https://app:hunter2@git\n",
    "srv/app/.netrc": "machine h login app\npassword hunter2\n",
    "srv/app/.npmrc": "//registry/:_authToken=hunter2\n",
    "srv/app/.pgpass": "*:*:*:app:hunter2\n",
    "srv/app/.config/gcloud/application_default_credentials.json": '{"refresh_token": "hunter2"}',
    "srv/app/.azure/msal_token_cache.json": '{"AccessToken": {"x": {"secret": "hunter2"}}}',
    "etc/kubernetes/admin.conf": "users: [{name: x, user: {client-key-data: hunter2}}]\n",
    "var/lib/kubelet/pki/kubelet-client.pem": "-----BEGIN CERTIFICATE-----\n" + KEY,
    "var/lib/rancher/k3s/server/node-token": "hunter2::server:x\n",
    "etc/shadow": "app:$6$hunter2$hunter2:1:0:99999:7:::\n",
}
# What looks alike and is no credential, or cannot be read, or is no file.
HARMLESS = {
    "srv/app/.ssh/deploy.pub": "ssh-ed25519 AAAA app@host\n",
    "srv/app/.ssh/known_hosts": "git ssh-ed25519 AAAA\n",
    "srv/app/.aws/credentials": "[default]\n# aws_secret_access_key = hunter2\n",
    "srv/app/.aws/config": "[default]\naws_secret_access_key = hunter2\n",
    "srv/app/.kube/config": "users:\n- name: x\n  user:\n    tokenFile: /run/token\n",
    "srv/app/.docker/config.json": '{"auths": {}, "credsStore": "pass"}\n',
    "srv/app/.npmrc": "//registry/:_authToken=${NPM_TOKEN}\n",
    "srv/app/.netrc": "machine h login app\n",
    "etc/shadow": "root:*:1:0:99999:7:::\napp:!:1:0:99999:7:::\n",
    "root/.vault-token": "",
    "run/secrets/key": KEY,
    "srv/key.pem": KEY,
}


def with_files(files, mode=0o644, link=None, pipe=None):
    """A root file system with these files, and the users of USERS."""

    def change(engine, container, host):
        words = repr((sorted(files.items()), mode, link, pipe))
        rootfs = engine.folder / f"files-{zlib.crc32(words.encode())}"
        if not rootfs.exists():
            make_rootfs(rootfs, engine.binary, with_busybox=False)
            (rootfs / "etc/passwd").write_text(USERS)
            for name, text in files.items():
                path = rootfs / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(mode)
            for name in filter(None, (link, pipe)):
                (rootfs / name).parent.mkdir(parents=True, exist_ok=True)
            if link:
                (rootfs / link).symlink_to("/srv/key.pem")
            if pipe:
                os.mkfifo(rootfs / pipe, 0o666)
        container.rootfs = str(rootfs)

    return change


def writable_folder(engine, container, host):
    """A root file system with a folder, deep inside, that everybody may write to."""
    rootfs = engine.folder / "writable"
    if not rootfs.exists():
        make_rootfs(rootfs, engine.binary, with_busybox=False)
        (rootfs / "var/lib/app/cache").mkdir(parents=True)
        (rootfs / "var/lib/app/cache").chmod(0o777)
    container.rootfs = str(rootfs)


PATHS, SOCKET, WRITE = "mounts.host-path", "mounts.runtime-socket", "mounts.write-exec"
ESCALATION, SECRET = "privileges.escalation-path", "secrets.environment"
FILES, ACCOUNT = "secrets.files", "secrets.service-account-token"
IN_THE_IMAGE = {ACCOUNT: "the image holds it, or the program wrote it: no mount brings it"}
LEFT_IN_THE_IMAGE = {FILES: "take them out of the image, and hand them over as a secret that is mounted "
                            "(Docker and Compose: secrets, Kubernetes: a Secret as a volume)"}
HOST_SHARED = bind("shared", "/shared", "rprivate")
OVERLAY = both(RAISABLE, program_on_overlay(0o755))
NOSUID_BIND = both(RAISABLE, bind_of_the_roots_device("nosuid", 0o755, 0o755))
WRITABLE_ROOT = both(changing(read_only=False), program(0o755))  # with nothing to write to
NOEXEC_BIND = both(WRITABLE_ROOT, bind_of_the_roots_device("noexec", 0o755, 0o755))

HOLES = [
    # Paths of the host.
    hole("a folder, read-only", bind("data", "/data", "ro"), PATHS),
    hole("a folder, writable", bind("data", "/data"), PATHS, engines=OCI),
    hole("a folder that everybody may write to", bind("open", "/data"), PATHS, WRITE,
         remedy=with_tmpfs("/data", "rw,noexec,mode=1777")),
    hole("a file, read-only", bind("file", "/etc/file", "ro"), PATHS),
    hole("all of the host", bind_alone("/", "/host", "ro"), PATHS, engines=NOT_CRUN),
    hole("a folder in the host's memory", lambda e, c, h: bind(h.memory, "/m", "ro")(e, c, h),
         PATHS, engines=OCI),
    hole("the host's /run", bind("hostrun", "/host/run", "ro"), PATHS),
    hole("another file at /etc/hosts", bind("file", "/etc/hosts", "ro"), PATHS, engines=NOT_CRUN),
    hole("the host's /sys", bind_alone("/sys", "/host/sys", "ro"), PATHS, engines=("runc",)),
    hole("the host's /proc", bind_alone("/proc", "/host/proc", "ro"), PATHS, engines=OCI),
    hole("the host's /dev", bind_alone("/dev", "/host/dev", "ro"), PATHS, engines=("runc",)),
    hole("an overlay over a folder", bind("data", "/data", "O"), PATHS, engines=("podman",)),
    hole("a socket that is no engine's", bind("run/mysqld.sock", "/run/mysqld.sock"), PATHS,
         engines=OCI),
    # Sockets of engines.
    hole("the socket", bind("run/docker.sock", "/run/docker.sock"), SOCKET),
    *[hole(f"the socket {name}", bind(f"run/{name}", f"/run/{name}"), SOCKET, engines=OCI)
      for name in SOCKETS],
    hole("the socket, read-only", bind("run/docker.sock", "/var/run/docker.sock", "ro"), SOCKET,
         engines=OCI),
    hole("the socket under another name", bind("run/docker.sock", "/srv/api"), SOCKET),
    hole("the socket's folder", bind("run", "/host/run", "ro"), PATHS, SOCKET),
    hole("the socket's folder, at its place", bind("run/containerd", "/run/containerd", "ro"),
         PATHS, SOCKET, engines=OCI),
    # Propagation.
    hole("a shared mount", bind("shared", "/shared", "rshared"), "mounts.propagation",
         engines=NOT_CRUN, base=HOST_SHARED, remedy=bind("shared", "/shared", "rslave")),
    # Writable and executable.
    hole("/tmp with exec", with_tmpfs("/tmp", "rw,nosuid,nodev,exec,mode=1777"), WRITE,
         "mounts.tmp-options /tmp"),  # the base is the remedy
    hole("a volume at /tmp", both(changing(tmpfs={}), with_flags("--volume=watertight-tmp:/tmp")),
         WRITE, "mounts.tmp-options /tmp", engines=("docker", "podman")),
    hole("/run with exec", with_tmpfs("/run", "rw,exec,mode=1777"), WRITE,
         engines=OCI, remedy=with_tmpfs("/run", "rw,noexec,mode=1777")),
    hole("/dev/shm with exec", with_tmpfs("/dev/shm", "rw,exec,mode=1777"), WRITE,
         remedy=with_tmpfs("/dev/shm", "rw,noexec,mode=1777")),
    hole("a root with a writable folder", both(changing(read_only=False), writable_folder), WRITE,
         "mounts.read-only-root /", engines=OCI, remedy=writable_folder),
    # Programs that raise privileges.
    hole("a set-user-ID program", both(RAISABLE, program(0o4755)), ESCALATION, engines=OCI,
         base=both(RAISABLE, program(0o755)), remedy=both(RAISABLE, program(0o755))),
    hole("a set-group-ID program", both(RAISABLE, program(0o2755, 0, 42)), ESCALATION, engines=OCI,
         base=both(RAISABLE, program(0o755))),
    hole("a file capability", both(RAISABLE, program(0o755, capability=True)), ESCALATION,
         engines=OCI, base=both(RAISABLE, program(0o755))),
    hole("a set-user-ID program, deep", both(RAISABLE, program(0o4755, folder="opt/a/b/c/d/e/f")),
         ESCALATION, engines=OCI, base=both(RAISABLE, program(0o755))),
    hole("a set-user-ID program, on an overlay over two file systems",
         both(RAISABLE, program_on_overlay(0o4755)), ESCALATION, engines=OCI,
         base=OVERLAY, remedy=OVERLAY),
    # Secrets.
    *[hole(f"a secret in {name}", environment(**{name: value}), SECRET,
           engines=engines, remedy=environment(**{f"{name}_FILE": "/run/secrets/it"}))
      for engines, name, value in (
          (ALL, "DB_PASSWORD", "hunter2"), (OCI, "GITHUB_TOKEN", "hunter2"),
          (OCI, "DATABASE_URL", "postgres://app:hunter2@db/shop"),
          (OCI, "AWS_SECRET_ACCESS_KEY", "/hunter2"), (OCI, "CONNECTION", "Host=db;Password=hunter2"))],
    *[hole(f"a credential in /{path}", with_files({path: text}), FILES, engines=OCI,
           beyond=LEFT_IN_THE_IMAGE)
      for path, text in CREDENTIALS.items()],
    hole("credentials in a folder of the host", both(with_files({}), bind("home", "/home/app", "ro")),
         FILES, PATHS, engines=OCI, base=with_files({}), remedy=with_files({})),
    hole("a credential where KUBECONFIG points", both(
        with_files({"opt/cluster": "token: hunter2\n"}), environment(KUBECONFIG="/x:/opt/cluster")),
        FILES, engines=OCI, beyond=LEFT_IN_THE_IMAGE),
    *[hole(f"a token for the cluster's API {words}", volume(*made), ACCOUNT)
      for words, made in (
          ("in a volume", ("/var/run/secrets/tokens", {"api": jwt(**CLUSTER)})),
          ("deep in a volume, beside others", ("/vol", {"x": "y", "a/b": jwt(**CLUSTER)})),
          ("without an audience", ("/vol", {"token": jwt(iss="kubernetes/serviceaccount")})),
          ("by its issuer", ("/vol", {"t": jwt(iss="https://gke/x", aud="https://gke/x")})))],
    hole("a token as one file of a volume", volume("/vol/api", {"api": jwt(**CLUSTER)}, "api"),
         ACCOUNT, PATHS, engines=OCI),
    hole("a service account's token in the image", token(0o644, "hunter2"), ACCOUNT, engines=OCI,
         beyond=IN_THE_IMAGE),
    hole("a service account's token in the image, behind a link",
         token(0o644, "hunter2", links=True), ACCOUNT, engines=OCI, beyond=IN_THE_IMAGE),
    hole("a service account's token", bind("token", "/" + TOKEN.rpartition("/")[0], "ro"), PATHS,
         ACCOUNT),
]

# What must change no verdict at all.
ORDINARY = [
    hole("a volume", with_flags("--volume=watertight-holes:/data"), engines=("docker",)),
    hole("a volume without a name", with_flags("--volume=/data"), engines=("docker",)),
    # Podman gives a new volume to the container's user.
    hole("a volume", with_flags("--volume=watertight-holes:/data:noexec"), engines=("podman",)),
    hole("an engine's own init", with_flags("--init"), engines=("docker",)),
    hole("a file at /run/secrets", bind("file", "/run/secrets/db", "ro")),
    hole("a tmpfs that only root may write to", with_tmpfs("/cache", "rw,exec,mode=0755")),
    hole("a tmpfs that nobody may write to", with_tmpfs("/cache", "ro,exec,mode=1777"),
         engines=OCI),
    hole("a folder that only root may enter", with_tmpfs("/data", "rw,noexec,mode=0700")),
    hole("a file masked with the null device", bind("/dev/null", "/srv/masked")),
    hole("variables that are no secrets", environment(
        POSTGRES_PASSWORD_FILE="/run/secrets/it", TOKEN_TTL="60", ALLOW_EMPTY_PASSWORD="yes",
        DATABASE_URL="postgres://db/shop", GPG_KEY="A035C8", DB_PASSWORD="/run/secrets/it"),
         engines=OCI),
    hole("a token of workload identity", volume("/var/run/secrets/aws", {"token": jwt(**ELSEWHERE)})),
    hole("a volume with what is no service account's token", volume(
        "/vol", {"token": jwt(**{**CLUSTER, "sub": "somebody"}), "key": KEY, "x": "eyJ.eyJ.x"})),
    hole("files that look like credentials", with_files(HARMLESS), engines=OCI),
    hole("credentials of others that cannot be read", with_files(CREDENTIALS, mode=0o600),
         engines=OCI),
    hole("a link and a pipe where a key would lie", with_files(
        {"srv/key.pem": KEY}, link="srv/app/.ssh/id_rsa", pipe="srv/app/.pgpass"), engines=OCI),
    hole("a token that cannot be read", token(0o600, "hunter2"), engines=OCI),
    hole("a set-user-ID program, but no_new_privs", program(0o4755), engines=OCI),
    hole("a set-user-ID program on a nosuid mount of the root's device",
         both(RAISABLE, bind_of_the_roots_device("nosuid", 0o755, 0o4755)), engines=OCI,
         base=NOSUID_BIND),
    hole("a writable folder on a noexec mount of the root's device",
         both(WRITABLE_ROOT, bind_of_the_roots_device("noexec", 0o777, 0o755)), engines=OCI,
         base=NOEXEC_BIND),
    *[hole(f"a program that raises nothing: {words}", both(RAISABLE, made), engines=OCI,
           base=both(RAISABLE, program(0o755)))
      for words, made in (("the user's own", program(0o4755, 1000, 1000)),
                          ("its group's only", program(0o4750)),
                          ("not executable", program(0o4644)),
                          ("in the user's group", program(0o2755, 0, 1000)))],
]
