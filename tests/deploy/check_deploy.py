#!/usr/bin/python3
"""Validates what deploy/ ships, with validators that are not ours.

Usage: check_deploy.py WATERTIGHT WORK_FOLDER PROMTOOL. Prints TAP. Each thing must be valid, and must
be refused when it is spoilt: a validator that takes everything checks nothing. WORK_FOLDER holds the
npm packages of package.json, which `make check-deploy` puts there. That the containers do what they
should is for tests/containers.
"""
import copy
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import yaml
from prometheus_client.parser import text_string_to_metric_families

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

ROOT = HERE.parents[1]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
# In these every container is as the policy hardened wants it.
HARDENED_FOLDERS = ("sidecar", "init-install", "job")
HARDENED_POD = {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000,
                "seccompProfile": {"type": "RuntimeDefault"}}
HARDENED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
# Of the labels, what a monitor adds to a sample, and what an agent that sees containers does.
TARGET_LABELS = {"namespace", "pod", "container", "pid", "name", "container_id"}
ACTION = DEPLOY / "github-action/action.yml"


def run(command, **options):
    return subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, **options)


def problem_of(command, **options):
    """What it said when it failed, else None."""
    done = run(command, **options)
    return None if done.returncode == 0 else done.stdout[-2000:] or f"status {done.returncode}"


def refused(what, problem):
    """A spoilt thing must have a problem."""
    return f"{what}: spoilt", None if problem else "the validator took it"


def pod_spec(manifest):
    """The specification of the Pods that an object starts, or None."""
    if manifest["kind"] == "Pod":
        return manifest["spec"]
    return manifest.get("spec", {}).get("template", {}).get("spec")


def a_container(spec):
    return (spec.get("ephemeralContainers") or spec["containers"])[0]


class Manifests:
    """All objects that are to be valid, and their spoilt twins: the validator is started once."""

    def __init__(self, work):
        self.work = work
        self.rows = []  # what, the object, whether it is spoilt

    def add(self, what, manifest, *spoilt):
        """spoilt: functions that each do one wrong thing to a copy of the object."""
        self.rows.append((what, manifest, False))
        for spoil in spoilt:
            twin = copy.deepcopy(manifest)
            spoil(twin)
            self.rows.append((f"{what}, {spoil.__doc__}", twin, True))

    def results(self):
        environment = {**os.environ, "NODE_PATH": str(self.work / "node_modules")}
        done = subprocess.run(["node", str(HERE / "manifests.js")], cwd=self.work, text=True,
                              env=environment, stdout=subprocess.PIPE, check=True, timeout=120,
                              input=json.dumps([manifest for _, manifest, _ in self.rows]))
        for (what, _, is_spoilt), problem in zip(self.rows, json.loads(done.stdout), strict=True):
            yield refused(what, problem) if is_spoilt else (what, problem or None)


def misspell(manifest):
    """a field misspelt"""
    spec = pod_spec(manifest)
    if spec is None:
        manifest["metadata"]["lables"] = {}
    else:
        a_container(spec).setdefault("securityContext", {})["readOnlyRootFileSystem"] = True


def mistype(manifest):
    """a number for a text"""
    spec = pod_spec(manifest)
    (manifest["metadata"] if spec is None else a_container(spec))["name"] = 7


def leave_out(manifest):
    """a field left out"""
    spec = pod_spec(manifest)
    if spec is not None:
        del a_container(spec)["name"]
    elif manifest["kind"] == "PrometheusRule":
        del manifest["spec"]["groups"][0]["name"]
    else:
        del manifest["spec"]


MONITORING = ("PodMonitor", "ServiceMonitor", "PrometheusRule")
SPOILING = (misspell, mistype, leave_out)


def built(folder):
    done = subprocess.run(["kubectl", "kustomize", str(folder)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode != 0:
        return None, done.stderr
    return list(yaml.safe_load_all(done.stdout)), None


def kustomizations(work, manifests):
    for path in sorted(KUBERNETES.glob("*/kustomization.yaml")):
        folder = path.parent.name
        objects, problem = built(path.parent)
        yield f"kustomize: {folder}", problem
        for manifest in objects or []:
            # Of a Service, a Role and the like nothing is required.
            strict = pod_spec(manifest) or manifest["kind"] in MONITORING
            spoilt = SPOILING if strict else (misspell, mistype)
            manifests.add(f"schema: {folder}, {manifest['kind']}", manifest, *spoilt)
        named = yaml.safe_load(path.read_text())["resources"]
        shipped = [document for name in named
                   for document in yaml.safe_load_all((path.parent / name).read_text())]
        key = lambda manifest: (manifest["kind"], manifest["metadata"]["name"])  # noqa: E731
        same = sorted(objects or [], key=key) == sorted(shipped, key=key)
        yield f"kustomize: {folder} is its files", None if same else "it differs"
    broken = work / "broken"
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(KUBERNETES / "sidecar", broken)
    (broken / "pod.yaml").unlink()
    yield refused("kustomize", built(broken)[1])


def overlay(work):
    """The overlay that the README shows, built where the README says."""
    [text] = re.findall(r"```yaml\n(.*?)```", (KUBERNETES / "README.md").read_text(), re.S)
    place = work / "overlay/deploy/kubernetes"
    shutil.rmtree(work / "overlay", ignore_errors=True)
    shutil.copytree(KUBERNETES, place)
    mine = place / "mine"
    mine.mkdir()
    (mine / "kustomization.yaml").write_text(text)
    objects, problem = built(mine)
    if problem and "must be a file" in problem:
        # kubectl before 1.21 has another word for folders.
        (mine / "kustomization.yaml").write_text(text.replace("resources:", "bases:"))
        objects, problem = built(mine)
    if problem:
        return problem
    images = {container["image"] for manifest in objects if (spec := pod_spec(manifest))
              for container in spec["initContainers"] + spec["containers"]}
    wanted = {f"{image['newName']}:{image['newTag']}" for image in yaml.safe_load(text)["images"]}
    return None if images == wanted else f"the images are {images}"


def spot_check(manifests):
    custom = yaml.safe_load((KUBERNETES / "spot-check/container.yaml").read_text())
    patch = yaml.safe_load((KUBERNETES / "spot-check/patch.yaml").read_text())
    [container] = patch["spec"]["ephemeralContainers"]
    pod = yaml.safe_load((KUBERNETES / "sidecar/pod.yaml").read_text())
    pod["spec"]["ephemeralContainers"] = [container]
    manifests.add("schema: spot-check, patch.yaml", pod, *SPOILING)
    same = {key: container[key] for key in custom} == custom and set(container) - set(custom) == {
        "name", "image", "imagePullPolicy", "targetContainerName"}
    yield "spot-check: the patch says what the custom container says", None if same else "it differs"
    # Those that it can tell of another process are those of the sidecar.
    [sidecar] = pod["spec"]["initContainers"]
    only = [[word for word in words if word.startswith("--only=")]
            for words in (custom["args"], sidecar["args"])]
    yield "spot-check: its rules are the sidecar's", None if only[0] == only[1] else str(only)


def hardened():
    for folder in HARDENED_FOLDERS:
        for manifest in built(KUBERNETES / folder)[0] or []:
            spec = pod_spec(manifest)
            wrong = [container["name"] for container in spec["initContainers"] + spec["containers"]
                     if container["securityContext"] != HARDENED]
            if spec["securityContext"] != HARDENED_POD:
                wrong.append("the Pod")
            yield f"hardened: {folder}", ", ".join(wrong) or None


class Local(http.client.HTTPConnection):
    """A connection to a socket of this machine."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def asked(path, what):
    connection = Local(path)
    try:
        connection.request("GET", what)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return None, ""
    finally:
        connection.close()


def real_metrics(binary):
    """name -> label -> values, as a real sidecar and a real agent of this moment answer."""
    found = {}
    for options in ([], ["--all"]):
        for family in text_string_to_metric_families(served_metrics(binary, options)):
            for sample in family.samples:
                labels = found.setdefault(sample.name, {})
                for label, value in sample.labels.items():
                    labels.setdefault(label, set()).add(value)
    return found


def served_metrics(binary, options):
    path = pathlib.Path(f"/tmp/watertight-check-deploy-{os.getpid()}.sock")  # its length is limited
    server = subprocess.Popen([binary, "serve", f"--listen=unix:{path}", *options], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while asked(path, "/report")[0] != 200 and time.monotonic() < end:
            time.sleep(0.05)
        return asked(path, "/metrics")[1]
    finally:
        server.terminate()
        server.wait(30)


def selectors(text):
    """(name, {label: value}) of each series that a text of PromQL names."""
    for name, labels in re.findall(r"\b(watertight_\w+|process_\w+|up)\b(\{[^}]*\})?", text):
        yield name, dict(re.findall(r'(\w+)="([^"]*)"', labels))


def unreal(text, metrics, with_values):
    """What a text names that a real sidecar does not print. `up` is Prometheus's own."""
    for name, labels in selectors(text):
        known = metrics.get(name, {} if name == "up" else None)
        if known is None:
            yield name
            continue
        for label, value in labels.items():
            if label not in known and label not in TARGET_LABELS:
                yield f"{name}: {label}"
            elif with_values and label in known and value not in known[label]:
                yield f"{name}: {label}={value}"


def alerts(binary, work, promtool):
    manifest = yaml.safe_load((KUBERNETES / "monitoring/alerts.yaml").read_text())
    rules = work / "alerts.rules.yaml"
    shutil.copy2(HERE / "alerts.test.yaml", work)

    def check(spec, *what):
        rules.write_text(yaml.safe_dump(spec))
        return problem_of([promtool, *what], cwd=work)

    spec = manifest["spec"]
    yield "promtool: the rules are rules", check(spec, "check", "rules", rules.name)
    yield "promtool: the rules do what their tests say", check(spec, "test", "rules",
                                                               "alerts.test.yaml")
    broken = copy.deepcopy(spec)
    broken["groups"][0]["rules"][0]["expr"] += " =="
    yield refused("promtool, check", check(broken, "check", "rules", rules.name))
    for number, rule in enumerate(spec["groups"][0]["rules"]):
        for what, expression in (("never", "vector(1) == 0"), ("always", "vector(1)")):
            broken = copy.deepcopy(spec)
            broken["groups"][0]["rules"][number].update(expr=expression)
            yield refused(f"promtool, test: {rule['alert']} {what}",
                          check(broken, "test", "rules", "alerts.test.yaml"))
    metrics = real_metrics(binary)
    expressions = "\n".join(rule["expr"] for rule in spec["groups"][0]["rules"])
    series = "\n".join(row["series"] for test in
                       yaml.safe_load((HERE / "alerts.test.yaml").read_text())["tests"]
                       for row in test["input_series"])
    yield ("names: a sidecar prints what the alerts ask for",
           ", ".join(unreal(expressions, metrics, True)) or None)
    yield ("names: a sidecar prints what the tests of the alerts feed them",
           ", ".join(unreal(series, metrics, False)) or None)
    yield refused("names", list(unreal(expressions.replace("_verdict", "_judgement"), metrics, True)))
    yield refused("names, a value", list(unreal(expressions.replace("fail", "failed"), metrics, True)))


def github(work):
    tool = [work / "node_modules/.bin/action-validator"]
    folder = work / "github/.github/workflows"
    shutil.rmtree(work / "github", ignore_errors=True)
    folder.mkdir(parents=True)
    for path, spoil in ((ACTION, ("using:", "use:")),
                        (ACTION.parent / "workflow.yaml", ("runs-on:", "run-on:")),
                        (DEPLOY / "example-node/workflow.yaml", ("runs-on:", "run-on:"))):
        # An action has its name; a workflow its folder.
        place = work / "github" / path.name if path == ACTION else folder / "workflow.yaml"
        place.write_text(path.read_text())
        name = path.relative_to(DEPLOY)
        yield f"action-validator: {name}", problem_of([*tool, place])
        place.write_text(path.read_text().replace(*spoil, 1))
        yield refused(f"action-validator: {name}", problem_of([*tool, place]))
    action = yaml.safe_load(ACTION.read_text())
    [step] = action["runs"]["steps"]
    yield "action.yml: no expression in a script", step["run"] if "${{" in step["run"] else None
    given = {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    yield "action.yml: each input reaches it", ", ".join(given ^ set(step["env"].values())) or None
    workflow = yaml.safe_load((ACTION.parent / "workflow.yaml").read_text())
    [used] = [step for job in workflow["jobs"].values() for step in job["steps"]
              if "/github-action@" in step.get("uses", "")]
    # A runner only warns of an input that an action does not have.
    unknown = set(used["with"]) - set(action["inputs"])
    yield "workflow.yaml: its inputs are the action's", ", ".join(unknown) or None
    [example] = re.findall(r"```yaml\n(.*?)```", (ACTION.parent / "README.md").read_text(), re.S)
    [shown] = yaml.safe_load(example)
    same = {**shown["with"], "fail-on": used["with"]["fail-on"]} == used["with"]
    yield "workflow.yaml: the README shows its step", None if same else "it differs"


def tests(binary, work, promtool):
    """(what must hold, the problem or None)"""
    manifests = Manifests(work)
    yield from kustomizations(work, manifests)
    yield "kustomize: the overlay of the README", overlay(work)
    yield from spot_check(manifests)
    yield from hardened()
    yield from manifests.results()
    yield from alerts(binary, work, promtool)
    yield from github(work)


def main():
    binary, work, promtool = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    return not tap.print_all(tests(binary, work, promtool))


sys.exit(main())
