"""watertight fix closes the loop: what fails, run again with its change, passes."""
import json
import random
import shlex
import subprocess

import pytest
import yaml

from container import DOCKER_DEFAULT, HARDENED, REFUSING, Container

COUNTS = {"runc": 20, "docker": 20, "podman": 6}
POLICIES = ["hardened", "hardened", "restricted", "strict", "baseline"]


def random_flags(rng):
    """Flags of a container, of what people get right and wrong."""
    flags = []
    if rng.random() < 0.5:
        flags.append("--user=" + rng.choice(["0:0", "5:5", "1000:0", "0:1000", "50:1000"]))
    if rng.random() < 0.5:
        flags += [f"--cap-add={name}" for name in rng.sample(
            ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_TIME", "SYSLOG", "NET_BIND_SERVICE"], 2)]
    if rng.random() < 0.3:
        flags.append("--cap-drop=" + rng.choice(["ALL", "CHOWN", "NET_RAW"]))
    if rng.random() < 0.4:
        flags.append("--security-opt=seccomp=unconfined")
    if rng.random() < 0.3:
        flags.append("--security-opt=no-new-privileges")
    if rng.random() < 0.3:
        flags.append("--read-only")
    if rng.random() < 0.5:
        flags.append("--tmpfs=/tmp" + rng.choice(["", ":mode=0755", ":exec,mode=1777"]))
    if rng.random() < 0.3:
        flags.append("--group-add=" + rng.choice(["0", "7"]))
    return flags


def read_docker(text):
    """(flags to add, what to remove, what cannot be fixed) as --format docker prints them."""
    add, remove, rest = [], [], set()
    for line in text.splitlines():
        if line.startswith("# remove: "):
            remove.append(line[10:].split("  # ")[0])
        elif line.startswith("# cannot be fixed: "):
            rest.add(line[19:].split(": ")[0])
        elif not line.startswith("#"):
            add += shlex.split(line, comments=True)
    return add, remove, rest


def is_removed(flag, remove):
    return any(flag == entry or flag.startswith((entry + "=", entry + ":")) for entry in remove)


def failures(done):
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["unknown"] == 0, report["checks"]
    return {f"{row['id']} {row['subject'] or ''}".strip()
            for row in report["checks"] if row["status"] == "fail"}


def run_flags(engine, flags, *arguments):
    """Runs watertight in a container that is made by flags of docker run."""
    if engine.name == "runc":
        return engine.run(translate(flags), ["/watertight", *arguments])
    if engine.name == "podman" and "--read-only" in flags:
        flags = [*flags, "--read-only-tmpfs=false"]  # as the remedy of mounts.write-exec says
    return engine.call("run", "--rm", "--network=none", *flags, engine.image, "/watertight",
                       *arguments)


def translate(flags):
    """What Docker makes of its flags, as an OCI configuration: the last word about one thing wins."""
    given = [flag.removeprefix("--").split("=", 1) for flag in flags]
    values = lambda name: [one[1] for one in given if one[0] == name]  # noqa: E731
    dropped, added = values("cap-drop"), values("cap-add")
    bounding = set() if "ALL" in dropped else {
        name for name in DOCKER_DEFAULT if name[4:] not in dropped}
    uid, gid = map(int, (values("user") or ["0:0"])[-1].split(":"))
    tmpfs = {}
    for value in values("tmpfs"):
        path, _, options = value.partition(":")
        tmpfs[path] = "nosuid,nodev,noexec" + (f",{options}" if options else "")
    bounding = sorted(bounding | {"CAP_" + name for name in added})

    def limit(spec):
        resources = spec["linux"].setdefault("resources", {})
        if values("memory"):
            assert values("memory")[-1].endswith("m")
            resources["memory"] = {"limit": int(values("memory")[-1][:-1]) << 20}
        if values("pids-limit"):
            resources["pids"] = {"limit": int(values("pids-limit")[-1])}
        if values("cpus"):
            resources["cpu"] = {"quota": int(float(values("cpus")[-1]) * 1e5), "period": 100000}

    return Container(
        edit=limit,
        uid=uid, gid=gid, groups=[int(group) for group in values("group-add")],
        bounding=bounding, permitted=bounding if uid == 0 else [],
        no_new_privs="no-new-privileges" in values("security-opt"),
        read_only=["read-only"] in given, tmpfs=tmpfs,
        seccomp="unconfined" if "seccomp=unconfined" in values("security-opt") else REFUSING)


def run_fix(binary, report, *arguments):
    """Asks for the fix of a report that was made elsewhere."""
    return subprocess.run([binary, "fix", "-", *arguments], input=report, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.engines("runc", "docker", "podman")
def test_a_container_with_the_flags_of_its_fix_passes(engine, number, binary):
    rng = random.Random(f"{engine.name} {number}")
    policy = f"--policy={POLICIES[number % len(POLICIES)]}"
    flags = random_flags(rng)
    report = run_flags(engine, flags, policy, "--format=json")
    before = failures(report)
    done = run_fix(binary, report.stdout, policy, "--format=docker")
    add, remove, rest = read_docker(done.stdout)
    assert done.returncode == (1 if rest else 0), (flags, done.stdout, done.stderr)
    assert rest <= before, (flags, done.stdout)
    assert bool(before) == bool(add or remove or rest), done.stdout
    fixed = [flag for flag in flags if not is_removed(flag, remove)] + add
    after = failures(run_flags(engine, fixed, policy, "--format=json"))
    assert after <= rest, (flags, fixed, done.stdout)
    # What a default profile refuses is not seen before it is loaded, and depends on capabilities.
    assert all(name.startswith("seccomp.denied-") for name in rest - after)


def test_inside_the_container_and_from_its_report_the_fix_is_the_same(runc, binary):
    report = runc.run(Container(), ["/watertight", "--format=json"])
    for kind in ("text", "docker", "compose", "kubernetes"):
        inside = runc.run(Container(), ["/watertight", "fix", f"--format={kind}"])
        assert inside.stdout == run_fix(binary, report.stdout, f"--format={kind}").stdout
        assert inside.returncode == 0
        assert "user.non-root" in inside.stdout


def test_a_container_that_passes_needs_no_change(runc):
    done = runc.run(Container(**HARDENED, seccomp=REFUSING), ["/watertight", "fix"])
    assert (done.returncode, done.stdout) == (0, "Nothing fails under policy hardened.\n")


def test_what_cannot_be_fixed_or_is_not_known_is_said(runc):
    volume = [{"destination": "/tmp", "type": "bind", "source": str(runc.folder),
               "options": ["bind", "ro"]}]
    container = Container(**{**HARDENED, "tmpfs": {}}, mounts=volume, seccomp=REFUSING)
    done = runc.run(container, ["/watertight", "fix", "--format=docker"])
    assert done.returncode == 1
    assert "# cannot be fixed: filesystem.writable-path /tmp: it lies on a volume" in done.stdout
    assert read_docker(done.stdout)[:2] == ([], [f"--volume of {runc.folder}"])
    hardened = Container(**HARDENED, seccomp=REFUSING)
    done = runc.run(hardened, ["/watertight", "fix", "--fast", "--format=docker"])
    assert done.returncode == 2
    assert "# not known: seccomp.denied-syscalls allow: " in done.stdout


POD = """
apiVersion: v1
kind: Pod
metadata: {name: watertight-fix}
spec:
  restartPolicy: Never
  containers:
  - name: app
    image: localhost/watertight-tests
    imagePullPolicy: Never
    command: [/watertight, --format, json]
    securityContext: {capabilities: {add: [NET_ADMIN, NET_BIND_SERVICE]}}
"""


def play(engine, pod):
    """The report of the pod's container."""
    file = engine.folder / "fix-pod.yaml"
    file.write_text(yaml.safe_dump(pod))
    try:
        played = engine.call("kube", "play", "--network=none", str(file))
        assert played.returncode == 0, played.stderr
        engine.call("wait", "watertight-fix-app")
        return engine.call("logs", "watertight-fix-app")
    finally:
        engine.call("kube", "down", str(file))


@pytest.mark.engines("podman")
def test_a_pod_with_the_fragment_of_its_fix_passes(engine, binary):
    pod = yaml.safe_load(POD)
    report = play(engine, pod)
    assert "capabilities.effective" in failures(report)
    done = run_fix(binary, report.stdout, "--format=kubernetes")
    assert done.returncode == 0, done.stdout
    assert "# remove: securityContext.capabilities.add" in done.stdout
    del pod["spec"]["containers"][0]["securityContext"]["capabilities"]["add"]
    spec = yaml.safe_load(done.stdout)["spec"]
    (container,) = spec.pop("containers")
    pod["spec"].update(spec)
    pod["spec"]["containers"][0].update(container)
    assert failures(play(engine, pod)) == set()


COMPOSE = """
version: "2.4"
services:
  app:
    image: watertight-tests
    network_mode: none
    command: [/watertight, --format, json]
    user: "0:1000"
    cap_add: [NET_ADMIN]
    security_opt: ["seccomp:unconfined"]
"""


@pytest.mark.engines("docker")
def test_a_service_with_the_fragment_of_its_fix_passes(engine, binary):
    service = yaml.safe_load(COMPOSE)
    report = engine.compose(yaml.safe_dump(service), "app")
    assert "seccomp.enabled" in failures(report)
    done = run_fix(binary, report.stdout, "--format=compose")
    assert done.returncode == 0, done.stdout
    for words in ("# remove: cap_add", "# remove: security_opt: seccomp"):
        assert words in done.stdout
    del service["services"]["app"]["cap_add"], service["services"]["app"]["security_opt"]
    service["services"]["app"].update(yaml.safe_load(done.stdout)["services"]["app"])
    assert failures(engine.compose(yaml.safe_dump(service), "app")) == set()
