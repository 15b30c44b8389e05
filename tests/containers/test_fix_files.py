"""What watertight fix says of a service of a Compose file and of a Pod, done to that file, makes
everything pass that it does not except: at least one hole for every rule that such a file can open,
many at a time, since starting takes long."""
import copy

import pytest
import yaml

from kernel_holes import TREE
from remedy import failures_in, run_fix
from remedy_files import fixed_pod, fixed_service

TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
# What only a seccomp profile of one's own mends.
PROFILE = ("seccomp.denied-syscalls", "seccomp.denied-calls", "seccomp.compat-abi")


def assert_rules_fail(before, *rules):
    assert set(rules) - {name.split()[0] for name in before} == set()


def beyond(rest):
    return {name: reason for name, reason in rest.items() if not name.startswith(PROFILE)}


def assert_all_else_passes(after, rest):
    """What a default profile refuses is not seen before it is loaded."""
    assert after <= set(rest)
    assert beyond(dict.fromkeys(set(rest) - after)) == {}


# --- Compose --------------------------------------------------------------------------------------

SERVICE = {
    "image": "watertight-tests", "network_mode": "none", "user": "1000:1000", "read_only": True,
    "command": ["/watertight", "--policy=strict", "--format=json"], "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"], "mem_limit": "256m", "pids_limit": 100, "cpus": 0.5,
    "tmpfs": ["/tmp:nosuid,nodev,noexec,mode=1777", "/cache:noexec,mode=0700"],
    "environment": ["COLOUR=blue"],
}


def service_with_holes_in_what_it_may(host):
    return {"pid": "host", "ipc": "host", "network_mode": "host", "user": "0:1000",
            "group_add": ["0"], "cap_add": ["NET_ADMIN"], "devices": ["/dev/fuse:/dev/fuse"],
            "security_opt": ["seccomp:unconfined"], "environment": ["COLOUR=blue", "DB_PASSWORD=x"]}


def service_with_holes_in_what_is_mounted(host):
    return {"volumes": [
        f"{host.path}/data:/data:ro", f"{host.path}/open:/open",
        f"{host.path}/run/docker.sock:/run/docker.sock", f"{host.path}/token:{TOKEN}:ro",
        f"{host.path}/shared:/shared:rshared", f"{TREE}:/cgroups", "/dev/loop2:/dev/bound",
        f"{host.path}/file:/run/secrets/bystander:ro"]}


def service_that_is_open_and_without_limits(host):
    return {"read_only": False, "tmpfs": ["/tmp:exec,mode=1777", "/cache:noexec,mode=0700"],
            "mem_limit": None, "pids_limit": None, "cpus": None}


SERVICES = [
    (service_with_holes_in_what_it_may, (
        "namespaces.pid", "namespaces.ipc", "namespaces.network", "user.non-root", "user.uid-range",
        "user.non-root-group", "capabilities.effective", "capabilities.permitted",
        "capabilities.bounding", "devices.unexpected", "seccomp.enabled",
        "privileges.no-new-privileges", "secrets.environment")),
    (service_with_holes_in_what_is_mounted, (
        "mounts.host-path", "mounts.runtime-socket", "mounts.propagation", "mounts.cgroup",
        "mounts.write-exec", "devices.unexpected", "secrets.service-account-token")),
    (service_that_is_open_and_without_limits, (
        "mounts.read-only-root", "mounts.tmp-options", "mounts.write-exec", "limits.memory",
        "limits.pids", "limits.cpu")),
]


def run_service(engine, service):
    service.setdefault("network_mode", "none")  # this machine has no other
    given = {key: value for key, value in service.items() if value is not None}
    return engine.compose(yaml.safe_dump({"version": "2.4", "services": {"app": given}}), "app")


@pytest.mark.engines("docker")
@pytest.mark.parametrize("holes, rules", SERVICES, ids=[case[0].__name__ for case in SERVICES])
def test_a_service_with_the_change_of_its_fix_passes(engine, host, binary, holes, rules):
    service = {**copy.deepcopy(SERVICE), **holes(host)}
    report = run_service(engine, service)
    assert_rules_fail(failures_in(report), *rules)
    done = run_fix(binary, report.stdout, "--policy=strict", "--format=compose")
    rest = fixed_service(service, done.stdout)
    assert_all_else_passes(failures_in(run_service(engine, service)), rest)
    assert beyond(rest) == {}
    assert "COLOUR=blue" in service["environment"]
    assert "/cache:noexec,mode=0700" in service["tmpfs"]
    assert "volumes" not in holes(host) or len(service["volumes"]) == 1, service


# --- Kubernetes -----------------------------------------------------------------------------------

POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "watertight-fix"},
    "spec": {
        "restartPolicy": "Never",
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "containers": [{
            "name": "app", "image": "localhost/watertight-tests", "imagePullPolicy": "Never",
            "command": ["/watertight", "--policy=strict", "--format=json"],
            "env": [{"name": "COLOUR", "value": "blue"}],
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            "resources": {"limits": {"memory": "256Mi", "cpu": "500m"}},
            "securityContext": {
                "runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 1000,
                "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}}]}}


BEYOND_A_POD = {
    "limits.pids": "a Pod cannot set it",
    "mounts.tmp-options /tmp": "not to be had for an emptyDir",
    "mounts.write-exec": "noexec is not to be had for a volume that has to be writable",
}


def play(engine, pod):
    """The report of the pod's container."""
    file = engine.folder / "fix-pod.yaml"
    file.write_text(yaml.safe_dump(pod))
    network = [] if pod["spec"].get("hostNetwork") else ["--network=none"]
    try:
        played = engine.call("kube", "play", *network, str(file))
        assert played.returncode == 0, played.stderr
        engine.call("wait", "watertight-fix-app")
        return engine.call("logs", "watertight-fix-app")
    finally:
        engine.call("kube", "down", str(file))


def pod_with_holes_in_what_it_may(pod, container, host):
    pod.update(hostNetwork=True)  # this Podman passes over hostPID and hostIPC
    container["securityContext"].update({
        "runAsNonRoot": False, "runAsUser": 0, "runAsGroup": 0, "allowPrivilegeEscalation": True,
        "capabilities": {"add": ["NET_ADMIN", "SYS_PTRACE"]}, "readOnlyRootFilesystem": False})
    container["env"].append({"name": "DB_PASSWORD", "value": "x"})
    del container["resources"]


def pod_with_holes_in_what_is_mounted(pod, container, host):
    for name, path, target, more in (
            ("data", f"{host.path}/data", "/data", {"readOnly": True}),
            ("open", f"{host.path}/open", "/open", {}),
            ("socket", f"{host.path}/run/docker.sock", "/run/docker.sock", {}),
            ("token", f"{host.path}/token", TOKEN, {"readOnly": True}),
            ("groups", TREE, "/cgroups", {}),
            ("device", "/dev/loop2", "/dev/bound", {})):
        pod["volumes"].append({"name": name, "hostPath": {"path": path}})
        container["volumeMounts"].append({"name": name, "mountPath": target, **more})


def pod_that_is_privileged(pod, container, host):
    container["securityContext"].update({"privileged": True, "runAsNonRoot": False, "runAsUser": 0})


PODS = [
    (pod_with_holes_in_what_it_may, (
        "namespaces.network", "user.non-root", "user.uid-range", "user.non-root-group",
        "capabilities.effective", "capabilities.permitted", "capabilities.bounding",
        "privileges.no-new-privileges", "mounts.read-only-root", "limits.memory", "limits.cpu",
        "secrets.environment")),
    (pod_with_holes_in_what_is_mounted, (
        "mounts.host-path", "mounts.runtime-socket", "mounts.cgroup", "mounts.write-exec",
        "devices.unexpected", "secrets.service-account-token")),
    (pod_that_is_privileged, (
        "privileges.container", "mounts.kernel-masks", "mounts.kernel-read-only", "mounts.cgroup",
        "devices.unexpected", "capabilities.effective", "seccomp.enabled")),
]


@pytest.mark.engines("podman")
@pytest.mark.parametrize("holes, rules", PODS, ids=[case[0].__name__ for case in PODS])
def test_a_pod_with_the_change_of_its_fix_passes(engine, host, binary, holes, rules):
    pod = copy.deepcopy(POD)
    (container,) = pod["spec"]["containers"]
    holes(pod["spec"], container, host)
    report = play(engine, pod)
    assert_rules_fail(failures_in(report), *rules)
    done = run_fix(binary, report.stdout, "--policy=strict", "--format=kubernetes")
    rest = fixed_pod(pod, done.stdout)
    assert_all_else_passes(failures_in(play(engine, pod)), rest)
    assert {name: reason.split(":")[0] for name, reason in beyond(rest).items()} == BEYOND_A_POD
    assert container["env"] == [{"name": "COLOUR", "value": "blue"}]
    assert [one["name"] for one in pod["spec"]["volumes"]] == ["tmp"]
