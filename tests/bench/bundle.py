"""Makes a bundle for runc of which the seccomp profile counts, to measure in:

    bundle.py docker|kill|none WATERTIGHT -- WORD... < SPEC > CONFIG

Reads what `runc spec` writes. Of the words to run, COUNT becomes the number of calls that
watertight asks about."""
import json
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/containers"))

import oci_seccomp  # noqa: E402


def profile(name):
    """Docker's default for a container without capabilities; or one that kills instead."""
    default = json.loads((ROOT / "tests/fixtures/seccomp/docker-20.10.json").read_text())
    resolved = oci_seccomp.resolve(default, set(), platform.machine())
    if name == "kill":
        known = set(oci_seccomp.numbers(platform.machine()))
        resolved["defaultAction"] = "SCMP_ACT_KILL_PROCESS"
        # sysinfo: the driver sorts by qsort(3).
        resolved["syscalls"] = [{"names": sorted(oci_seccomp.ESSENTIAL & known) + ["sysinfo"],
                                 "action": "SCMP_ACT_ALLOW"}]
    return resolved


def count(watertight):
    done = subprocess.run([watertight, "observe"], stdout=subprocess.PIPE, check=True)
    rows = json.loads(done.stdout)["facts"]
    names = sum(len(row["value"]) for row in rows if row["key"] == "seccomp.syscalls")
    return names + sum(row["key"] == "seccomp.calls" for row in rows)


def main(name, watertight, words):
    config = json.load(sys.stdin)
    config["process"]["terminal"] = False
    config["process"]["noNewPrivileges"] = True
    config["process"]["args"] = [str(count(watertight)) if word == "COUNT" else word
                                 for word in words]
    if name != "none":
        config["linux"]["seccomp"] = profile(name)
    json.dump(config, sys.stdout)


main(sys.argv[1], sys.argv[2], sys.argv[4:])
