"""A virtual machine with Debian's kernel that runs containers and hands back what was seen."""
import json
import os
import pathlib
import subprocess
import tarfile
from dataclasses import dataclass

from initramfs import Tree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KERNEL = ROOT / "build/kernels"
TIMEOUT = 1500  # seconds; it takes some 150 on two processors that have nothing else to do
RESULTS_SIZE = 64 * 1024 * 1024
COMMAND_LINES = {
    "apparmor": "lsm=landlock,lockdown,yama,integrity,apparmor,bpf",
    "selinux": "lsm=landlock,lockdown,yama,integrity,selinux,bpf selinux=1 enforcing=1",
}
# What a twin prints before it waits to be looked at.
TWIN = r"""
for name in cgroup mountinfo limits attr/current; do
    while IFS= read -r line; do echo "$name $line"; done 2>/dev/null < /proc/self/$name
done
if renice 5 $$ >/dev/null 2>&1; then echo "renice done"; else echo "renice refused"; fi
if mkdir /sys/fs/cgroup/made 2>/dev/null; then echo "mkdir done"; else echo "mkdir refused"; fi
rmdir /sys/fs/cgroup/made 2>/dev/null
echo ready
exec sleep 600
"""


@dataclass
class Seen:
    """What one case printed: watertight, its twin, and the kernel of the twin."""

    status: int
    report: dict
    errors: str
    inside: list
    host: dict

    def fact(self, key, subject=None):
        rows = [row for row in self.report["facts"]
                if row["key"] == key and row.get("subject") == subject]
        assert len(rows) == 1, (key, subject, rows)
        return rows[0]

    def value(self, key, subject=None):
        """None: absent. What is unknown fails the test."""
        row = self.fact(key, subject)
        assert row["state"] != "unknown", row
        return row.get("value")

    def verdict(self, rule, subject=None):
        rows = [row for row in self.report["checks"]
                if row["id"] == rule and (subject is None or row["subject"] == subject)]
        assert rows, rule
        statuses = {row["status"] for row in rows}
        return statuses.pop() if len(statuses) == 1 else statuses

    def told(self, name):
        """The lines that the twin read from one of its files."""
        return [line[len(name) + 1:] for line in self.inside if line.startswith(name + " ")]


def build(path, binary, mode, cases, files):
    """cases: name -> Case; files: path -> text."""
    tree = Tree()
    for folder in ("proc", "sys", "dev", "run", "tmp", "etc"):
        tree.folder(folder)
    tree.copy(HERE / "init.sh", "init")
    tree.entries["init"] = 0o100755, tree.entries["init"][1]
    tree.busybox("bin")
    for program in ("/usr/sbin/runc", "/usr/bin/crun"):
        tree.program(program, "bin/" + os.path.basename(program))
    tree.program(str(KERNEL / "root/sbin/apparmor_parser"), "bin/apparmor_parser")
    tree.modules(KERNEL / "root/lib/modules", ["virtio_pci", "virtio_blk", "overlay"])
    for folder in ("bin", "dev", "etc", "proc", "run", "sys", "usr/bin", "var"):
        tree.folder("image/" + folder)
    tree.folder("image/tmp", 0o1777)
    tree.busybox("image/bin")
    tree.copy(binary, "image/watertight")
    tree.file("mode", mode)
    for name, text in files.items():
        tree.file(name, text)
    for name, case in cases.items():
        for file, text in case.files().items():
            tree.file(f"cases/{name}/{file}", text)
    tree.write(path)


def boot(folder, mode):
    """Runs the machine to its end; the folder of the results."""
    kernel = next((KERNEL / "root/boot").glob("vmlinuz-*"))
    disk = folder / "disk"
    with open(disk, "wb") as file:
        file.truncate(RESULTS_SIZE)
    done = subprocess.run(
        # Emulated, so that it is the same on every machine: not each /dev/kvm runs each kernel.
        ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024",
         "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial",
         f"file:{folder / 'console'}", "-kernel", str(kernel),
         "-initrd", str(folder / "initramfs"),
         "-drive", f"file={disk},format=raw,if=virtio",
         "-append", f"console=ttyS0 panic=-1 {COMMAND_LINES[mode]}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stdout
    results = folder / "results"
    try:
        with tarfile.open(disk) as archive:
            archive.extractall(results)
    except tarfile.TarError:
        console = (folder / "console").read_text(errors="replace")
        raise AssertionError(f"the machine gave no results:\n{console[-4000:]}") from None
    disk.unlink()
    return results


def seen(results, name):
    folder = results / name
    report = (folder / "report").read_text()
    errors = (folder / "errors").read_text() + (folder / "twin-errors").read_text()
    inside = (folder / "inside").read_text().splitlines()
    assert report and "ready" in inside, f"{name}: {errors}"
    return Seen(int((folder / "status").read_text()), json.loads(report), errors, inside,
                {path.name: path.read_bytes().decode() for path in (folder / "host").iterdir()})
