"""Holes in containers: how each engine is told to make one, and the rule that must find it."""
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Tuple

Edit = Callable[[dict], None]


@dataclass
class Hole:
    """The same container with and without it must differ in this rule alone, unless it says more."""

    name: str
    rule: str
    subjects: Optional[List[str]] = None  # that fail; None: the rule has none
    also: Tuple[str, ...] = ()  # rules that the same hole breaks too
    also_of: Dict[str, Tuple[str, ...]] = field(default_factory=dict)  # with that engine
    words: Tuple[str, ...] = ()  # that the message holds
    edit: Optional[Edit] = None  # runc and crun: of config.json
    flags: Optional[List[str]] = None  # Docker and Podman
    docker: Optional[List[str]] = None  # of Docker alone
    podman: Optional[List[str]] = None  # of Podman alone
    without: Tuple[str, ...] = ()  # flags of the container without the hole that are left out
    uid: int = 1000

    def changes(self, engine):
        """How the engine makes it, as changes to a Container; None where it cannot."""
        if engine in ("runc", "crun"):
            return None if self.edit is None else {"edit": self.edit}
        flags = getattr(self, engine) if getattr(self, engine) is not None else self.flags
        return None if flags is None else {"flags": flags}


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


def with_resources(**resources):
    def edit(spec):
        spec["linux"]["resources"].update(resources)
    return edit


def without_resource(name):
    def edit(spec):
        del spec["linux"]["resources"][name]
    return edit


def combine(sets: Dict[str, List[Hole]]):
    return [hole for holes in sets.values() for hole in holes]
