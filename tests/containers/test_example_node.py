"""The worked example, built and run as its documents say: watertight tells its two containers apart."""
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy/example-node"
BASE = "watertight-tests-node"
VISIT = ('fetch("http://127.0.0.1:3000/").then((r) => process.exit(r.ok ? 0 : 1), '
         '() => process.exit(1))')


@pytest.fixture(scope="module")
def shop(engine, binary, tmp_path_factory):
    """The images shop-api:tutorial and shop-api:hardened, by the example's own Dockerfile."""
    made = subprocess.run([ROOT / "scripts/base-images", "node"], stdout=subprocess.PIPE, text=True,
                          check=True)
    place = "localhost/" if engine.name == "podman" else ""
    done = engine.call("import", made.stdout.split()[-1], place + BASE)
    assert done.returncode == 0, done.stderr
    context = tmp_path_factory.mktemp("watertight")
    (context / "build/static").mkdir(parents=True)
    shutil.copy2(binary, context / "build/static/watertight")
    shutil.copy2(ROOT / "Dockerfile", context)
    builds = [("watertight", context, [])] + [
        (f"shop-api:{target}", EXAMPLE,
         [f"--target={target}", f"--build-arg=BASE={place}{BASE}",
          f"--build-arg=WATERTIGHT={place}watertight"])
        for target in ("tutorial", "hardened")]
    for name, folder, flags in builds:
        done = engine.call("build", "--network=none", *flags, "--tag", place + name, str(folder),
                           timeout=180)
        assert done.returncode == 0, done.stdout + done.stderr
    return engine


def wait_for_answer(command):
    for _ in range(50):
        if command("node", "-e", VISIT).returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail("shop-api does not answer")


def failed(done):
    return {row["id"] for row in json.loads(done.stdout)["checks"] if row["status"] == "fail"}


@pytest.mark.engines("docker")
def test_the_container_of_the_tutorials_fails(shop, binary):
    made = shop.call("run", "--detach", "--network=none", f"--volume={binary}:/watertight:ro",
                     "shop-api:tutorial")
    name = made.stdout.strip()
    try:
        wait_for_answer(lambda *words: shop.call("exec", name, *words))
        done = shop.call("exec", name, "/watertight", "--format=json")
    finally:
        shop.call("rm", "--force", name)
    assert done.returncode == 1, done.stderr
    assert failed(done) >= {
        "user.non-root", "user.non-root-group", "privileges.no-new-privileges",
        "capabilities.effective", "capabilities.bounding", "mounts.read-only-root",
        "filesystem.protected-path"}


@pytest.mark.engines("docker")
def test_the_smoke_test_of_the_hardened_container_passes(shop):
    environment = {**os.environ, "DOCKER": " ".join(shop.command())}
    done = subprocess.run([EXAMPLE / "smoke-test.sh"], env=environment, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("PASS  policy shop-api: ")
    # The profile refuses what the policy strict wants refused as well.
    done = subprocess.run([EXAMPLE / "smoke-test.sh", "--policy=strict", "--only=seccomp."],
                          env=environment, text=True, timeout=60, stdout=subprocess.PIPE)
    assert done.returncode == 0, done.stdout


@pytest.mark.engines("docker")
def test_compose_starts_both_and_they_are_told_apart(shop, binary):
    host = shop.flags[0].split("=", 1)[1]
    environment = {**os.environ, "DOCKER_HOST": host, "COMPOSE_PROJECT_NAME": "watertight-example"}

    def compose(*words):
        return subprocess.run(["/usr/bin/docker-compose", *words], cwd=EXAMPLE, env=environment,
                              text=True, timeout=60, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    try:
        done = compose("up", "--detach", "--no-build")
        assert done.returncode == 0, done.stderr
        for service in ("tutorial", "hardened"):
            wait_for_answer(lambda *words: compose("exec", "-T", service, *words))
        done = compose("exec", "-T", "hardened", "watertight")
        assert done.returncode == 0, done.stdout + done.stderr
        name = compose("ps", "-q", "tutorial").stdout.strip()
        shop.call("cp", str(binary), f"{name}:/watertight")
        assert compose("exec", "-T", "tutorial", "/watertight").returncode == 1
    finally:
        compose("down")


@pytest.mark.engines("podman")
def test_the_pod_passes(shop, tmp_path):
    shutil.copy2(EXAMPLE / "seccomp.json", tmp_path / "shop-api.json")
    pod = (EXAMPLE / "pod.yaml").read_text()
    assert "localhostProfile: shop-api.json" in pod
    # Podman 4.3 knows a pod's profile by the older annotation only.
    pod = pod.replace("metadata:\n", "metadata:\n  annotations: {"
                      "seccomp.security.alpha.kubernetes.io/pod: localhost/shop-api.json}\n", 1)
    (tmp_path / "pod.yaml").write_text(pod)
    try:
        done = shop.call("kube", "play", "--network=none", f"--seccomp-profile-root={tmp_path}",
                         str(tmp_path / "pod.yaml"))
        assert done.returncode == 0, done.stderr
        wait_for_answer(lambda *words: shop.call("exec", "shop-api-shop-api", *words))
        done = shop.call("exec", "shop-api-shop-api", "watertight")
        assert done.returncode == 0, done.stdout + done.stderr
        # The profile is the example's own, not the engine's.
        done = shop.call("exec", "shop-api-shop-api", "watertight", "--policy=strict",
                         "--only=seccomp.")
        assert done.returncode == 0, done.stdout
    finally:
        shop.call("kube", "down", str(EXAMPLE / "pod.yaml"))


def play_sidecar(shop, folder, change):
    """The Pod of deploy/kubernetes, as Podman 4.3 can play it: it knows no native sidecars."""
    pod = yaml.safe_load((ROOT / "deploy/kubernetes/sidecar/pod.yaml").read_text())
    sidecar = pod["spec"].pop("initContainers")[0]
    assert sidecar.pop("restartPolicy") == "Always"
    assert sidecar["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 9797}
    sidecar["args"] = [word.replace("--interval=10s", "--interval=500ms")
                       for word in sidecar["args"]]
    del sidecar["ports"]  # it would open them on the machine
    change(pod["spec"]["containers"][0])
    for container in (sidecar, *pod["spec"]["containers"]):
        del container["resources"]  # the machine may have no memory controller to spare
    pod["spec"]["containers"].append(sidecar)
    (folder / "pod.yaml").write_text(yaml.safe_dump(pod))
    played = shop.call("kube", "play", "--network=none", str(folder / "pod.yaml"))
    assert played.returncode == 0, played.stderr


def as_tutorials_do(container):
    container["image"] = "shop-api:tutorial"
    container["securityContext"] = {"runAsNonRoot": False, "runAsUser": 0}


# Not by node: while there are two of that name, the sidecar does not know which one is meant.
READY = ("exec 3<>/dev/tcp/127.0.0.1/9797; printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3; "
         "cat <&3")


@pytest.mark.engines("podman")
@pytest.mark.parametrize("change, status, words", [
    (lambda container: None, "200", "ready: "),
    (as_tutorials_do, "503", "fail user.non-root [high]"),
])
def test_the_sidecar_tells_the_workload_beside_it(shop, tmp_path, change, status, words):
    try:
        play_sidecar(shop, tmp_path, change)
        wait_for_answer(lambda *command: shop.call("exec", "shop-api-shop-api", *command))
        # Until the first checks have found the workload, it is "not ready: ".
        deadline = time.monotonic() + 60
        while True:
            answer = shop.call("exec", "shop-api-shop-api", "bash", "-c", READY).stdout
            is_told = answer.startswith(f"HTTP/1.1 {status} ") and words in answer
            if is_told or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        assert is_told, answer
    finally:
        shop.call("kube", "down", str(tmp_path / "pod.yaml"))
