"""Reports of real containers: schemas, TAP, several at once, and what cannot be written."""
import json
import pathlib
import re
import subprocess

import jsonschema
import pytest

from container import HARDENED, REFUSING, Container

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs/schema"


def validate(document, name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("container", [Container(seccomp="unconfined"),
                                       Container(**HARDENED, seccomp=REFUSING)])
def test_output_is_valid_by_the_schemas(runc, container):
    for policy in ("baseline", "restricted", "hardened", "strict"):
        done = runc.run(container, ["/watertight", "--format", "json", "--policy", policy])
        validate(json.loads(done.stdout), "report")
    validate(json.loads(runc.run(container, ["/watertight", "observe"]).stdout), "facts")


def test_the_schema_refuses_what_is_not_a_report(runc):
    done = runc.run(Container(), ["/watertight", "--format", "json"])
    for change in ({"verdict": "maybe"}, {"schema": "x"}, {"extra": 1}, {"checks": [{}]}):
        with pytest.raises(jsonschema.ValidationError):
            validate({**json.loads(done.stdout), **change}, "report")


def test_policies_are_valid_by_the_schema():
    for path in sorted((ROOT / "agent/policies").glob("*.json")):
        validate(json.loads(path.read_text()), "policy")
    example = json.loads((ROOT / "docs/example-policy.json").read_text())
    validate(example, "policy")
    with pytest.raises(jsonschema.ValidationError):
        validate({**example, "rulez": {}}, "policy")


def test_saved_facts_are_judged_as_the_container_was(runc, binary, tmp_path):
    for container, expected in ((Container(), 1), (Container(**HARDENED, seccomp=REFUSING), 0)):
        done = runc.run(container, ["/watertight", "--format", "json"])
        assert done.returncode == expected
        saved = tmp_path / "report.json"
        saved.write_text(done.stdout)
        again = subprocess.run([binary, "judge", saved, "--format", "json"], text=True,
                               stdout=subprocess.PIPE)
        assert again.returncode == expected
        assert json.loads(again.stdout)["checks"] == json.loads(done.stdout)["checks"]


WAIVED = {"schema": "watertight.policy/1", "name": "w", "extends": "hardened",
          "waivers": [{"rule": "user.", "reason": "r"}, {"rule": "capabilities.", "reason": "r"},
                      {"rule": "privileges.", "reason": "r"}, {"rule": "seccomp.", "reason": "r"},
                      {"rule": "mounts.", "reason": "r"}, {"rule": "filesystem.", "reason": "r"}]}


def prove_knows_14():
    """Test::Harness reads version 14 since 3.48; what we use of it is in version 13 as well."""
    version = subprocess.run(["prove", "--version"], stdout=subprocess.PIPE, text=True).stdout
    return tuple(map(int, re.search(r"v(\d+)\.(\d+)", version).groups())) >= (3, 48)


@pytest.mark.parametrize("name, container, arguments, expected", [
    ("pass", Container(**HARDENED, seccomp=REFUSING), [], 0),
    ("fail", Container(), [], 1),
    ("incomplete", Container(**HARDENED, seccomp=REFUSING), ["--policy", "/unknown.json"], 2),
    ("waived", Container(), ["--policy", "/waived.json"], 0),
    ("below the threshold", Container(bounding=[]), ["--fail-on", "critical"], 0),
    ("skipped", Container(**HARDENED, seccomp=REFUSING), ["--skip", "user."], 0),
])
def test_prove_agrees_with_the_exit_status(runc, tmp_path, name, container, arguments, expected):
    (runc.rootfs / "waived.json").write_text(json.dumps(WAIVED))
    # Nothing inside a plain runc container tells its id, so a rule about it is undetermined.
    (runc.rootfs / "unknown.json").write_text(json.dumps({
        "schema": "watertight.policy/1", "name": "u", "extends": "hardened",
        "rules": {"shop.id": {"title": "t", "severity": "low", "fact": "runtime.container_id",
                              "operator": "is", "operand": "x"}}}))
    done = runc.run(container, ["/watertight", "--format", "tap", *arguments])
    assert done.returncode == expected, (name, done.stdout, done.stderr)
    assert done.stdout.startswith("TAP version 14\n1..")
    tap = tmp_path / "report.tap"
    tap.write_text(done.stdout if prove_knows_14() else done.stdout.replace("14", "13", 1))
    proved = subprocess.run(["prove", "--exec", "cat", str(tap)], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    assert (proved.returncode == 0) == (expected == 0), proved.stdout
    assert "Parse errors" not in proved.stdout, proved.stdout


def test_several_reports_at_once(binary, tmp_path):
    done = subprocess.run(
        [binary, "--format", "text", "--format", f"json={tmp_path / 'r.json'}", "--format",
         f"tap={tmp_path / 'r.tap'}"], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "fail"
    assert (tmp_path / "r.tap").read_text().startswith("TAP version 14")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.json", "r.tap"]


def test_what_cannot_be_written_is_74(binary, tmp_path):
    run = lambda *arguments, **options: subprocess.run(  # noqa: E731
        [binary, *arguments], stderr=subprocess.PIPE, text=True, **options)
    with open("/dev/full", "w") as full:
        assert run(stdout=full).returncode == 74
    assert run("--format", "json=/dev/full").returncode == 74
    missing = run("--format", f"json={tmp_path}/none/r.json")
    assert missing.returncode == 74
    assert "none/r.json" in missing.stderr
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    assert run(stdout=reader.stdin).returncode == 74
    old = tmp_path / "old.json"
    old.write_text("old")
    script = f"ulimit -f 1; exec {binary} --policy strict --format json={old}"
    done = subprocess.run(["sh", "-c", script], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 74, done.stderr
    assert old.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old.json"]


def test_a_full_disk_is_74_and_the_old_report_stays(binary, tmp_path):
    script = (f"mount -t tmpfs -o size=16k tmpfs {tmp_path} && cd {tmp_path} && echo old > r.json; "
              f"{binary} --quiet --policy strict --format json=r.json; echo $?; cat r.json; ls -A")
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    assert done.stdout.split() == ["74", "old", "r.json"], (done.stdout, done.stderr)
    assert "No space left on device" in done.stderr


def test_a_terminal_gets_colour_and_nothing_else_does(binary):
    plain = subprocess.run([binary], stdout=subprocess.PIPE, text=True).stdout
    assert "\033" not in plain
    # A word that is longer than a line, as the path of a mount may be here, stands alone.
    assert all(len(line) <= 80 or len(line.split()) == 1 for line in plain.splitlines()), plain
    shown = subprocess.run(["script", "-qec", str(binary), "/dev/null"], stdout=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, env={"TERM": "xterm"}).stdout
    assert b"\033[" in shown
    quiet = subprocess.run(["script", "-qec", str(binary), "/dev/null"], stdout=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, env={"TERM": "xterm", "NO_COLOR": "1"}).stdout
    assert b"\033" not in quiet
