"""The Pod Security Standards, control by control: a container that violates each and one that keeps
it, as Pods where Podman's kube play knows the field. The controls are those of docs/standards.md."""
import json
import pathlib
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import ClassVar, Tuple

import pytest

from container import CAPABILITIES, Container

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = "localhost/watertight-tests"
SETS = tuple(f"capabilities.{kind}" for kind in ("effective", "permitted", "bounding"))
ALL_SETS = SETS + ("capabilities.inheritable", "capabilities.ambient")
MASKS = ("mounts.kernel-masks", "mounts.kernel-read-only")
# Debian's Podman, as Docker and containerd, gives NET_RAW, which Baseline forbids to add.
FIRST = {"baseline": {"capabilities": {"drop": ["NET_RAW"]}}, "restricted": {
    "runAsNonRoot": True, "runAsUser": 1000, "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]}}}


@dataclass(frozen=True)
class Case:
    """rules: those of the control that must fail; also: those of other controls that this breaks."""

    name: str
    rules: Tuple[str, ...] = ()
    also: Tuple[str, ...] = ()
    context: dict = field(default_factory=dict)  # securityContext; None: without the field
    pod: dict = field(default_factory=dict)  # fields of the Pod
    mounts: Tuple[str, ...] = ()  # the volumes that it has, by name
    seccomp: str = ""  # for the annotation, the only way that Podman 4.3 knows
    flags: Tuple[str, ...] = ()  # of podman run, for fields that its kube play does not know
    script: str = ""  # of a shell that runc starts as root with all capabilities
    engines: ClassVar = ("podman",)


# Podman's kube play 4.3 leaves out hostPID, hostIPC, procMount and seccompProfile.
CONTROLS = {
    "baseline privileged": [
        # This machine has no CAP_SYS_RESOURCE to give away: the container is nearly privileged.
        Case("privileged", ("privileges.container", "mounts.cgroup", "devices.unexpected"),
             (*MASKS, *SETS), {"privileged": True}),
        Case("not-privileged", context={"privileged": False}),
    ],
    "baseline hostNamespaces": [
        Case("host-pid", ("namespaces.pid",), flags=("--pid=host",)),
        Case("host-ipc", ("namespaces.ipc",), flags=("--ipc=host",)),
        Case("host-network", ("namespaces.network",), pod={"hostNetwork": True}),
        Case("own-namespaces", pod={"hostNetwork": False}),
    ],
    "baseline hostPathVolumes": [
        Case("host-path", ("mounts.host-path",), mounts=("folder",)),
        Case("engine-socket", ("mounts.runtime-socket",), mounts=("socket",)),
        Case("no-host-path", mounts=("empty", "settings", "claim")),
    ],
    "baseline capabilities_baseline": [
        Case("net-admin", SETS,
             context={"capabilities": {"drop": ["NET_RAW"], "add": ["NET_ADMIN"]}}),
        Case("net-raw-by-default", SETS, context={"capabilities": {}}),
        # Podman makes what a user other than root is given ambient.
        Case("net-raw-of-a-user", ALL_SETS,
             context={"runAsUser": 1000, "capabilities": {"add": ["NET_RAW"]}}),
        Case("of-the-thirteen",
             context={"capabilities": {"drop": ["ALL"], "add": ["AUDIT_WRITE", "MKNOD"]}}),
    ],
    "baseline procMount": [
        Case("unmasked", MASKS, flags=("--security-opt=unmask=ALL",)),
        Case("forged", ("integrity.procfs",),
             (*SETS, "privileges.container", "mounts.host-path"),
             script="echo 'Uid: 1000 1000 1000 1000' > /tmp/forged; "
                    "mount -o bind /tmp/forged /proc/$$/status; exec "),
        Case("masked"),
    ],
    "restricted restrictedVolumes": [
        Case("host-path-of-a-user", ("mounts.host-path",), mounts=("folder",)),
        Case("other-volumes", mounts=("empty", "settings", "claim")),
    ],
    "restricted allowPrivilegeEscalation": [
        Case("escalation", ("privileges.no-new-privileges",),
             context={"allowPrivilegeEscalation": True}),
        Case("escalation-by-default", ("privileges.no-new-privileges",),
             context={"allowPrivilegeEscalation": None}),
        Case("no-escalation"),
    ],
    "restricted runAsNonRoot": [
        Case("image-of-root", ("user.non-root",),
             context={"runAsNonRoot": None, "runAsUser": None}),
        Case("root-of-the-host-by-another-number", ("user.non-root-outside",),
             ("capabilities.bounding", "privileges.no-new-privileges", "seccomp.enabled"),
             script="(until echo '1000 0 1' > /proc/$$/uid_map; do :; done) 2> /dev/null & "
                    "exec /bin/busybox unshare -U /bin/sh -c 'until /bin/busybox grep -q 1000 "
                    "/proc/self/uid_map; do :; done; exec \"$@\"' sh "),
        Case("not-root", context={"runAsNonRoot": True}),
    ],
    "restricted runAsUser": [
        Case("user-0", ("user.non-root",), context={"runAsNonRoot": None, "runAsUser": 0}),
        Case("user-1", context={"runAsUser": 1}),
    ],
    "restricted seccompProfile_restricted": [
        Case("unconfined", ("seccomp.enabled",), seccomp="unconfined"),
        Case("runtime-default", seccomp="runtime/default"),
    ],
    "restricted capabilities_restricted": [
        Case("not-dropped", ("capabilities.bounding",), context={"capabilities": {}}),
        Case("chown", ALL_SETS, context={"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}),
        Case("net-bind-service",
             context={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
    ],
}
# The rule is one of strict, and this machine runs neither module: by facts as they would be.
MODULES = {
    "baseline appArmorProfile": ("lsm.apparmor.mode", {
        "enforce": "pass", "kill": "pass", "unconfined": "fail", "complain": "fail"}),
    "baseline seLinuxOptions": ("lsm.selinux.type", {
        "container_t": "pass", "container_init_t": "pass", "container_kvm_t": "pass",
        "container_engine_t": "pass", "spc_t": "fail", "unconfined_t": "fail"}),
}
# What leaves no trace in a container; docs/standards.md says why.
UNSEEN = {"baseline hostPorts", "baseline hostProbesAndHostLifecycle", "baseline sysctls",
          "baseline windowsHostProcess", "baseline seccompProfile_baseline"}
CASES = [(control, case) for control, cases in CONTROLS.items() for case in cases]


def policy_of(control):
    return control.split()[0]


def program(control):
    return ["/watertight", "--format", "json", "--policy", policy_of(control)]


# --- the documents --------------------------------------------------------------------------------


def documented():
    """Control -> the rules that docs/standards.md names."""
    rows = [line.split(" | ") for line in (ROOT / "docs/standards.md").read_text().splitlines()
            if line.startswith("| PSS ")]
    return {row[0].removeprefix("| PSS "): set(row[2].replace("`", "").split(", ")) - {"-"}
            for row in rows}


def test_every_control_of_the_documents_is_here_and_all_its_rules_are_violated(binary):
    rows = documented()
    assert set(rows) == {*CONTROLS, *MODULES, *UNSEEN}
    assert all(not rows[control] for control in UNSEEN)
    assert all(rows[control] == {"lsm.confined"} for control in MODULES)
    for control, cases in CONTROLS.items():
        listed = subprocess.run([binary, "list", "rules", "--policy", policy_of(control),
                                 "--format", "names"], stdout=subprocess.PIPE, text=True, check=True)
        violated = {rule for case in cases for rule in case.rules}
        assert violated == rows[control] & set(listed.stdout.split()), control
        assert any(not case.rules for case in cases), control


# --- the containers -------------------------------------------------------------------------------


def is_played(case):
    return not case.flags and not case.script


def container_of(control, case):
    context = {**FIRST[policy_of(control)], **case.context}
    return {
        "name": case.name, "image": IMAGE, "imagePullPolicy": "Never", "command": program(control),
        "securityContext": {key: value for key, value in context.items() if value is not None},
        "volumeMounts": [{"name": name, "mountPath": f"/mnt/{name}"} for name in case.mounts],
    }


def pod_of(name, cases, host):
    volumes = {"folder": {"hostPath": {"path": str(host / "data")}},
               "socket": {"hostPath": {"path": str(host / "docker.sock"), "type": "Socket"}},
               "empty": {"emptyDir": {}}, "settings": {"configMap": {"name": "watertight-pss"}},
               "claim": {"persistentVolumeClaim": {"claimName": "watertight-pss"}}}
    used = {mount for _, case in cases for mount in case.mounts}
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "annotations": {
            f"container.seccomp.security.alpha.kubernetes.io/{case.name}": case.seccomp
            for _, case in cases if case.seccomp}},
        "spec": {"restartPolicy": "Never", **cases[0][1].pod,
                 "containers": [container_of(control, case) for control, case in cases],
                 "volumes": [{"name": name, **volumes[name]} for name in sorted(used)]},
    }


def pods_of(host):
    """Those with the same fields of the Pod are containers of one: that is four times as fast."""
    together = {}
    for control, case in CASES:
        if is_played(case):
            together.setdefault(bool(case.pod.get("hostNetwork")), []).append((control, case))
    return {is_host: pod_of(f"watertight-pss-{number}", cases, host)
            for number, (is_host, cases) in enumerate(together.items())}


SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "watertight-pss"},
            "data": {"key": "value"}}


def play(engine, pod, *flags):
    """The report of each container, by its name."""
    file = engine.folder / "pss.yaml"
    file.write_text("\n---\n".join(json.dumps(one) for one in (SETTINGS, pod)))
    names = {row["name"]: f"{pod['metadata']['name']}-{row['name']}"
             for row in pod["spec"]["containers"]}
    try:
        played = engine.call("kube", "play", *flags, str(file))
        assert played.returncode == 0, played.stderr
        engine.call("wait", *names.values())
        return {name: engine.call("logs", full) for name, full in names.items()}
    finally:
        engine.call("kube", "down", str(file))


@pytest.fixture(scope="module")
def played(engine):
    with tempfile.TemporaryDirectory(prefix="wt-", dir="/tmp") as folder, \
            socket.socket(socket.AF_UNIX) as listener:
        host = pathlib.Path(folder)
        (host / "data").mkdir()
        listener.bind(str(host / "docker.sock"))
        reports = {}
        for is_host, pod in pods_of(host).items():
            reports.update(play(engine, pod, *([] if is_host else ["--network=none"])))
    engine.call("volume", "rm", "watertight-pss")
    return reports


def run(request, engine, control, case):
    if case.script:
        container = Container(bounding=sorted(set(CAPABILITIES) - {"CAP_SYS_RESOURCE"}))
        script = case.script + " ".join(program(control))
        return request.getfixturevalue("runc").run(container, ["/bin/sh", "-c", script])
    if case.flags:
        return engine.run(Container(flags=["--cap-drop=NET_RAW", *case.flags]), program(control))
    return request.getfixturevalue("played")[case.name]


@pytest.mark.parametrize("control, case", CASES, ids=[case.name for _, case in CASES])
def test_a_violation_fails_the_rules_of_its_control_and_what_keeps_it_passes(
        request, engine, control, case):
    done = run(request, engine, control, case)
    assert done.stdout, (control, done.stderr)
    report = json.loads(done.stdout)
    failed = {row["id"] for row in report["checks"] if row["status"] == "fail"}
    assert failed == {*case.rules, *case.also}, control
    assert report["verdict"] == ("fail" if case.rules else "pass")


@pytest.mark.parametrize("control", MODULES)
def test_a_module_that_does_not_confine_fails_and_one_that_does_passes(runc, binary, control):
    facts = json.loads(runc.run(Container(), ["/watertight", "observe"]).stdout)
    key, types = MODULES[control]
    for value, expected in types.items():
        for row in facts["facts"]:
            if row["key"].startswith("lsm."):
                state = {"state": "known", "value": value} if row["key"] == key else {
                    "state": "absent"}
                row.update(state)
        done = subprocess.run([binary, "judge", "-", "--policy", "strict", "--only", "lsm.confined",
                               "--format", "json"], input=json.dumps(facts), text=True,
                              stdout=subprocess.PIPE)
        (row,) = json.loads(done.stdout)["checks"]
        assert (row["status"], row["observed"]) == (expected, value)
