"""deploy/compose, run by docker-compose as it is, and with an override file that opens the service."""
import os
import pathlib
import subprocess
import time

import pytest
import yaml

from test_serve import ask
from workload import make_images

FILE = pathlib.Path(__file__).resolve().parents[2] / "deploy/compose/compose.yaml"
AS_TUTORIALS_DO = {"user": "0:0", "read_only": False}

pytestmark = pytest.mark.engines("docker")


@pytest.fixture(scope="module")
def docker(engine, binary, tmp_path_factory):
    make_images(engine, binary, tmp_path_factory.mktemp("images"))
    return engine


class Project:
    """A project of docker-compose: the file of deploy/, and what is overridden in it."""

    def __init__(self, docker, folder, services):
        self.docker = docker
        override = folder / "override.yaml"
        override.write_text(yaml.safe_dump({"version": "3.8", "services": services}))
        self.command = ["/usr/bin/docker-compose", f"--file={FILE}", f"--file={override}",
                        "--project-name=watertight-compose"]
        self.environment = {**os.environ, "DOCKER_HOST": docker.flags[0].removeprefix("--host=")}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call("--profile=check", "down", "--volumes", "--timeout=0")

    def call(self, *words):
        return subprocess.run([*self.command, *words], env=self.environment, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def inspect(self, service, what):
        name = self.call("ps", "--quiet", service).stdout.strip()
        return self.docker.call("inspect", f"--format={{{{{what}}}}}", name).stdout.strip()


@pytest.mark.parametrize("change, status", [({}, 0), (AS_TUTORIALS_DO, 1)])
def test_the_check_of_a_service_ends_with_the_verdict(docker, tmp_path, change, status):
    with Project(docker, tmp_path, {"check": change}) as project:
        done = project.call("run", "--rm", "-T", "check")
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.parametrize("change, status, health", [
    ({}, 200, "healthy"), (AS_TUTORIALS_DO, 503, "unhealthy")])
def test_the_sidecar_has_the_health_of_the_service(docker, tmp_path, change, status, health):
    services = {"app": change, "watertight": {"healthcheck": {"interval": "500ms"}}}
    with Project(docker, tmp_path, services) as project:
        done = project.call("up", "--detach", "watertight")
        assert done.returncode == 0, done.stderr
        body = ask(int(project.inspect("watertight", ".State.Pid")), "/readyz", status)
        assert body.startswith("ready: ") or "fail user.non-root [high]" in body
        end = time.monotonic() + 30
        while (found := project.inspect("watertight", ".State.Health.Status")) != health:
            assert time.monotonic() < end, found
            time.sleep(0.2)
