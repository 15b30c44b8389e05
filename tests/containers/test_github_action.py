"""The GitHub action, run as a runner runs it: its steps with their environment, the files that GitHub
gives, and a real Docker."""
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTION = ROOT / "deploy/github-action"
HARDENED = "\n".join(["--network=none", "--user=1000:1000", "--cap-drop=ALL", "--read-only",
                      "--tmpfs=/tmp:mode=1777", "--security-opt=no-new-privileges", ""])
DEFAULT = "--network=none"
MAKES = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # of the make that runs the tests

pytestmark = pytest.mark.engines("docker")


class Runner:
    """What of a runner an action sees."""

    def __init__(self, engine, folder):
        self.folder = folder
        self.summary, self.output = folder / "summary.md", folder / "output"
        self.summary.write_text("# what an earlier command wrote\n")
        self.output.write_text("")
        (folder / "temp").mkdir()
        self.environment = {
            **{key: value for key, value in os.environ.items() if key not in MAKES},
            "DOCKER_HOST": engine.flags[0].removeprefix("--host="),
            "PATH": "/usr/bin:" + os.environ["PATH"], "CI": "true", "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION), "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output), "RUNNER_TEMP": str(folder / "temp")}

    def run(self, **inputs):
        """The status and the log of the action's only step, with these inputs and the defaults."""
        action = yaml.safe_load((ACTION / "action.yml").read_text())
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert set(inputs) <= set(action["inputs"])
        values = {name: inputs.get(name, about["default"])
                  for name, about in action["inputs"].items()}
        [step] = action["runs"]["steps"]
        assert step["shell"] == "bash" and "${{" not in step["run"]
        given = {key: values[re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value).group(1)]
                 for key, value in step["env"].items()}
        script = self.folder / "script.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder, env={**self.environment, **given}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        return done.returncode, done.stdout

    def outputs(self):
        """The outputs of the action: each is one of the step, by its id."""
        of_step = dict(line.split("=", 1) for line in self.output.read_text().splitlines())
        action = yaml.safe_load((ACTION / "action.yml").read_text())
        return {name: of_step[about["value"].split(".")[-1].removesuffix(" }}")]
                for name, about in action["outputs"].items()}


@pytest.fixture
def runner(engine, tmp_path):
    return Runner(engine, tmp_path)


def reports(outputs):
    """The report in JSON, once the others agree with it."""
    report = json.loads(pathlib.Path(outputs["report"]).read_text())
    assert report["verdict"] == outputs["verdict"]
    failing = sum(check["status"] == "fail" for check in report["checks"])
    suite = ElementTree.parse(outputs["junit"]).getroot().find("testsuite")
    assert len(suite.findall("testcase/failure")) == failing
    [sarif] = json.loads(pathlib.Path(outputs["sarif"]).read_text())["runs"]
    assert sum(result["kind"] == "fail" for result in sarif["results"]) == failing
    return report


def commands(log):
    """The kinds of the workflow commands that the runner obeys."""
    kinds, token = [], None
    for line in log.splitlines():
        found = re.match(r"::([a-z-]+)[ :]", line)
        if token is not None:
            token = None if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif found:
            kinds.append(found.group(1))
    assert token is None, log
    return kinds


def test_a_hardened_container_passes_with_the_binary_of_the_checkout(engine, runner):
    status, log = runner.run(image=engine.image, run_options=HARDENED)
    assert status == 0, log
    outputs = runner.outputs()
    assert (outputs["verdict"], outputs["exit-status"]) == ("pass", "0")
    report = reports(outputs)
    assert report["target"]["runtime"] == "docker"
    assert "error" not in commands(log) and "PASS  policy hardened: " in log
    summary = runner.summary.read_text()
    assert summary.startswith("# what an earlier command wrote\n") and "hardened" in summary


def test_a_default_container_fails_with_annotations(engine, runner, binary):
    status, log = runner.run(image=engine.image, run_options=DEFAULT, binary=str(binary))
    assert status == 1, log
    outputs = runner.outputs()
    assert (outputs["verdict"], outputs["exit-status"]) == ("fail", "1")
    report = reports(outputs)
    failing = [check for check in report["checks"] if check["status"] == "fail"]
    assert {"user.non-root", "mounts.read-only-root"} <= {check["id"] for check in failing}
    assert "mounts.host-path" not in {check["id"] for check in failing}
    # One for the verdict, and one for each finding.
    assert commands(log).count("error") == 1 + len(failing)
    assert "user.non-root" in runner.summary.read_text()


def test_it_takes_a_policy_of_ones_own_a_threshold_and_options(engine, runner, binary):
    policy = {"schema": "watertight.policy/1", "name": "shop", "extends": "hardened",
              "params": {"writable_paths": ["/tmp", "/app data"]}}
    (runner.folder / "my policy.json").write_text(json.dumps(policy))
    given = {"image": engine.image, "policy": "my policy.json", "binary": str(binary)}
    status, log = runner.run(**given, run_options=HARDENED + "--tmpfs=/app data:mode=1777\n")
    assert status == 0, log
    # The policy went in: the path was tried, and it is not there.
    status, log = runner.run(**given, run_options=HARDENED)
    assert status == 1 and "/app data" in log
    status, log = runner.run(**given, run_options=HARDENED, fail_on="high")
    assert status == 0, log
    status, log = runner.run(**given, run_options=HARDENED, args="--skip=filesystem.\n")
    assert status == 0, log
    status, log = runner.run(**given, run_options=HARDENED, args="--skip=filesystem.\n"
                             "--only=filesystem.,user.\n--writable=/none\n")
    assert status == 0, log


@pytest.mark.parametrize("options, args, wanted, verdict", [
    (HARDENED, "", 0, "pass"),
    (DEFAULT, "", 1, "fail"),
])
def test_a_container_that_runs_is_looked_at_from_the_runner(engine, runner, binary, options, args,
                                                            wanted, verdict):
    made = engine.call("run", "--detach", *options.split(), engine.image, "sleep", "1000")
    assert made.returncode == 0, made.stderr
    name = made.stdout.strip()
    try:
        status, log = runner.run(container=name, binary=str(binary), args=args)
    finally:
        engine.call("rm", "--force", name)
    assert status == wanted, log
    outputs = runner.outputs()
    assert (outputs["verdict"], outputs["exit-status"]) == (verdict, str(wanted))
    target = reports(outputs)["target"]
    assert target["self"] is False and name.startswith(target["container_id"])


@pytest.mark.parametrize("inputs, status", [
    ({}, 64),
    ({"image": "x", "container": "y"}, 64),
    ({"image": "$(touch owned)"}, 125),
    ({"image": "\"; touch owned; \""}, 125),
    ({"image": "--volume=/:/host"}, 125),
    ({"container": "`touch owned`"}, 70),
    ({"image": "IMAGE", "run-options": "$(touch owned)"}, 125),
    ({"image": "IMAGE", "run-options": DEFAULT, "policy": "$(touch owned)"}, 64),
    ({"image": "IMAGE", "run-options": DEFAULT, "args": "'; touch owned; '"}, 64),
    ({"image": "IMAGE", "run-options": DEFAULT, "fail-on": "$(touch owned)"}, 64),
])
def test_inputs_are_text_and_what_is_no_use_fails(engine, runner, binary, inputs, status):
    inputs = {key: value.replace("IMAGE", engine.image) for key, value in inputs.items()}
    found, log = runner.run(**inputs, binary=str(binary))
    assert found == status, log
    assert "error" in commands(log) and runner.output.read_text() == ""
    assert not list(runner.folder.rglob("owned"))
