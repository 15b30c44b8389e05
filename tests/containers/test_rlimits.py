"""The example of rules over ulimits, on every engine: what it asks for, and what it says to do."""
import json
import pathlib
import shlex

import pytest

from container import Container

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "docs/example-ulimits.json"
RULES = {"ulimits.open-files RLIMIT_NOFILE", "ulimits.core-dumps RLIMIT_CORE"}
KEPT = {"RLIMIT_NOFILE": (512, 1024), "RLIMIT_CORE": (0, 0)}


def statuses(engine, rlimits):
    container = Container(uid=1000, gid=1000, rlimits=rlimits, tmpfs={"/tmp": "rw,mode=1777"})
    script = (f"echo {shlex.quote(EXAMPLE.read_text())} > /tmp/policy.json; "
              "exec /watertight -p /tmp/policy.json --only ulimits. -f json")
    done = engine.run(container, ["/bin/sh", "-c", script])
    assert done.returncode in (0, 1), done.stderr
    return {f"{row['id']} {row['subject']}": row for row in json.loads(done.stdout)["checks"]}


def test_limits_that_the_example_asks_for_pass(engine):
    rows = statuses(engine, KEPT)
    assert {name: row["status"] for name, row in rows.items()} == dict.fromkeys(RULES, "pass")
    assert rows["ulimits.open-files RLIMIT_NOFILE"]["observed"] == 1024


@pytest.mark.parametrize("rlimit, value, rule", [
    ("RLIMIT_CORE", (0, 4096), "ulimits.core-dumps RLIMIT_CORE"),
    ("RLIMIT_NOFILE", (512, 4097), "ulimits.open-files RLIMIT_NOFILE"),
])
@pytest.mark.engines("runc", "docker")
def test_a_limit_that_may_be_raised_too_far_fails_its_rule_alone(engine, rlimit, value, rule):
    rows = statuses(engine, {**KEPT, rlimit: value})
    assert {name for name, row in rows.items() if row["status"] == "fail"} == {rule}
    assert rows[rule]["observed"] == value[1]
    assert rows[rule]["remedy"]["docker"].startswith("--ulimit=")
