"""Does what `watertight fix` says, as its reader would: to flags of `docker run`, and to an OCI
configuration. It knows the words of fix, of `docker run` and of the OCI runtime specification, and
nothing of what is wrong with a container. What it does not understand is an error."""
import copy
import dataclasses
import json
import re
import shlex
import subprocess
from typing import Dict, List

from container import REFUSING


@dataclasses.dataclass
class Answer:
    """As --format=docker prints it: flags to add, what to remove, and finding -> why it cannot be
    fixed."""

    add: List[str]
    remove: List[str]
    rest: Dict[str, str]


def run_fix(binary, report, *arguments):
    """Asks for the fix of a report that was made elsewhere."""
    return subprocess.run([binary, "fix", "-", *arguments], input=report, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def failures_in(done):
    """RULE or RULE SUBJECT of every failed check of a report in JSON."""
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["unknown"] == 0, report["checks"]
    return {f"{row['id']} {row['subject'] or ''}".strip()
            for row in report["checks"] if row["status"] == "fail"}


def read(text):
    answer = Answer([], [], {})
    for line in text.splitlines():
        if line.startswith("# remove: "):
            answer.remove.append(line[10:].split("  # ")[0])
        elif line.startswith("# cannot be fixed: "):
            finding, reason = line[19:].split(": ", 1)
            answer.rest[finding] = reason
        elif not line.startswith("#"):
            answer.add += shlex.split(line, comments=True)
    return answer


def ask(binary, report, policy):
    """The fix of a report in JSON, whose exit status says whether it answers everything."""
    done = run_fix(binary, report, f"--policy={policy}", "--format=docker")
    answer = read(done.stdout)
    assert done.returncode == (1 if answer.rest else 0), (done.stdout, done.stderr)
    return answer


# What stands behind "# remove: ", and the name of the method that does it.
WORDS = [(re.compile(words + r"\Z"), method) for words, method in (
    (r"--volume of (?P<source>.+) or below it", "drop_volumes_from"),
    (r"(?:--volume of .+|--volume) at (?P<path>/.*)", "drop_volume"),
    (r"--device or --volume of (?:each of \d+|[bc] \S+ (?P<path>/.*))", "drop_device"),
    (r"rshared or shared in --volume at (?P<path>/.*)", "keep_mounts_apart"),
    (r"write access of --volume at (?P<path>/.*) \(let it end in :ro\)", "write_protect"),
    (r"--sysctl of …(?P<end>\w+)", "drop_sysctl"),
    (r"--(?P<name>[a-z-]+)(?:=(?P<value>.*))?", "drop_option"),
)]


def apply(change, answer):
    for entry in answer.remove:
        found = next(((words.match(entry), method) for words, method in WORDS
                      if words.match(entry)), None)
        assert found is not None, f"nobody knows what this means: {entry}"
        getattr(change, found[1])(**found[0].groupdict())
    for flag in answer.add:
        name, _, value = flag.removeprefix("--").partition("=")
        change.add_option(name, value)


class OfMounts:
    """What is done to the options of a mount, which with_options gives and takes."""

    def keep_mounts_apart(self, path):
        self.with_options(path, lambda options: [
            option for option in options if option not in ("shared", "rshared")])

    def write_protect(self, path):
        self.with_options(path, lambda options: [
            option for option in options if option not in ("rw", "ro")] + ["ro"])


# --- docker run -----------------------------------------------------------------------------------


class CommandLine(OfMounts):
    """Flags of docker run, each as "--name=value"."""

    def __init__(self, flags):
        self.flags = list(flags)

    def add_option(self, name, value):
        self.flags.append(f"--{name}={value}" if value else f"--{name}")

    @staticmethod
    def volume(flag):
        """(source, target, options) of a flag that mounts something of the host, or None."""
        name, _, value = flag.partition("=")
        if name == "--volume":
            source, target, *options = value.split(":") if ":" in value else ("", value)
            return source, target, options[0].split(",") if options else []
        if name == "--mount":
            members = dict(member.partition("=")[::2] for member in value.split(","))
            return members.get("source", ""), members["target"], []
        return None

    def keep(self, is_kept):
        self.flags = [flag for flag in self.flags if is_kept(flag)]

    def drop_volume(self, path):
        self.keep(lambda flag: (self.volume(flag) or ("", None))[1] != path)

    def drop_volumes_from(self, source):
        self.keep(lambda flag: not f"{(self.volume(flag) or ('',))[0]}/".startswith(source + "/"))

    def drop_device(self, path):
        """None: every one."""
        def is_it(flag):
            name, _, value = flag.partition("=")
            parts = value.split(":")
            place = parts[1] if len(parts) > 1 and parts[1][0] == "/" else parts[0]
            return name == "--device" and path in (None, place)
        self.keep(lambda flag: not is_it(flag))
        if path is None:
            self.drop_volumes_from("/dev")
        else:
            self.drop_volume(path)

    def with_options(self, path, change):
        for i, flag in enumerate(self.flags):
            volume = self.volume(flag)
            if flag.startswith("--volume=") and volume[1] == path:
                options = ",".join(change(volume[2]))
                self.flags[i] = ":".join(filter(None, ("--volume=" + volume[0], path, options)))

    def drop_sysctl(self, end):
        self.keep(lambda flag: not (flag.startswith("--sysctl=") and
                                    flag[9:].partition("=")[0].endswith("." + end)))

    def drop_option(self, name, value):
        """Every one of that name, or with a value that is it or begins with it."""
        entry = f"--{name}" if value is None else f"--{name}={value}"
        self.keep(lambda flag: flag != entry and not flag.startswith((entry + "=", entry + ":")))


def flags_with(flags, answer):
    """The flags of a container with the change of its fix."""
    line = CommandLine(flags)
    apply(line, answer)
    return line.flags


# --- OCI ------------------------------------------------------------------------------------------


class Configuration(OfMounts):
    """An OCI configuration; default: what `runc spec` writes, as what an engine does by itself."""

    def __init__(self, spec, default):
        self.spec, self.default, self.linux = spec, default, spec["linux"]

    def is_default(self, mount):
        place = [mount[key] for key in ("destination", "type", "source")]
        return place in [[one[key] for key in ("destination", "type", "source")]
                         for one in self.default["mounts"]]

    def keep_mounts(self, is_kept):
        self.spec["mounts"] = [mount for mount in self.spec["mounts"] if is_kept(mount)]

    def drop_volume(self, path):
        self.keep_mounts(lambda mount: self.is_default(mount) or mount["destination"] != path)

    def drop_volumes_from(self, source):
        self.keep_mounts(lambda mount: self.is_default(mount)
                         or not (mount["source"] + "/").startswith(source + "/"))

    def drop_device(self, path):
        """With the node goes what the control group opens for it: --device makes both."""
        devices, rules = self.linux.get("devices", []), self.linux["resources"]["devices"]
        gone = [one for one in devices if path is None or one["path"] == path]
        keys = [[one[key] for key in ("type", "major", "minor")] for one in gone]
        self.linux["devices"] = [one for one in devices if one not in gone]
        self.linux["resources"]["devices"] = [
            rule for rule in rules
            if not rule["allow"] or [rule.get(key) for key in ("type", "major", "minor")] not in keys]
        if path is None:
            self.drop_volumes_from("/dev")
        else:
            self.drop_volume(path)

    def with_options(self, path, change):
        for mount in self.spec["mounts"]:
            if mount["destination"] == path and not self.is_default(mount):
                mount["options"] = change(mount["options"])

    def drop_sysctl(self, end):
        self.linux["sysctl"] = {name: value for name, value in self.linux.get("sysctl", {}).items()
                                if not name.endswith("." + end)}

    def drop_option(self, name, value):
        if name in ("pid", "ipc", "uts", "net", "network") and value == "host":
            self.add_namespace("network" if name == "net" else name)
        elif name == "security-opt" and value == "seccomp":
            self.linux["seccomp"] = REFUSING
        elif name == "security-opt" and value in ("unmask", "systempaths=unconfined"):
            self.protect_paths()
        elif name == "privileged":
            self.end_privileges()
        elif name in ("cpu-quota", "cpu-period"):
            self.linux["resources"].get("cpu", {}).pop(name.removeprefix("cpu-"), None)
        elif name == "device-cgroup-rule":
            self.linux["resources"]["devices"] = copy.deepcopy(
                self.default["linux"]["resources"]["devices"])
        elif name == "group-add":
            user = self.spec["process"]["user"]
            user["additionalGids"] = [gid for gid in user["additionalGids"] if str(gid) != value]
        elif name == "env":
            self.spec["process"]["env"] = [one for one in self.spec["process"]["env"]
                                           if not one.startswith(value + "=")]
        elif name == "tmpfs":
            self.keep_mounts(lambda mount: (mount["type"], mount["destination"]) != (name, value))
        else:
            assert name == "cap-add", f"--{name}={value}"  # --cap-drop=ALL, which follows, does

    def add_namespace(self, kind):
        if kind not in [one["type"] for one in self.linux["namespaces"]]:
            self.linux["namespaces"].append({"type": kind})

    def protect_paths(self):
        for name in ("maskedPaths", "readonlyPaths"):
            self.linux[name] = list(self.default["linux"][name])

    def end_privileges(self):
        """What --privileged opens is as it is without: paths, and /sys with what is below it."""
        self.protect_paths()
        for mount in self.spec["mounts"]:
            if self.is_default(mount) and mount["destination"].startswith("/sys"):
                mount["options"] = next(list(one["options"]) for one in self.default["mounts"]
                                        if one["destination"] == mount["destination"])

    def add_option(self, name, value):
        process, resources = self.spec["process"], self.linux.setdefault("resources", {})
        if name == "read-only":
            self.spec["root"]["readonly"] = True
        elif name == "user":
            process["user"]["uid"], process["user"]["gid"] = map(int, value.split(":"))
        elif name == "cap-drop" and value == "ALL":
            process["capabilities"] = {kind: [] for kind in process["capabilities"]}
        elif name == "cap-add":
            held = [] if process["user"]["uid"] else ["permitted", "effective"]
            for kind in ["bounding", *held]:
                process["capabilities"][kind].append("CAP_" + value)
        elif (name, value) == ("security-opt", "no-new-privileges"):
            process["noNewPrivileges"] = True
        elif name == "tmpfs":
            self.add_tmpfs(*value.split(":", 1))
        elif name == "memory":
            resources["memory"] = {"limit": int(value.removesuffix("m")) << 20}
        elif name == "sysctl":
            key, _, number = value.partition("=")
            self.linux.setdefault("sysctl", {})[key] = number
        elif name == "pids-limit":
            resources["pids"] = {"limit": int(value)}
        else:
            assert name == "cpus", f"--{name}={value}"
            resources["cpu"] = {"quota": int(float(value) * 100000), "period": 100000}

    def add_tmpfs(self, path, options):
        """Before what may be mounted below it: engines put mounts in order."""
        place = next((i for i, mount in enumerate(self.spec["mounts"])
                      if mount["destination"].startswith(path + "/")), len(self.spec["mounts"]))
        self.spec["mounts"].insert(place, {"destination": path, "type": "tmpfs", "source": "tmpfs",
                                           "options": options.split(",")})


def edit_with(answer, default):
    """The change of a fix, as an edit of a configuration."""
    def edit(spec):
        apply(Configuration(spec, copy.deepcopy(default)), answer)
    return edit
