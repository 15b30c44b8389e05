"""All facts equal the truth: the engine's configuration, and an observer in a twin container."""
import json
import random

import observer
from container import CAPABILITIES, DOCKER_DEFAULT, Container

COUNTS = {"runc": 64, "crun": 24, "docker": 24, "podman": 24}
TMPFS = [
    {},
    {"/tmp": ""},
    {"/tmp": "rw,nosuid,nodev,noexec,mode=1777"},
    {"/tmp": "rw,size=65536k,mode=1777"},
    {"/tmp": "ro,noexec"},
    {"/tmp": "rw,mode=0755"},
    {"/tmp": "rw,nosuid,mode=0700,uid=1000,gid=1000"},
    {"/tmp": "rw,mode=1777", "/etc": "ro,mode=0755"},
]
CUSTOM = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    "syscalls": [{"names": ["reboot", "swapon", "kexec_load"], "action": "SCMP_ACT_ERRNO"}],
}
# Lower than the machine's: nobody may raise them there.
RLIMITS = [
    {},
    {"RLIMIT_NOFILE": (512, 1024)},
    {"RLIMIT_CORE": (0, 0), "RLIMIT_NPROC": (700, 900), "RLIMIT_NOFILE": (256, 256)},
    {"RLIMIT_STACK": (4194304, 8388608), "RLIMIT_MEMLOCK": (65536, 131072)},
    {"RLIMIT_FSIZE": (1073741824, 2147483648), "RLIMIT_MSGQUEUE": (1000, 2000),
     "RLIMIT_SIGPENDING": (100, 200), "RLIMIT_CPU": (600, 1200)},
]
AVAILABLE = [name for name in CAPABILITIES if name != "CAP_SYS_RESOURCE"]


def _some(random_, names):
    return random_.sample(names, min(len(names), random_.choice([0, 1, 2, 5, len(names) // 2])))


def _oci(random_):
    """Every set on its own; ambient within permitted and inheritable, as the kernel demands."""
    bounding = random_.choice([[], AVAILABLE, sorted(DOCKER_DEFAULT), _some(random_, AVAILABLE)])
    permitted = random_.choice([bounding, _some(random_, bounding)])
    inheritable = random_.choice([[], _some(random_, permitted)])
    ambient = random_.choice([[], inheritable, inheritable[: len(inheritable) // 2]])
    return dict(bounding=bounding, permitted=permitted, inheritable=inheritable, ambient=ambient,
                seccomp=random_.choice(["unconfined", CUSTOM]))


def _command_line(random_):
    # The newest three are younger than Docker 20.10.
    names = [None, [], sorted(DOCKER_DEFAULT), _some(random_, AVAILABLE[:-3])]
    return dict(bounding=random_.choice(names),
                seccomp=random_.choice(["default", "default", "unconfined", CUSTOM]))


def _container(engine, number):
    random_ = random.Random(f"{engine}-{number}")
    special = _oci(random_) if engine in ("runc", "crun") else _command_line(random_)
    return Container(
        uid=random_.choice([0, 1, 99, 100, 1000, 65534, 2147483647 if engine == "runc" else 12345]),
        gid=random_.choice([0, 1000, 65534]),
        groups=random_.choice([[], [0], [4, 24, 1000], list(range(100, 140))]),
        no_new_privs=random_.choice([False, True]),
        read_only=random_.choice([False, True]),
        # Podman knows no uid= for a tmpfs.
        tmpfs=random_.choice([t for t in TMPFS if engine != "podman" or "uid=" not in str(t)]),
        rlimits=random_.choice(RLIMITS),
        **special,
    )


def observe(engine, container):
    done = engine.run(container, ["/watertight", "observe", "--policy", "strict"])
    assert done.returncode == 0, (container, done.stderr)
    facts = {}
    for row in json.loads(done.stdout)["facts"]:
        name = row["key"] + ("" if "subject" not in row else " " + row["subject"])
        facts[name] = row.get("value", row["state"])
    return facts


def twin(engine, container):
    done = engine.run(container, ["/bin/sh", "-c", observer.SCRIPT])
    assert done.returncode == 0, (container, done.stderr)
    return observer.parse(done.stdout)


def names_of(bits):
    value = int(bits, 16)
    return sorted(name for number, name in enumerate(CAPABILITIES) if value >> number & 1)


def test_facts_equal_the_truth(engine, number):
    container = _container(engine.name, number)
    facts = observe(engine, container)
    seen = twin(engine, container)
    expected = {"integrity.procfs": "genuine"}

    # The configuration.
    sets = engine.as_run(container).after_exec(engine.bounding(container))
    for kind, names in sets.items():
        expected[f"capabilities.{kind}"] = sorted(names)
    for kind in ("real", "effective", "saved", "filesystem"):
        expected[f"user.uid.{kind}"] = container.uid
        expected[f"user.gid.{kind}"] = container.gid
    expected["privileges.no_new_privs"] = container.no_new_privs
    expected["seccomp.mode"] = "filter" if engine.has_seccomp(container) else "disabled"
    expected["mount.type /"] = seen["mounts"]["/"]["type"]
    root = facts["mount.options /"]
    assert ("ro" in root, "rw" in root) == (container.read_only, not container.read_only)
    for path, options in container.tmpfs.items():
        assert facts[f"mount.type {path}"] == "tmpfs"
        wanted = {o for o in options.split(",") if o in ("ro", "nosuid", "nodev", "noexec")}
        assert wanted <= set(facts[f"mount.options {path}"])

    for name, (soft, hard) in container.rlimits.items():
        assert (facts[f"limit.rlimit.soft {name}"], facts[f"limit.rlimit.hard {name}"]) == \
            (soft, hard), container

    # The observer.
    status = seen["status"]
    for kind, line in (("effective", "CapEff"), ("permitted", "CapPrm"), ("bounding", "CapBnd"),
                       ("inheritable", "CapInh"), ("ambient", "CapAmb")):
        assert names_of(status[line][0]) == expected[f"capabilities.{kind}"], (container, kind)
    assert status["Uid"] == [str(container.uid)] * 4
    assert status["NoNewPrivs"] == [str(int(container.no_new_privs))]
    expected["user.groups"] = sorted(set(status["Groups"]))
    assert set(map(str, container.groups)) <= set(status["Groups"])
    expected["user.uid_map"] = "\n".join(seen["map"])
    expected["seccomp.filters"] = int(status["Seccomp_filters"][0])
    for name, line in observer.RLIMITS.items():
        for kind, limit in zip(("soft", "hard"), seen["limits"][line]):
            expected[f"limit.rlimit.{kind} {name}"] = \
                "absent" if limit == "unlimited" else int(limit)
    for path in observer.PATHS:
        if path in seen["mounts"]:
            mount = seen["mounts"][path]
            for kind in ("options", "type", "propagation"):
                # Each container of the engines has an overlay of its own.
                if not (kind == "options" and mount["type"] == "overlay"):
                    expected[f"mount.{kind} {path}"] = mount[kind]
        expected[f"filesystem.write {path}"] = seen["writes"][path]

    observed = {name: facts.get(name) for name in expected}
    assert observed == expected, container
