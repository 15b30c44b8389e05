"""A file tree for the kernel to start from: programs of this machine, modules, files; as cpio."""
import os
import pathlib
import re
import stat
import subprocess

BUSYBOX = ("/usr/bin/busybox", "/bin/busybox")


class Tree:
    """Path in the tree -> (mode, bytes)."""

    def __init__(self):
        self.entries = {}

    def folder(self, path, mode=0o755):
        path = path.strip("/")
        if path and path not in self.entries:
            self.folder(os.path.dirname(path))
            self.entries[path] = stat.S_IFDIR | mode, b""

    def file(self, path, data, mode=0o644):
        path = path.strip("/")
        self.folder(os.path.dirname(path))
        self.entries[path] = stat.S_IFREG | mode, data.encode() if isinstance(data, str) else data

    def link(self, path, to):
        path = path.strip("/")
        self.folder(os.path.dirname(path))
        self.entries[path] = stat.S_IFLNK | 0o777, to.encode()

    def copy(self, source, path=None):
        self.file(path or source, pathlib.Path(source).read_bytes(), os.stat(source).st_mode & 0o777)

    def program(self, source, path=None):
        """With the shared libraries that it needs, where they lie on this machine."""
        self.copy(source, path)
        listed = subprocess.run(["ldd", source], stdout=subprocess.PIPE, text=True, check=True)
        for library in re.findall(r"(/\S+) \(0x", listed.stdout):
            self.copy(library)

    def busybox(self, folder):
        """The shell and every other applet."""
        source = next(path for path in BUSYBOX if os.path.exists(path))
        self.copy(source, f"{folder}/busybox")
        listed = subprocess.run([source, "--list"], stdout=subprocess.PIPE, text=True, check=True)
        for applet in listed.stdout.split():
            if applet != "busybox":
                self.link(f"{folder}/{applet}", "busybox")

    def modules(self, folder, names):
        """Copies modules to /modules, numbered in the order in which they can be loaded."""
        found = {path.stem.replace("-", "_"): path for path in pathlib.Path(folder).rglob("*.ko")}
        order = []

        def add(name):
            for needed in _depends(found[name]):
                add(needed)
            if name not in order:
                order.append(name)

        for name in names:
            add(name)
        for i, name in enumerate(order):
            self.copy(found[name], f"modules/{i:02}-{name}.ko")

    def write(self, path):
        """The format "newc" of the kernel's Documentation/driver-api/early-userspace."""
        with open(path, "wb") as out:
            for i, (name, (mode, data)) in enumerate(self.entries.items()):
                _put(out, i + 1, name, mode, data)
            _put(out, 0, "TRAILER!!!", 0, b"")


def _depends(module):
    text = re.search(rb"\0depends=([^\0]*)\0", module.read_bytes())
    return [name.replace("-", "_") for name in text.group(1).decode().split(",") if name]


def _put(out, inode, name, mode, data):
    name = name.encode() + b"\0"
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    out.write(b"070701" + b"".join(b"%08X" % field for field in fields) + name)
    out.write(b"\0" * (-(110 + len(name)) % 4) + data + b"\0" * (-len(data) % 4))
