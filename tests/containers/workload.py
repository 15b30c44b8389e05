"""The images that the manifests of deploy/ name: watertight, by its Dockerfile, and a small workload in
the place of shop-api:hardened, which takes long to build."""
import pathlib
import shutil
import subprocess

from oci_engine import make_rootfs

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Called node, as sidecars look for it: the kernel names a process by its script.
PROGRAM = """#!/bin/sh
trap 'exit 0' TERM
while :; do sleep 1000 & wait; done
"""


def make_images(engine, binary, folder):
    place = "localhost/" if engine.name == "podman" else ""
    (folder / "build/static").mkdir(parents=True)
    shutil.copy2(binary, folder / "build/static/watertight")
    shutil.copy2(ROOT / "Dockerfile", folder)
    done = engine.call("build", "--network=none", f"--tag={place}watertight", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    rootfs = make_rootfs(folder / "rootfs", binary)
    (rootfs / "watertight").unlink()
    (rootfs / "usr/bin/node").write_text(PROGRAM)
    (rootfs / "usr/bin/node").chmod(0o755)
    archive = folder / "shop-api.tar"
    subprocess.run(["tar", "--owner=0", "--group=0", "-C", rootfs, "-cf", archive, "."], check=True)
    done = engine.call("import", '--change=CMD ["/usr/bin/node"]', str(archive),
                       f"{place}shop-api:hardened")
    assert done.returncode == 0, done.stderr
