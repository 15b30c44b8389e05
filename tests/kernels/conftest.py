"""Each machine runs once a session; the tests read what it saw."""
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(__file__)
sys.path.insert(0, HERE)

import cases  # noqa: E402
import machine  # noqa: E402


def _files(folder, mode):
    if mode == "apparmor":
        return {f"profiles/{name}": text for name, text in cases.PROFILES.items()}
    policy = folder / "policy"
    subprocess.run(["secilc", "--policyvers=33", "--output", str(policy),
                    "--filecontext=/dev/null", os.path.join(HERE, "policy.cil")], check=True)
    return {"policy": policy.read_bytes()}


@pytest.fixture(scope="session")
def machines(binary, tmp_path_factory):
    """Mode -> the folder of its results."""
    ran = {}

    def get(mode):
        if mode not in ran:
            folder = tmp_path_factory.mktemp(mode)
            machine.build(folder / "initramfs", binary, mode, cases.MACHINES[mode],
                          _files(folder, mode))
            ran[mode] = machine.boot(folder, mode)
        return ran[mode]

    return get


@pytest.fixture(scope="session")
def seen(machines):
    """seen(MODE, CASE)"""
    return lambda mode, name: machine.seen(machines(mode), name)
