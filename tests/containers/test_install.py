"""`install` carries the binary into images that have no shell and no cp."""
import subprocess

from container import HARDENED, Container


def test_an_installed_copy_runs_in_another_container(runc, tmp_path):
    share = runc.folder / "share"
    share.mkdir()
    share.chmod(0o777)
    (runc.scratch / "share").mkdir(exist_ok=True)
    volume = {"destination": "/share", "type": "bind", "source": str(share),
              "options": ["bind", "rw"]}
    container = Container(uid=1000, gid=1000, read_only=True, rootfs=str(runc.scratch),
                          mounts=[volume])
    done = runc.run(container, ["/watertight", "install", "/share"])
    assert done.returncode == 0, done.stderr
    installed = share / "watertight"
    assert installed.stat().st_mode & 0o7777 == 0o755
    assert installed.read_bytes() == runc.binary.read_bytes()
    assert [p.name for p in share.iterdir()] == ["watertight"]
    hardened = Container(**HARDENED, rootfs=str(runc.scratch), mounts=[
        {**volume, "options": ["bind", "ro"]}])
    # The folder is one of the host; from an engine's volume it would not count.
    done = runc.run(hardened, ["/share/watertight", "--policy", "baseline", "--skip",
                               "mounts.host-path"])
    assert done.returncode == 0, (done.stdout, done.stderr)


def test_a_destination_that_cannot_be_written_is_74(binary, tmp_path):
    done = subprocess.run([binary, "install", tmp_path / "none/watertight"],
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 74
    assert "none/watertight" in done.stderr
    assert list(tmp_path.iterdir()) == []
