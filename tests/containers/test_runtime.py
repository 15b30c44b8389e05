"""The engine, the container's id and the orchestrator are told right."""
import json
import re
import subprocess

import pytest

from container import HARDENED, Container


def runtime_facts(done):
    rows = json.loads(done.stdout)["facts"]
    return {row["key"]: row for row in rows if row["key"].startswith("runtime.")}


def test_each_engine_is_told(engine):
    images = [{}]
    if engine.name in ("docker", "podman"):
        images = [{"image": engine.image}, {"image": engine.scratch_image}]
    for options in images:
        for container in (Container(), Container(**HARDENED)):
            facts = runtime_facts(engine.run(container, ["/watertight", "observe"], **options))
            if engine.name in ("docker", "podman"):
                assert facts["runtime.name"]["value"] == engine.name
                assert re.fullmatch("[0-9a-f]{64}", facts["runtime.container_id"]["value"])
            else:
                # runc and crun leave no name of their own: unknown, and never "none".
                assert facts["runtime.name"]["state"] == "unknown"
                assert "container" in facts["runtime.name"]["reason"]
            assert facts["runtime.orchestrator"]["state"] == "absent"


@pytest.mark.engines("docker", "podman")  # an OCI runtime's id is its caller's choice
def test_the_id_is_the_engines_own(engine):
    made = engine.call("create", "--network=none", engine.image, "/watertight", "observe")
    identity = made.stdout.strip()
    try:
        done = engine.call("start", "--attach", identity)
        assert runtime_facts(done)["runtime.container_id"]["value"] == identity
    finally:
        engine.call("rm", "--force", identity)


def test_a_plain_host_has_none(binary):
    done = subprocess.run([binary, "observe"], stdout=subprocess.PIPE, text=True)
    facts = runtime_facts(done)
    assert facts["runtime.name"]["value"] == "none"
    assert facts["runtime.container_id"]["state"] == "absent"
    assert facts["runtime.orchestrator"]["state"] == "absent"
