"""Containers with one hole each: how an engine is told to make one, and what must change for it."""
import dataclasses
import json
import shutil
from typing import Callable, Dict, Tuple

import remedy
from container import HARDENED, REFUSING, Container
from oci_engine import make_rootfs

OCI = ("runc", "crun")
COMMAND_LINE = ("docker", "podman")
ALL = OCI + COMMAND_LINE
# crun binds whatever is mounted below as well, and is run where nothing is shared (oci_engine.py).
NOT_CRUN = ("runc", *COMMAND_LINE)
LIMITS = {"memory": {"limit": 268435456}, "pids": {"limit": 100},
          "cpu": {"quota": 50000, "period": 100000}}
OF_NETWORK = {"network.route-localnet"}  # its setting, where the namespace is its own
LIMIT_FLAGS = {"memory": "--memory=256m", "pids": "--pids-limit=100", "cpu": "--cpus=0.5"}


@dataclasses.dataclass(frozen=True)
class Hole:
    """changes: what makes the hole in the base container; rules: what must fail for it, "RULE",
    "RULE SUBJECT" or "RULE *" for every subject, and nothing else. also_of: what fails with that
    engine, too. base: what both have; remedy: the container that passes again where something else
    mends it than what fix says (None: the base itself). words: what the messages of the first rule
    hold. beyond: what fix says that it cannot do, and why. skipped: rules that mean nothing then."""

    name: str
    changes: Callable
    rules: Tuple[str, ...]
    engines: Tuple[str, ...] = ALL
    base: Callable = None
    remedy: Callable = None
    words: Tuple[str, ...] = ()
    skipped: Tuple[str, ...] = ()
    also_of: Dict[str, Tuple[str, ...]] = dataclasses.field(default_factory=dict)
    beyond: Dict[str, str] = dataclasses.field(default_factory=dict)


def hole(name, changes, *rules, **options):
    return Hole(name, changes, rules, **options)


def told(name, *rules, edit=None, flags=None, podman=None, uid=1000, **options):
    """A hole by an edit of config.json or by flags, for each engine that is told how."""
    ways = {"runc": edit, "crun": edit, "docker": flags,
            "podman": flags if podman is None else podman}

    def change(engine, container, host):
        way = ways[engine.name]
        (edited(way) if engine.name in OCI else with_flags(*way))(engine, container, host)

    return hole(name, change if uid else both(AS_ROOT, change), *rules,
                engines=tuple(engine for engine, way in ways.items() if way is not None),
                base=None if uid else AS_ROOT, **options)


# --- edits of an OCI configuration ----------------------------------------------------------------


def together(*edits):
    def edit(spec):
        for one in edits:
            one(spec)
    return edit


def without_namespace(kind):
    def edit(spec):
        spec["linux"]["namespaces"] = [
            row for row in spec["linux"]["namespaces"] if row["type"] != kind]
        if kind in ("uts", "network"):
            spec.pop("hostname", None)
    return edit


def without_path(group, *paths):
    def edit(spec):
        spec["linux"][group] = [path for path in spec["linux"][group] if path not in paths]
    return edit


def without_option(destination, option):
    def edit(spec):
        for mount in spec["mounts"]:
            if mount["destination"] == destination:
                mount["options"] = [one for one in mount["options"] if one != option]
    return edit


def with_mount(destination, kind, source, *options):
    def edit(spec):
        spec["mounts"].append({"destination": destination, "type": kind, "source": source,
                               "options": list(options)})
    return edit


def with_device(path, kind, major, minor):
    def edit(spec):
        spec["linux"].setdefault("devices", []).append(
            {"path": path, "type": kind, "major": major, "minor": minor, "fileMode": 0o666,
             "uid": 0, "gid": 0})
        spec["linux"]["resources"].setdefault("devices", []).append(
            {"allow": True, "type": kind, "major": major, "minor": minor, "access": "rwm"})
    return edit


def with_device_outside_dev(path, *device):
    """In a root file system of its own, made anew each time: the node stays behind."""

    def edit(spec):
        copy = spec["root"]["path"] + path.replace("/", "-")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(spec["root"]["path"], copy, symlinks=True)
        spec["root"]["path"] = copy
        with_device(path, *device)(spec)
    return edit


def with_resources(**resources):
    def edit(spec):
        spec["linux"]["resources"].update(resources)
    return edit


def without_resource(name):
    def edit(spec):
        del spec["linux"]["resources"][name]
    return edit


# --- changes to a container -----------------------------------------------------------------------


def edited(edit):
    def change(engine, container, host):
        container.edit = together(container.edit, edit)

    return change


def with_other_flag(flag, *others):
    """The flag left out, and others in its place."""

    def change(engine, container, host):
        container.flags = [one for one in container.flags if one != flag] + list(others)

    return change


def either(oci, command_line):
    def change(engine, container, host):
        (oci if engine.name in OCI else command_line)(engine, container, host)

    return change


def bind(source, target, *options):
    """A bind mount, in each engine's words."""

    def change(engine, container, host):
        path = str(host.path / source) if not str(source).startswith("/") else str(source)
        if engine.name in OCI:
            container.mounts = [*container.mounts, {
                "destination": target, "source": path, "type": "bind",
                "options": ["bind", "rprivate" if "rshared" not in options and
                            "rslave" not in options else "bind", *options]}]
        else:
            container.flags = [*container.flags, f"--volume={path}:{target}:{','.join(options)}"
                               if options else f"--volume={path}:{target}"]

    return change


def bind_alone(source, target, *options):
    """The same without what is mounted below it."""

    def change(engine, container, host):
        if engine.name in OCI:
            bind(source, target, *options)(engine, container, host)
        else:
            only = "readonly" if "ro" in options else "readonly=false"
            container.flags = [*container.flags, f"--mount=type=bind,source={source},"
                               f"target={target},{only},bind-nonrecursive"]

    return change


def changing(**changes):
    def change(engine, container, host):
        for key, value in changes.items():
            setattr(container, key, value)

    return change


def with_tmpfs(path, options):
    def change(engine, container, host):
        container.tmpfs = {**container.tmpfs, path: options}

    return change


def with_flags(*flags):
    def change(engine, container, host):
        container.flags = [*container.flags, *flags]

    return change


def both(*changes):
    def change(engine, container, host):
        for one in changes:
            one(engine, container, host)

    return change


def environment(**variables):
    return changing(environment=variables)


AS_ROOT = changing(uid=0, gid=0)


# --- looking --------------------------------------------------------------------------------------


def base(engine):
    """A container that only the rules about seccomp can fail under strict."""
    container = Container(**HARDENED)
    if engine.name in OCI:
        container.seccomp = REFUSING
        container.rootfs = str(engine.folder / "holes")
        container.edit = with_resources(**LIMITS)
    else:
        container.flags = list(LIMIT_FLAGS.values())
    if engine.name == "podman":
        # --read-only alone leaves /run, /var/tmp and /dev/shm writable.
        container.flags.append("--read-only-tmpfs=false")
    return container


def prepare(engine):
    """Root file systems of the OCI engines' own, since mount points stay behind in them."""
    if engine.name in OCI and not (engine.folder / "holes").exists():
        made = make_rootfs(engine.folder / "holes", engine.binary)
        (made / "run").chmod(0o1777)  # runc gives a tmpfs the mode of the directory below it


def build(engine, host, *changes):
    prepare(engine)
    container = base(engine)
    for change in changes:
        if change is not None:
            change(engine, container, host)
    return container


def bystanders(engine, container, host):
    """What is no hole, of each kind that a fix may take away, and has to stay."""
    container.environment = {**container.environment, "COLOUR": "blue"}
    container.tmpfs = {**container.tmpfs, "/cache": "rw,noexec,mode=0700"}
    bind("file", "/run/secrets/bystander", "ro")(engine, container, host)


def mended(engine, container, answer):
    """The same container with the change of its fix, for look."""
    if engine.name in OCI:
        edit = remedy.edit_with(answer, engine.spec)
        return dataclasses.replace(container, edit=together(container.edit or together(), edit))
    return remedy.flags_with(engine.flags_of(container), answer)


def has_bystanders(engine, container):
    """Whether they are still there in a mended container."""
    if engine.name not in OCI:
        kept = ("--env=COLOUR=blue", "--tmpfs=/cache:rw,noexec,mode=0700")
        return set(kept) <= set(container) and any(
            flag.endswith(":/run/secrets/bystander:ro") for flag in container)
    spec = engine.config(container, [])
    return "COLOUR=blue" in spec["process"]["env"] and {"/cache", "/run/secrets/bystander"} <= {
        mount["destination"] for mount in spec["mounts"]}


def look(engine, container, arguments=("/watertight",), **options):
    """The report under strict, and "RULE" or "RULE SUBJECT" -> status. container may be flags."""
    run = engine.run_flags if isinstance(container, list) else engine.run
    done = run(container, [*arguments, "--policy", "strict", "--format", "json"], **options)
    assert done.stdout, (container, done.returncode, done.stderr)
    assert "hunter2" not in done.stdout
    report = json.loads(done.stdout)
    return report, statuses(report)


def statuses(report):
    return {" ".join(filter(None, (row["id"], row["subject"]))): row["status"]
            for row in report["checks"]}


_bases = {}


def look_at_base(engine, host, change):
    key = (engine, change)
    if key not in _bases:
        container = build(engine, host, change)
        _bases[key] = look(engine, container)[1]
        # A machine may have no security module, and cgroup v2 or a user namespace no list of devices;
        # what is the host's network's is not judged.
        expected = {"lsm.confined", "devices.cgroup"} | (OF_NETWORK if container.host_network else set())
        unsettled = {rule for rule, status in _bases[key].items() if status in ("unknown", "skip")}
        assert unsettled <= expected, _bases[key]
    return _bases[key]


def mend_by_fix(engine, binary, container, report, before):
    """Everything passes with the change of the fix but what it excepts. Gives that, finding ->
    reason, as far as it did not fail before."""
    answer = remedy.ask(binary, json.dumps(report), "strict")
    other = mended(engine, container, answer)
    left = {rule for rule, status in look(engine, other)[1].items()
            if status not in ("pass", "skip")}
    assert left == set(answer.rest), answer
    if "COLOUR" in container.environment:
        assert has_bystanders(engine, other), answer
    return {rule: answer.rest[rule] for rule in answer.rest if before.get(rule) != "fail"}


def changed(before, after):
    """What was not there before, as a mount of the hole's own, counts as passed."""
    assert before.keys() <= after.keys()
    return {rule: (before.get(rule, "pass"), status) for rule, status in after.items()
            if before.get(rule, "pass") != status}


def failed(*rules):
    return {rule: ("pass", "fail") for rule in rules}


def expected(case, engine, before):
    """What must change for the hole."""
    rules = set()
    for rule in (*case.rules, *case.also_of.get(engine.name, ())):
        every = {name for name in before if name.startswith(rule[:-1])}
        rules |= every if rule.endswith(" *") else {rule}
    return {**failed(*rules), **{rule: ("pass", "skip") for rule in case.skipped}}


def fact(report, key, subject=None):
    return next(row for row in report["facts"]
                if row["key"] == key and row.get("subject") == subject)
