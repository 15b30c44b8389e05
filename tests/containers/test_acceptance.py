"""What each policy says of the containers that people really run, on every engine."""
import dataclasses
import json

import pytest

from container import HARDENED, REFUSING, Container


def check(engine, container, *arguments, **options):
    container = dataclasses.replace(container, rootfs=options.pop("rootfs", None))
    done = engine.run(container, ["/watertight", "--format", "json", *arguments], **options)
    assert done.stdout, (container, done.returncode, done.stderr)
    report = json.loads(done.stdout)
    return done.returncode, report, {
        (row["id"], row["subject"]): row for row in report["checks"]
    }


def statuses(checks, status):
    return sorted(f"{rule} {subject or ''}".strip()
                  for (rule, subject), row in checks.items() if row["status"] == status)


def hardened(engine, **changes):
    """runc and crun have no seccomp profile of their own."""
    container = Container(**{**HARDENED, **changes})
    if engine.name in ("runc", "crun"):
        container.seccomp = REFUSING
    return container


def test_a_hardened_container_passes(engine):
    container = hardened(engine)
    status, report, checks = check(engine, container)
    assert (status, report["verdict"]) == (0, "pass"), report["checks"]
    assert statuses(checks, "unknown") == []
    assert statuses(checks, "skip") == []


@pytest.mark.engines("docker")
def test_the_documented_docker_command_passes(engine):
    done = engine.call(
        "run", "--network=none", "--user", "1000:1000", "--cap-drop=ALL", "--read-only",
        "--tmpfs", "/tmp", "--security-opt", "no-new-privileges", engine.image, "/watertight")
    assert done.returncode == 0, done.stdout


def test_a_plain_container_fails_and_everything_is_named(engine):
    container = Container(bounding=["CAP_CHOWN", "CAP_NET_RAW"]) if engine.name in (
        "runc", "crun") else Container()
    status, report, checks = check(engine, container)
    assert (status, report["verdict"]) == (1, "fail")
    failed = statuses(checks, "fail")
    expected = [
        "user.non-root", "user.uid-range", "user.non-root-group",
        "privileges.no-new-privileges", "mounts.read-only-root /",
        "filesystem.protected-path /", "filesystem.protected-path /usr/bin",
        "filesystem.protected-path /etc", "capabilities.effective", "capabilities.permitted",
        "capabilities.bounding",
    ]
    if not engine.has_seccomp(container):
        expected += ["seccomp.enabled", "seccomp.denied-syscalls allow"]
    assert failed == sorted(expected)
    assert statuses(checks, "unknown") == []


@pytest.mark.engines("runc", "crun")  # only an OCI configuration can fill each set on its own
def test_every_capability_set_that_is_not_empty_is_named(engine):
    names = ["CAP_SYS_TIME"]
    container = Container(uid=1000, gid=1000, bounding=names, inheritable=names, ambient=names)
    _, _, checks = check(engine, container)
    for kind in ("effective", "permitted", "inheritable", "bounding", "ambient"):
        row = checks[f"capabilities.{kind}", None]
        assert (row["status"], row["observed"]) == ("fail", names), kind


def test_a_user_that_may_not_write_is_not_a_read_only_root(engine):
    container = Container(**{**HARDENED, "read_only": False})
    _, report, checks = check(engine, container)
    assert checks["mounts.read-only-root", "/"]["status"] == "fail"
    for path in ("/", "/usr/bin", "/etc"):
        row = checks["filesystem.protected-path", path]
        assert (row["status"], row["observed"]) == ("pass", "EACCES"), row
    container = Container(**HARDENED)
    _, report, checks = check(engine, container)
    assert checks["mounts.read-only-root", "/"]["status"] == "pass"
    assert checks["filesystem.protected-path", "/"]["observed"] == "EROFS"


def test_a_tmpfs_that_the_user_cannot_write_fails_and_says_why(engine):
    """/tmp is 0755 in the image, and runc gives a tmpfs the mode of the directory below it."""
    container = Container(**{**HARDENED, "tmpfs": {"/tmp": "rw,mode=0755"}})
    status, _, checks = check(engine, container, **engine.narrow())
    row = checks["filesystem.writable-path", "/tmp"]
    assert (status, row["status"], row["observed"]) == (1, "fail", "EACCES")
    for words in ("tmpfs", "mode 0755", "owner 0:0", "1000:1000"):
        assert words in row["message"], row["message"]


def test_a_missing_path_is_skipped_when_protected_and_fails_when_needed(engine):
    container = Container(**HARDENED)
    _, _, checks = check(engine, container, "--read-only", "/opt/none", "--writable", "/srv/none")
    assert checks["filesystem.protected-path", "/opt/none"]["status"] == "skip"
    assert checks["filesystem.writable-path", "/srv/none"]["status"] == "fail"


def test_strict_asks_for_the_options_of_tmp(engine):
    for options, expected in (("rw,nosuid,nodev,noexec,mode=1777", "pass"),
                              ("rw,nosuid,nodev,exec,mode=1777", "fail")):
        container = Container(**{**HARDENED, "tmpfs": {"/tmp": options}})
        _, _, checks = check(engine, container, "--policy", "strict")
        assert checks["mounts.tmp-options", "/tmp"]["status"] == expected, options


POD = """
apiVersion: v1
kind: Pod
metadata: {name: watertight-pod}
spec:
  restartPolicy: Never
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    seccompProfile: {type: RuntimeDefault}
  containers:
  - name: app
    image: localhost/watertight-tests
    imagePullPolicy: Never
    command: [/watertight, --format, json]
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts: [{name: tmp, mountPath: /tmp}]
  volumes:
  - name: tmp
    emptyDir: {}
"""


@pytest.mark.engines("podman")
def test_the_ordinary_hardened_pod_passes(engine):
    pod = engine.folder / "pod.yaml"
    pod.write_text(POD)
    try:
        played = engine.call("kube", "play", "--network=none", str(pod))
        assert played.returncode == 0, played.stderr
        done = engine.call("wait", "watertight-pod-app")
        logs = engine.call("logs", "watertight-pod-app")
        report = json.loads(logs.stdout)
        assert done.stdout.split()[-1] == "0", [
            row for row in report["checks"] if row["status"] != "pass"]
        assert report["verdict"] == "pass"
        assert report["summary"]["unknown"] == 0
    finally:
        engine.call("kube", "down", str(pod))


COMPOSE = """
version: "2.4"
services:
  app:
    image: watertight-tests
    network_mode: none
    command: [/watertight]
    user: "1000:1000"
    cap_drop: [ALL]
    read_only: true
    tmpfs: ["/tmp:mode=1777"]
    security_opt: ["no-new-privileges:true"]
"""


@pytest.mark.engines("docker")
def test_the_same_in_compose_passes(engine):
    done = engine.compose(COMPOSE, "app")
    assert done.returncode == 0, (done.stdout, done.stderr)
    # What compose gives is the verdict.
    assert engine.compose(COMPOSE, "app", "--user=0:0").returncode == 1
