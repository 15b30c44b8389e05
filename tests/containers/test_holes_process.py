"""What is said of holes in what a container is given, and the cases that fit no table."""
import json
import os
import pathlib
import socket
import subprocess

import pytest

import holes
import process_holes
import remedy
from container import REFUSING, Container
from holes import mend_by_fix, build, changed, fact, failed, look, look_at_base


def test_a_path_of_the_host_is_named_with_its_place_and_whether_it_is_writable(engine, host):
    for options, word in (((), "writable"), (("ro",), "read-only")):
        container = build(engine, host, holes.bind("data", "/data", *options))
        report, _ = look(engine, container)
        row = fact(report, "mount.host_paths")
        assert row["value"] == [str(host.path / "data")]
        assert f"{host.path}/data at /data, " in row["detail"] and word in row["detail"]


def test_a_path_that_the_policy_allows_passes(engine, host):
    """The policy comes in through the shell, so that nothing more is mounted."""
    policy = json.dumps({"schema": "watertight.policy/1", "name": "own", "extends": "strict",
                         "params": {"allowed_host_paths": [str(host.path / "data")],
                                    "allowed_environment": ["DB_PASSWORD"]}})
    container = build(engine, host, holes.bind("data", "/data", "ro"),
                      holes.environment(DB_PASSWORD="hunter2"))
    script = f"echo '{policy}' > /tmp/policy.json; exec /watertight -p /tmp/policy.json -f json"
    done = engine.run(container, ["/bin/sh", "-c", script])
    statuses = {row["id"]: row["status"] for row in json.loads(done.stdout)["checks"]}
    assert (statuses["mounts.host-path"], statuses["secrets.environment"]) == ("pass", "pass")


@pytest.mark.engines("docker")
def test_the_engines_own_socket_is_found_wherever_it_is_mounted(engine, host, binary):
    mine = engine.flags[0].removeprefix("--host=unix://")
    before = look_at_base(engine, host, None)
    for target in ("/var/run/docker.sock", "/some/where"):
        container = build(engine, host, holes.bind(mine, target, "ro"))
        report, after = look(engine, container)
        assert changed(before, after) == failed("mounts.runtime-socket")
        assert mend_by_fix(engine, binary, container, report, before) == {}
        assert fact(report, "socket.runtime")["value"] == [target]


@pytest.mark.engines("docker")
def test_a_volume_that_is_a_folder_of_the_host_in_disguise_is_named(engine, host, binary):
    made = engine.call("volume", "create", "--opt=type=none", "--opt=o=bind",
                       f"--opt=device={host.path / 'data'}", "watertight-disguise")
    assert made.returncode == 0, made.stderr
    container = build(engine, host, holes.with_flags("--volume=watertight-disguise:/data"))
    report, after = look(engine, container)
    before = look_at_base(engine, host, None)
    beyond = mend_by_fix(engine, binary, container, report, before)
    engine.call("volume", "rm", "watertight-disguise")
    assert changed(before, after) == failed("mounts.host-path")
    assert fact(report, "mount.host_paths")["value"] == [str(host.path / "data")]
    assert beyond == {}


@pytest.mark.engines("podman")
def test_podmans_secrets_are_expected(engine, host):
    # Podman makes /run/secrets in the container's root.
    writable = holes.changing(read_only=False)
    before = look_at_base(engine, host, writable)
    engine.call("secret", "create", "watertight-holes", str(host.path / "file"))
    report, after = look(engine, build(engine, host, writable,
                                       holes.with_flags("--secret=watertight-holes")))
    engine.call("secret", "rm", "watertight-holes")
    assert changed(before, after) == {}, report["facts"]


def test_the_file_that_carries_watertight_is_expected(engine, host):
    """Read-only, and as that one file; a second one is a file of the host like any other."""
    before = look_at_base(engine, host, None)
    carried = build(engine, host, holes.bind(engine.binary, "/opt/carried", "ro"))
    assert changed(before, look(engine, carried, ["/opt/carried"])[1]) == {}
    assert changed(before, look(engine, carried)[1]) == failed("mounts.host-path")


# --- sockets and descriptors ----------------------------------------------------------------------


@pytest.mark.engines(*holes.OCI)
def test_an_abstract_socket_of_a_shim_is_seen_from_the_hosts_network(engine, host, binary):
    network = holes.changing(host_network=True)
    before = look_at_base(engine, host, network)
    with socket.socket(socket.AF_UNIX) as shim:
        shim.bind("\0" + host.shim)
        container = build(engine, host, network)
        report, after = look(engine, container)
        assert changed(before, after) == failed("mounts.runtime-socket")
        assert fact(report, "socket.runtime")["value"] == ["@" + host.shim]
        assert mend_by_fix(engine, binary, container, report, before) == {}
        assert changed(look_at_base(engine, host, None), look(engine, build(engine, host))[1]) == {}
    assert changed(before, look(engine, build(engine, host, network))[1]) == {}


@pytest.mark.parametrize("kind", ["socket", "disk"])
def test_what_a_group_opens_is_found_in_the_group_and_outside_of_it(engine, host, kind):
    """Groups such as docker and disk: the thing itself is found, whoever may open it."""
    path = host.path / "run/docker.sock"
    before = look_at_base(engine, host, None)
    found = {"socket": holes.bind("run/docker.sock", "/run/docker.sock"),
             "disk": holes.bind("/dev/loop2", "/dev/bound")}[kind]
    rule = {"socket": "mounts.runtime-socket", "disk": "devices.unexpected"}[kind]
    mode, owner = path.stat().st_mode, path.stat()
    try:
        os.chown(path, 0, 4242)
        path.chmod(0o660)
        for groups in ([], [4242]):
            report, after = look(engine, build(engine, host, found,
                                               holes.changing(groups=groups)))
            assert changed(before, after) == failed(rule)
            assert ("4242" in fact(report, "user.groups")["value"]) == bool(groups)
    finally:
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(mode)


def passing(fd, target=3):
    """Options that leave the descriptor open for the engine, as `target`."""
    return {"preexec_fn": lambda: os.dup2(fd, target), "close_fds": False}


@pytest.mark.engines("runc", "crun", "podman")
def test_a_descriptor_that_leads_out_is_found_and_no_configuration_mends_it(engine, host, binary):
    before = look_at_base(engine, host, None)
    for path, kind in (("data", "folder"), ("file", "file")):
        fd = os.open(host.path / path, os.O_RDONLY)
        container = build(engine, host, holes.changing(descriptors=1))
        report, after = look(engine, container, **passing(fd))
        os.close(fd)
        assert changed(before, after) == failed("descriptors.host")
        assert fact(report, "descriptor.host")["value"] == [
            f"descriptor 3: {kind} {host.path / path}"]
        answer = remedy.ask(binary, json.dumps(report), "strict")
        assert (answer.add, answer.remove) == ([], [])
        assert answer.rest["descriptors.host"].startswith("an engine leaks it (runc before 1.1.12")


def handles_of_the_host():
    """What each is called, and opens it; only what this machine has."""
    device = next(path for path in ("/dev/kmsg", "/dev/fuse", "/dev/loop-control")
                  if os.path.exists(path))
    space = "/proc/self/ns/mnt"
    return ((f"namespace {os.readlink(space)}", lambda: os.open(space, os.O_RDONLY)),
            ("process anon_inode:[pidfd]", lambda: os.pidfd_open(1)),
            (f"device {device}", lambda: os.open(device, os.O_RDONLY)))


@pytest.mark.engines(*holes.OCI)
def test_a_handle_on_what_is_the_hosts_is_found(engine, host):
    for user in (None, holes.AS_ROOT):
        before = look_at_base(engine, host, user)
        for name, opened in handles_of_the_host():
            fd = opened()
            container = build(engine, host, user, holes.changing(descriptors=1))
            report, after = look(engine, container, **passing(fd))
            os.close(fd)
            assert changed(before, after) == failed("descriptors.host")
            assert fact(report, "descriptor.host")["value"] == [f"descriptor 3: {name}"]


@pytest.mark.engines(*holes.OCI)
def test_what_leads_nowhere_is_no_leak(engine, host):
    """A pipe, memory, a socket, a terminal, zeros; and what the caller redirects."""
    before = look_at_base(engine, host, None)
    reading, writing = os.pipe()
    memory = os.memfd_create("memory")
    pair = socket.socketpair()
    terminal, other = os.openpty()
    plain = os.open("/dev/zero", os.O_RDONLY)
    for fd in (writing, memory, pair[0].fileno(), terminal, plain):
        container = build(engine, host, holes.changing(descriptors=1))
        assert changed(before, look(engine, container, **passing(fd))[1]) == {}
    for fd in (reading, writing, memory, terminal, other, plain):
        os.close(fd)
    for one in pair:
        one.close()
    with open(host.path / "log", "w+") as log, open(host.path / "file") as source:
        engine.run(build(engine, host), ["/watertight", "--policy", "strict", "-f", "json"],
                   stdin=source, stdout=log)
        log.seek(0)
        after = holes.statuses(json.load(log))
    assert changed(before, after) == {}


@pytest.mark.engines(*holes.OCI)
def test_a_working_directory_outside_and_descriptors_of_process_1_are_found(engine, host):
    """What CVE-2024-21626 left behind: a folder of the host as the working directory."""
    fd = os.open(host.path / "data", os.O_RDONLY)
    container = build(engine, host, holes.changing(descriptors=1))
    look_like = "/watertight --policy strict --format json"
    outside, _ = look(engine, container, ["/bin/sh", "-c",
                                          f"cd /proc/self/fd/3; exec 3<&-; exec {look_like}"],
                      **passing(fd))
    inherited, _ = look(engine, container, ["/bin/sh", "-c",
                                            f"(exec 3<&-; exec {look_like}); exit 0"],
                        **passing(fd))
    os.close(fd)
    place = f"folder {host.path / 'data'}"
    assert fact(outside, "descriptor.host")["value"] == [f"working directory: {place}"]
    assert fact(inherited, "descriptor.host")["value"] == [f"descriptor 3 of process 1: {place}"]


# --- credentials in files -------------------------------------------------------------------------


def kubernetes_secret(engine, container, host):
    """A Secret as a volume, as the kubelet makes it: files in memory, behind links."""
    folder = host.memory / "secret"
    if not folder.exists():
        (folder / "..2026").mkdir(parents=True)
        (folder / "..2026/id_rsa").write_text(process_holes.KEY)
        (folder / "..data").symlink_to("..2026")
        (folder / "id_rsa").symlink_to("..data/id_rsa")
        (folder / "id_ed25519").write_text(process_holes.KEY)  # subPath, or a secret of Podman
    holes.bind(folder, "/srv/app/.ssh", "ro")(engine, container, host)


@pytest.mark.engines(*holes.OCI)
def test_a_secret_that_was_mounted_for_the_purpose_is_no_finding(engine, host):
    """In memory, or as a file by itself. Both are paths of the host, which is another matter."""
    made = process_holes.with_files({"srv/app/.ssh/x": "", "srv/app/.pgpass": ""})
    before = look_at_base(engine, host, made)
    for mounted in (kubernetes_secret, holes.bind("key", "/srv/app/.pgpass", "ro"),
                    holes.bind("key", "/srv/app/.ssh/x", "ro")):
        report, after = look(engine, build(engine, host, made, mounted))
        assert changed(before, after) == failed("mounts.host-path")
        assert fact(report, "secret.files")["value"] == []


@pytest.mark.engines(*holes.OCI)
def test_every_credential_is_named_by_its_path_and_root_finds_what_others_may_not_read(engine, host):
    made = process_holes.with_files(process_holes.CREDENTIALS, mode=0o600)
    names = sorted(f"/{path}" for path in process_holes.CREDENTIALS)
    for user, expected in ((None, []), (holes.AS_ROOT, names)):
        caps = holes.changing(bounding=["CAP_DAC_OVERRIDE"]) if user else None
        report, _ = look(engine, build(engine, host, made, user, caps))
        assert fact(report, "secret.files")["value"] == expected


@pytest.mark.engines(*holes.OCI)
def test_a_file_of_credentials_that_the_policy_expects_passes(engine, host):
    made = process_holes.with_files({"srv/app/.pgpass": "*:*:*:app:hunter2\n"})
    policy = {"schema": "watertight.policy/1", "name": "own", "extends": "strict",
              "params": {"allowed_secret_files": ["/srv/app/.pgpass"]}}
    container = build(engine, host, made)
    path = engine.folder / "expecting.json"
    path.write_text(json.dumps(policy))
    holes.bind(path, "/policy.json", "ro")(engine, container, host)
    done = engine.run(container, ["/watertight", "-p", "/policy.json", "-f", "json"])
    statuses = holes.statuses(json.loads(done.stdout))
    assert statuses["secrets.files"] == "pass"


@pytest.mark.engines("docker", "podman")
def test_a_credential_in_an_image_is_found_and_an_image_without_has_none(engine, host):
    name = "watertight-credential"
    made = engine.call("run", "--detach", "--network=none", "--name", name, engine.image,
                       "/bin/sleep", "60")
    assert made.returncode == 0, made.stderr
    try:
        script = f"mkdir -p /root/.ssh; echo '{process_holes.KEY}' > /root/.ssh/id_x; {{}}"
        look_like = "/watertight --policy strict --only secrets.files --format json"
        before = engine.call("exec", name, "/bin/sh", "-c", look_like)
        after = engine.call("exec", name, "/bin/sh", "-c", script.format(look_like))
    finally:
        engine.call("rm", "--force", name)
    assert fact(json.loads(before.stdout), "secret.files")["value"] == []
    assert fact(json.loads(after.stdout), "secret.files")["value"] == ["/root/.ssh/id_x"]
    assert "hunter2" not in after.stdout


# --- secrets and process 1 ------------------------------------------------------------------------


@pytest.mark.engines("runc")
def test_a_tokens_expiry_is_told_and_the_token_is_not(engine, host):
    for mode, payload, expected in ((0o644, {"exp": 1764082800}, "2025-11-25T15:00:00Z"),
                                    (0o664, {"sub": "x"}, "never"),
                                    (0o600, {"exp": 1}, "absent")):
        text = process_holes.jwt(**payload)
        report, _ = look(engine, build(engine, host, process_holes.token(mode, text, links=False)))
        row = fact(report, "secret.service_account_expiry")
        assert row.get("value", row["state"]) == expected
        assert text not in json.dumps(report)
        assert fact(report, "secret.service_account_token")["value"] == (expected != "absent")


def test_where_tokens_lie_and_whom_they_are_for_is_told(engine, host):
    made = process_holes.volume("/vol", {
        "api": process_holes.jwt(**process_holes.CLUSTER),
        "aws": process_holes.jwt(**process_holes.ELSEWHERE)})
    report, _ = look(engine, build(engine, host, made))
    row = fact(report, "secret.service_account_paths")
    assert (row["value"], row["detail"]) == (["/vol/api"], "/vol/aws for sts.amazonaws.com")
    row = fact(report, "secret.service_account_token")
    assert (row["value"], row["detail"]) == (True, "/vol/api")
    assert fact(report, "secret.service_account_expiry")["value"] == "2025-11-25T15:00:00Z"
    report, _ = look(engine, build(engine, host))
    assert fact(report, "secret.service_account_paths")["value"] == []


@pytest.mark.engines("docker", "podman")
def test_an_exec_is_compared_with_process_1(engine):
    made = engine.call("run", "--detach", "--network=none", "--user=1000:1000", engine.image,
                       "/bin/sleep", "60")
    name = made.stdout.strip()
    try:
        same = json.loads(engine.call("exec", name, "/watertight", "observe").stdout)
        other = json.loads(engine.call("exec", "--user=0", name, "/watertight", "observe").stdout)
    finally:
        engine.call("kill", name)
        engine.call("rm", "--force", name)
    for report, expected in ((same, "same"), (other, "different")):
        for subject in ("user.uid.effective", "user.gid.effective", "capabilities.effective"):
            assert fact(report, "process.init", subject)["value"] == expected
        assert fact(report, "process.init", "capabilities.bounding")["value"] == "same"
        assert fact(report, "process.init_name")["value"] == "sleep"


POD = """
apiVersion: v1
kind: Pod
metadata: {name: watertight-holes}
spec:
  restartPolicy: Never
  shareProcessNamespace: true
  securityContext: {runAsUser: 1000, runAsGroup: 1000}
  containers:
  - name: app
    image: localhost/watertight-tests
    imagePullPolicy: Never
    command: [/watertight, --format, json, --policy, strict]
    volumeMounts: [{name: data, mountPath: /data}, {name: settings, mountPath: /settings}]
  volumes: [{name: data, emptyDir: {}}, {name: settings, configMap: {name: watertight-settings}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: watertight-settings}
data: {key: value}
"""


@pytest.mark.engines("podman")
def test_a_pods_volumes_are_expected_and_its_first_process_is_not_taken_for_the_workload(engine):
    pod = engine.folder / "holes.yaml"
    pod.write_text(POD)
    try:
        played = engine.call("kube", "play", "--network=none", str(pod))
        assert played.returncode == 0, played.stderr
        engine.call("wait", "watertight-holes-app")
        report = json.loads(engine.call("logs", "watertight-holes-app").stdout)
    finally:
        engine.call("kube", "down", str(pod))
    assert fact(report, "mount.host_paths")["value"] == []
    assert {"/data", "/settings"} <= {row.get("subject") for row in report["facts"]}
    name = fact(report, "process.init_name")
    assert name["value"] == "catatonit" and "not the workload" in name["detail"]
    assert fact(report, "process.init", "user.uid.effective")["value"] == "different"


def test_process_1_is_not_compared_with_itself(engine, host):
    report, _ = look(engine, build(engine, host))
    assert fact(report, "process.init", "user.uid.effective")["state"] == "absent"
    assert fact(report, "process.init_name")["state"] == "absent"


def without_statx(action):
    profile = {**REFUSING, "syscalls": [*REFUSING["syscalls"],
                                        {"names": ["statx"], "action": action}]}
    return holes.changing(seccomp=profile)


@pytest.mark.engines(*holes.OCI)
@pytest.mark.parametrize("action", ["SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"])
def test_mounts_are_told_apart_without_statx(engine, host, action):
    """The table of mounts says where they begin, whatever the device numbers are."""
    refused = without_statx(action)
    report, _ = look(engine, build(engine, host, refused, process_holes.RAISABLE,
                                   process_holes.program_on_overlay(0o4755)))
    assert fact(report, "privileges.escalation_files")["value"] == ["/opt/program"]
    beside = process_holes.bind_of_the_roots_device
    report, _ = look(engine, build(engine, host, refused, process_holes.RAISABLE,
                                   beside("nosuid", 0o755, 0o4755)))
    assert fact(report, "privileges.escalation_files")["value"] == []
    report, _ = look(engine, build(engine, host, refused, process_holes.WRITABLE_ROOT,
                                   beside("noexec", 0o777, 0o755)))
    assert fact(report, "mount.write_exec")["value"] == []


# --- what is inherited -----------------------------------------------------------------------------


def test_addresses_that_are_not_randomised_are_found(engine, host):
    """The flag is inherited; engines' own profiles refuse to set it, so another one is loaded."""
    lenient = holes.changing(seccomp=REFUSING)
    before = look_at_base(engine, host, lenient)
    report, after = look(engine, build(engine, host, lenient),
                         ["/bin/busybox", "linux64", "-R", "/watertight"])
    assert changed(before, after) == failed("memory.randomization process")
    assert fact(report, "memory.randomization", "process")["value"] == "off"
    settings = pathlib.Path("/proc/sys/kernel/randomize_va_space").read_text().strip()
    assert fact(report, "memory.randomization", "kernel")["value"] == (
        {"0": "off", "1": "partial", "2": "full"}[settings])
    report, after = look(engine, build(engine, host, lenient),
                         ["/bin/busybox", "linux64", "/watertight"])
    assert changed(before, after) == {}, report["facts"]


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.engines("runc")
def test_a_walk_that_is_cut_is_unknown_and_what_was_found_stands(engine, host):
    """Folders nested deeper than the walk goes."""
    deep = "/".join(["opt"] + ["d"] * 60)
    hidden = process_holes.program(0o4755, folder=deep)
    container = build(engine, host, process_holes.RAISABLE, hidden)
    report, after = look(engine, container)
    assert after["privileges.escalation-path"] == "unknown"
    assert fact(report, "privileges.escalation_files")["reason"].endswith(
        "there are more files than can be looked at")


@pytest.mark.engines("runc")
def test_the_files_are_looked_at_only_where_the_policy_asks(engine, host):
    container = build(engine, host, process_holes.RAISABLE, process_holes.program(0o4755))
    done = engine.run(container, ["/watertight", "observe"])
    rows = {row["key"]: row for row in json.loads(done.stdout)["facts"] if "subject" not in row}
    for key in ("privileges.escalation_files", "mount.write_exec"):
        assert (rows[key]["state"], rows[key]["reason"]) == (
            "unknown", "no rule of the policy asks for it")


@pytest.mark.engines("runc")
def test_a_folder_that_can_be_entered_and_not_listed_is_unknown(engine, host):
    process_holes.program(0o4755, folder="opt/closed")(engine, Container(), host)
    container = build(engine, host, process_holes.RAISABLE,
                      process_holes.program(0o4755, folder="opt/closed"))
    subprocess.run(["chmod", "711", f"{container.rootfs}/opt/closed"], check=True)
    report, after = look(engine, container)
    assert after["privileges.escalation-path"] == "unknown", report["facts"]
