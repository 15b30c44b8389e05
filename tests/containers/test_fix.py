"""watertight fix closes the loop: what fails, run again with its change, passes."""
import random

import pytest

import remedy
from container import DOCKER_DEFAULT, HARDENED, REFUSING, Container
from kernel_holes import TREE

COUNTS = {"runc": 20, "docker": 20, "podman": 20}
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


def random_host_flags(rng, engine, host):
    """What lets the host in, and what keeps it out."""
    flags = [f"--{kind}=host" for kind in ("pid", "ipc", "uts", "network") if rng.random() < 0.15]
    if rng.random() < 0.3:
        flags.append("--device=" + rng.choice(["/dev/fuse", "/dev/kmsg", "/dev/loop0:/disk",
                                               "/dev/loop-control:/dev/lc:r"]))
    volumes = [f"{host.path}/data:/data:ro", f"{host.path}/open:/open",
               f"{host.path}/file:/etc/file", f"{host.path}/run:/host/run:ro",
               f"{host.path}/run/docker.sock:/run/docker.sock",
               f"{host.path}/shared:/shared:rshared", f"{host.path}/hostrun:/hostrun:ro",
               f"{TREE}:/cgroups:ro", "/dev/loop2:/dev/bound",
               f"{host.path}/file:/run/secrets/file:ro"]
    if "--network=host" not in flags:  # whose whole /sys hides it, so that it is seen later only
        volumes.append("/sys/module:/sys/module:ro")
    if engine.name == "docker":  # Podman's with the token are taken for CRI-O's
        volumes += [f"{host.path}/token:/var/run/secrets/kubernetes.io/serviceaccount:ro",
                    "watertight-fix:/srv"]
    else:  # which gives a new volume to whatever user comes first
        volumes.append("watertight-fix:/srv:noexec")
    flags += [f"--volume={one}" for one in rng.sample(volumes, rng.choice([0, 0, 1, 2]))]
    flags += rng.sample(["--env=DB_PASSWORD=x", "--env=COLOUR=blue", "--env=API_TOKEN=y"],
                        rng.choice([0, 0, 1, 2]))
    flags += [flag for flag in ("--memory=256m", "--pids-limit=50", "--cpus=0.5")
              if rng.random() < 0.5]
    if rng.random() < 0.2:
        flags += ["--ulimit=nofile=512:512", "--ulimit=nproc=512:512"]
    if rng.random() < 0.2:
        ways = (["systempaths=unconfined"] if engine.name == "docker" else
                ["unmask=ALL", "unmask=/proc/keys:/proc/sys"])
        flags.append("--security-opt=" + rng.choice(ways))
    if rng.random() < 0.2 and "--network=host" not in flags:
        flags.append("--sysctl=net.ipv4.ip_unprivileged_port_start=0")
    if rng.random() < 0.1 and engine.name == "podman":
        flags.append("--privileged")
    if rng.random() < 0.2:
        flags.append("--tmpfs=" + rng.choice(["/run:exec,mode=1777", "/srv/x", "/opt:noexec"]))
    return flags


def run_flags(engine, flags, *arguments):
    """Runs watertight in a container that is made by flags of docker run."""
    if engine.name == "runc":
        return engine.run(translate(flags), ["/watertight", *arguments])
    return engine.run_flags(["--rm", *flags], ["/watertight", *arguments])


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


@pytest.mark.engines("runc", "docker", "podman")
def test_a_container_with_the_flags_of_its_fix_passes(engine, number, binary, host):
    rng = random.Random(f"{engine.name} {number}")
    policy = POLICIES[number % len(POLICIES)]
    flags = random_flags(rng)
    if engine.name != "runc":
        flags += random_host_flags(rng, engine, host)
    report = run_flags(engine, flags, f"--policy={policy}", "--format=json")
    before = remedy.failures_in(report)
    answer = remedy.ask(binary, report.stdout, policy)
    rest = set(answer.rest)
    assert rest <= before, (flags, answer)
    assert bool(before) == bool(answer.add or answer.remove or rest), answer
    fixed = remedy.flags_with(flags, answer)
    after = remedy.failures_in(run_flags(engine, fixed, f"--policy={policy}", "--format=json"))
    assert after <= rest, (flags, fixed, answer)
    # What a default profile refuses is not seen before it is loaded, and depends on capabilities.
    assert all(name.startswith("seccomp.denied-") for name in rest - after), (flags, answer)


def test_inside_the_container_and_from_its_report_the_fix_is_the_same(runc, binary):
    report = runc.run(Container(), ["/watertight", "--format=json"])
    for kind in ("text", "docker", "compose", "kubernetes"):
        inside = runc.run(Container(), ["/watertight", "fix", f"--format={kind}"])
        assert inside.stdout == remedy.run_fix(binary, report.stdout, f"--format={kind}").stdout
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
    answer = remedy.read(done.stdout)
    assert (answer.add, answer.remove) == ([], [f"--volume of {runc.folder} at /tmp"])
    hardened = Container(**HARDENED, seccomp=REFUSING)
    done = runc.run(hardened, ["/watertight", "fix", "--fast", "--format=docker"])
    assert done.returncode == 2
    assert "# not known: seccomp.denied-syscalls allow: " in done.stdout
