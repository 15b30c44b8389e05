"""The manifests of deploy/kubernetes, played by Podman beside a small workload. What is changed in them
is what Podman 4.3 does not know: native sidecars, a Job around a Pod, ephemeral containers."""
import json
import pathlib
import time

import pytest
import yaml

from test_serve import ask
from workload import make_images

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy/kubernetes"
HARDENED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
AS_TUTORIALS_DO = {"runAsNonRoot": False, "runAsUser": 0, "readOnlyRootFilesystem": False}
# The image of watertight has no /tmp: it writes nothing there.
NO_TMP = "--skip=filesystem.writable-path"

pytestmark = pytest.mark.engines("podman")


@pytest.fixture(scope="module")
def podman(engine, binary, tmp_path_factory):
    """With the images that the manifests name: watertight, by its Dockerfile, and shop-api:hardened."""
    make_images(engine, binary, tmp_path_factory.mktemp("images"))
    return engine


def pod_of(folder):
    """The Pod of a folder; of a Job, the one that it starts."""
    [path] = [path for path in (DEPLOY / folder).glob("*.yaml") if path.name != "kustomization.yaml"]
    manifest = yaml.safe_load(path.read_text())
    if manifest["kind"] == "Job":
        template = manifest["spec"]["template"]
        template["metadata"]["name"] = manifest["metadata"]["name"]
        manifest = {"apiVersion": "v1", "kind": "Pod", **template}
    spec = manifest["spec"]
    # This Podman starts init containers again and again, unless the Pod says otherwise.
    spec["restartPolicy"] = "Never"
    for container in spec["initContainers"] + spec["containers"]:
        del container["resources"]  # the machine may have no memory controller to spare
    return manifest


class Played:
    """A Pod that was started, and its containers."""

    def __init__(self, podman, pod, folder):
        self.podman, self.pod = podman, pod["metadata"]["name"]
        self.file = folder / "pod.yaml"
        self.file.write_text(yaml.safe_dump(pod))

    def __enter__(self):
        done = self.podman.call("kube", "play", "--network=none", str(self.file))
        if done.returncode != 0:
            self.__exit__()
        assert done.returncode == 0, done.stdout + done.stderr
        return self

    def __exit__(self, *_):
        self.podman.call("pod", "rm", "--force", "--time=0", self.pod)
        self.podman.call("volume", "prune", "--force")

    def call(self, *words):
        done = self.podman.call(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def name(self, container):
        return f"{self.pod}-{container}"

    def exec(self, container, *command):
        return self.podman.call("exec", self.name(container), *command)

    def ended(self, container):
        """Its exit status and what it wrote."""
        name = self.name(container)
        status = int(self.call("wait", name))
        return status, self.podman.call("logs", name).stdout


def failed(report):
    return {row["id"] for row in json.loads(report)["checks"] if row["status"] == "fail"}


def spot_check(played):
    """An ephemeral container as this engine can start one: with the namespaces of the target."""
    custom = yaml.safe_load((DEPLOY / "spot-check/container.yaml").read_text())
    context = custom["securityContext"]
    assert HARDENED.items() <= context.items()
    return played.podman.call(
        "run", "--rm", f"--pod={played.pod}", f"--pid=container:{played.name('shop-api')}",
        f"--user={context['runAsUser']}:{context['runAsGroup']}", "--cap-drop=ALL", "--read-only",
        "--security-opt=no-new-privileges", "localhost/watertight", *custom["args"],
        "--format=json")


def test_the_exec_probe_and_the_spot_check_pass_in_the_pod_as_it_is(podman, tmp_path):
    pod = pod_of("init-install")
    probe = pod["spec"]["containers"][0]["readinessProbe"]["exec"]["command"]
    with Played(podman, pod, tmp_path) as played:
        done = played.exec("shop-api", *probe)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        done = spot_check(played)
        assert done.returncode == 0, done.stdout + done.stderr
        target = json.loads(done.stdout)["target"]
        assert (target["pid"], target["self"]) == (1, False)


def test_the_exec_probe_and_the_spot_check_tell_what_tutorials_do(podman, tmp_path):
    pod = pod_of("init-install")
    [workload] = pod["spec"]["containers"]
    workload["securityContext"] = AS_TUTORIALS_DO
    program, *probe = workload["readinessProbe"]["exec"]["command"]
    wanted = {"user.non-root", "capabilities.effective", "privileges.no-new-privileges",
              "mounts.read-only-root"}
    with Played(podman, pod, tmp_path) as played:
        done = played.exec("shop-api", program, *probe)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert failed(played.exec("shop-api", program, "--format=json").stdout) >= wanted
        done = spot_check(played)
        assert done.returncode == 1, done.stdout + done.stderr
        assert failed(done.stdout) >= wanted


@pytest.mark.parametrize("change, status, words", [
    ({}, 0, "PASS  policy hardened: "),
    (AS_TUTORIALS_DO, 1, "FAIL    user.non-root [high]"),
])
def test_the_job_ends_with_the_verdict_and_logs_the_report(podman, tmp_path, change, status, words):
    pod = pod_of("job")
    pod["spec"]["containers"][0]["securityContext"].update(change)
    with Played(podman, pod, tmp_path) as played:
        ended, log = played.ended("watertight")
    assert ended == status and words in log, log


def not_ready_for(pid, reason):
    """What /readyz says once it names the reason; before that, it may name others."""
    end = time.monotonic() + 20
    while reason not in (body := ask(pid, "/readyz", 503)):
        assert time.monotonic() < end, body
        time.sleep(0.1)
    return body


def checks_of(pid):
    """How many checks have ended, whichever way."""
    lines = ask(pid, "/metrics", 200).splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("watertight_runs_total{"))


def test_the_sidecar_follows_the_workload_when_it_is_replaced(podman, tmp_path):
    """Each time by the next check: one may have been under way, the one after it sees the change."""
    pod = pod_of("sidecar")
    [sidecar] = pod["spec"].pop("initContainers")
    assert sidecar.pop("restartPolicy") == "Always"
    assert "--interval=10s" in sidecar["args"]
    sidecar["args"].append("--interval=5s")
    del sidecar["ports"]  # this Podman would open them on the machine
    pod["spec"]["containers"].append(sidecar)
    with Played(podman, pod, tmp_path) as played:
        pid = int(played.call("inspect", "--format={{.State.Pid}}", played.name("watertight")))
        assert ask(pid, "/readyz", 200).startswith("ready: ")
        done = played.exec("watertight", "/watertight", "check", NO_TMP)
        assert done.returncode == 0, done.stdout
        # The one that is replaced comes back later, with all its settings.
        played.call("stop", "--time=5", played.name("shop-api"))
        before = checks_of(pid)
        ask(pid, "/readyz", 503)
        assert checks_of(pid) <= before + 2
        other = played.call("run", "--detach", f"--pod={played.pod}", "localhost/shop-api:hardened")
        before = checks_of(pid)
        body = not_ready_for(pid, "fail user.non-root [high]")
        assert checks_of(pid) <= before + 2
        assert "fail mounts.read-only-root / [medium]" in body
        played.call("rm", "--force", "--time=0", other)
        played.call("start", played.name("shop-api"))
        before = checks_of(pid)
        assert ask(pid, "/readyz", 200).startswith("ready: ")
        assert checks_of(pid) <= before + 2


def test_the_init_containers_are_hardened_themselves(podman, tmp_path):
    pod = pod_of("init-install")
    job = pod_of("job")
    assert pod["spec"]["securityContext"] == job["spec"]["securityContext"]
    for owner in (pod, job):
        [container] = owner["spec"]["initContainers"]
        container["args"] = ["check", "--writable=/share", NO_TMP]
        container["name"] = owner["metadata"]["name"]
    pod["spec"]["containers"] = [owner["spec"]["initContainers"][0] for owner in (pod, job)]
    del pod["spec"]["initContainers"]
    with Played(podman, pod, tmp_path) as played:
        for container in pod["spec"]["containers"]:
            status, log = played.ended(container["name"])
            assert status == 0, log

