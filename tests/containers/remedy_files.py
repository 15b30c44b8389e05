"""Does what `watertight fix` says to a service of a Compose file and to a Pod, as its reader would.
Like remedy.py it knows the words of fix and of these files, and not what is wrong; what it does not
understand is an error."""
import re

import yaml


def read(text):
    """(fragment, what to remove, finding -> why it cannot be fixed)"""
    lines = text.splitlines()
    remove = [line[10:].split("  # ")[0] for line in lines if line.startswith("# remove: ")]
    rest = dict(line[19:].split(": ", 1) for line in lines
                if line.startswith("# cannot be fixed: "))
    return yaml.safe_load(text) or {}, remove, rest


def merge(into, fragment):
    """Members of maps, elements of lists; those that have a name (or a mountPath) by it."""
    for key, value in fragment.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            for element in value:
                add_element(into.setdefault(key, []), element)
        else:
            into[key] = value


def add_element(into, element):
    key = "mountPath" if isinstance(element, dict) and "mountPath" in element else "name"
    same = [one for one in into if isinstance(one, dict) and isinstance(element, dict)
            and one.get(key) == element.get(key)]
    if same:
        merge(same[0], element)
    elif element not in into:
        into.append(element)


def act(change, words, entry):
    found = next(((re.fullmatch(pattern, entry), method) for pattern, method in words
                  if re.fullmatch(pattern, entry)), None)
    assert found is not None, f"nobody knows what this means: {entry}"
    getattr(change, found[1])(**found[0].groupdict())


# --- Compose --------------------------------------------------------------------------------------


class Service:
    """A service whose lists are lists of texts."""

    WORDS = [
        (r"volumes: (?P<source>/sys/fs/cgroup) or below it", "drop_volumes_from"),
        (r"volumes: (?:\S.* )?at (?P<path>/.*)", "drop_volume"),
        (r"volumes: write access at (?P<path>/.*) \(let it end in :ro\)", "write_protect"),
        (r"devices or volumes: (?:each of \d+|[bc] \S+ (?P<path>/.*))", "drop_device"),
        (r"propagation: rshared or shared at (?P<path>/.*)", "keep_mounts_apart"),
        (r"environment: (?P<value>.+)", "drop_variable"),
        (r"(?P<key>security_opt|tmpfs|group_add): (?P<value>.+)", "drop_element"),
        (r"sysctls: …(?P<end>\w+)", "drop_sysctl"),
        (r"(?P<key>[a-z_]+): (?P<value>host)", "drop_host"),
        (r"(?P<key>privileged|cap_add|cpu_quota|cpu_period|device_cgroup_rules)", "drop_member"),
    ]

    def __init__(self, service):
        self.service = service

    def keep(self, key, is_kept):
        if key in self.service:
            self.service[key] = [one for one in self.service[key] if is_kept(str(one))]

    def drop_volumes_from(self, source):
        self.keep("volumes", lambda one: not (one.split(":")[0] + "/").startswith(source + "/"))

    def drop_volume(self, path):
        self.keep("volumes", lambda one: one.split(":")[1] != path)

    def with_options(self, path, change):
        for i, one in enumerate(self.service.get("volumes", [])):
            source, target, *options = one.split(":")
            if target == path:
                options = change(options[0].split(",") if options else [])
                self.service["volumes"][i] = ":".join([source, target, *([",".join(options)]
                                                                        if options else [])])

    def write_protect(self, path):
        self.with_options(path, lambda options: [one for one in options if one != "rw"] + ["ro"])

    def keep_mounts_apart(self, path):
        self.with_options(path, lambda options: [one for one in options
                                                 if one not in ("rshared", "shared")])

    def drop_device(self, path):
        self.keep("devices", lambda one: path is not None and (one.split(":") * 2)[1] != path)
        if path is not None:
            self.drop_volume(path)

    def drop_variable(self, value):
        self.keep("environment", lambda one: not one.startswith(value + "="))

    def drop_element(self, key, value):
        self.keep(key, lambda one: one != value and not one.startswith((value + ":", value + "=")))

    def drop_sysctl(self, end):
        self.keep("sysctls", lambda one: not one.partition("=")[0].endswith("." + end))

    def drop_host(self, key, value):
        if self.service.get(key) == value:
            del self.service[key]

    def drop_member(self, key):
        self.service.pop(key, None)


def fixed_service(service, text):
    """Changes the service; finding -> why it cannot be fixed."""
    fragment, remove, rest = read(text)
    for entry in remove:
        act(Service(service), Service.WORDS, entry)
    merge(service, fragment.get("services", {}).get("app", {}))
    return rest


# --- Kubernetes -----------------------------------------------------------------------------------


class Pod:
    """A Pod of one container."""

    WORDS = [
        (r"hostPath: (?P<source>/sys/fs/cgroup) or below it", "drop_volumes_from"),
        (r"(?:hostPath: \S.*|volumeMounts:) at (?P<path>/.*)", "drop_mount"),
        (r"hostPath or volumeDevices: (?:each of \d+|[bc] \S+ (?P<path>/.*))", "drop_device"),
        (r"volumeMounts: write access at (?P<path>/.*) \(readOnly: true\)", "write_protect"),
        (r"mountPropagation: Bidirectional at (?P<path>/.*)", "keep_mounts_apart"),
        (r"env: (?P<name>.+)", "drop_variable"),
        (r"securityContext\.(?P<path>[A-Za-z.]+)(?:: (?P<value>\d+))?", "drop_setting"),
    ]

    def __init__(self, pod):
        self.spec = pod["spec"]
        (self.container,) = self.spec["containers"]

    def mounts(self):
        return self.container.get("volumeMounts", [])

    def keep_mounts(self, is_kept):
        self.container["volumeMounts"] = [one for one in self.mounts() if is_kept(one)]
        kept = {one["name"] for one in self.mounts()}
        self.spec["volumes"] = [one for one in self.spec.get("volumes", []) if one["name"] in kept]

    def drop_mount(self, path):
        self.keep_mounts(lambda one: one["mountPath"] != path)

    def drop_volumes_from(self, source):
        names = {one["name"] for one in self.spec.get("volumes", [])
                 if (one.get("hostPath", {}).get("path", "") + "/").startswith(source + "/")}
        self.keep_mounts(lambda one: one["name"] not in names)

    def drop_device(self, path):
        if path is not None:
            self.drop_mount(path)

    def write_protect(self, path):
        for one in self.mounts():
            if one["mountPath"] == path:
                one["readOnly"] = True

    def keep_mounts_apart(self, path):
        for one in self.mounts():
            if one["mountPath"] == path:
                one.pop("mountPropagation", None)

    def drop_variable(self, name):
        self.container["env"] = [one for one in self.container.get("env", [])
                                 if one["name"] != name]

    def drop_setting(self, path, value):
        *folders, last = path.split(".")
        for owner in (self.spec, self.container):
            place = owner.get("securityContext", {})
            for folder in folders:
                place = place.get(folder, {})
            if value is None:
                place.pop(last, None)
            elif isinstance(place.get(last), list):
                place[last] = [one for one in place[last] if str(one) != value]
            elif str(place.get(last)) == value:
                del place[last]


def fixed_pod(pod, text):
    """Changes the Pod; finding -> why it cannot be fixed."""
    fragment, remove, rest = read(text)
    for entry in remove:
        act(Pod(pod), Pod.WORDS, entry)
    merge(pod, fragment)
    return rest
