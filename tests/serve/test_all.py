"""`serve --all`: each test has a PID namespace of its own, in which the server is the first process and
containers are processes with a mount namespace of theirs. Nothing else on the machine is seen."""
import fcntl
import json
import os
import re
import signal
import subprocess
import threading

import jsonschema
import pytest

from conftest import ROOT, wait_until

ALONE = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"]
ONLY = "--only=privileges.no-new-privileges"
# Becomes as the rule wants it, keeping its name, once it reads a line; ends with its input.
PROGRAM = """
import ctypes, sys
print(flush=True)
for line in sys.stdin:
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    print(flush=True)
"""


class Crowd:
    """The server, and the containers that it sees."""

    def __init__(self, server):
        self.server = server
        server.pid = wait_until(server.children)[0]
        self.containers = []

    def add(self, prefix=(), program=("/usr/bin/python3", "-c", PROGRAM)):
        made = subprocess.Popen(
            ["nsenter", f"--target={self.server.pid}", "--pid", "--mount", "unshare", "--mount",
             *prefix, *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.containers.append(made)
        if program[-1] == PROGRAM:
            made.stdout.readline()
        return made

    def add_good(self):
        return self.add(["setpriv", "--no-new-privs"])

    @staticmethod
    def mend(container):
        container.stdin.write("\n")
        container.stdin.flush()
        container.stdout.readline()

    @staticmethod
    def remove(container):
        container.stdin.close()
        container.wait(10)
        container.stdout.close()

    def end(self):
        """What is in the namespace ends with the server, its first process."""
        self.server.process.kill()
        self.server.process.wait(10)
        for container in self.containers:
            container.kill()
            container.wait(10)
            container.stdin.close()
            container.stdout.close()

    def count(self):
        document = json.loads(self.server.ask("/report")[2])
        return len(document["reports"])

    def wait_for_count(self, count):
        self.server.wait_for("/report", 200)
        wait_until(lambda: self.count() == count)


@pytest.fixture
def crowd(serve):
    made = []

    def start(*options, **more):
        made.append(Crowd(serve("--all", *options, prefix=ALONE, **more)))
        return made[-1]

    yield start
    for one in made:
        one.end()


def validator(name):
    schema = json.loads((ROOT / f"docs/schema/{name}.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema)


def samples(text):
    """Every series of an exposition: its text before the value."""
    return [line.rsplit(" ", 1)[0] for line in text.splitlines() if not line.startswith("#")]


def test_readiness_names_the_checks_of_each_container(crowd):
    many = crowd("--interval=200ms", ONLY)
    server = many.server
    # Where the machine's own processes are out of sight, seeing none proves nothing.
    server.wait_for("/report", 200)
    status, _, body = server.ask("/readyz")
    assert status == 503
    assert body.startswith("not ready: 0 containers\nnone is to be seen, which proves nothing")
    many.add_good()
    server.wait_for("/readyz", 200)
    assert server.ask("/readyz")[2] == "ready: 1 containers\n"
    bad = many.add()
    server.wait_for("/readyz", 503)
    assert re.fullmatch(
        r"not ready: 2 containers\n"
        r"process \d+ \(python3\), runtime [a-z]+: fail\n"
        r"  fail privileges\.no-new-privileges \[high\]\n", server.ask("/readyz")[2])
    many.mend(bad)
    server.wait_for("/readyz", 200)
    other = many.add()
    server.wait_for("/readyz", 503)
    many.remove(other)
    server.wait_for("/readyz", 200)
    assert server.metric("watertight_ready") == 1


def test_each_change_of_a_container_is_one_line(crowd):
    many = crowd("--interval=200ms", ONLY)
    many.add_good()
    many.wait_for_count(1)
    bad = many.add()
    many.wait_for_count(2)
    many.mend(bad)
    many.server.wait_for("/readyz", 200)
    many.remove(bad)
    many.wait_for_count(1)
    lines = wait_until(lambda: (lines := many.server.changes())[-1]["to"] is None and lines)
    for line in lines:
        validator("change").validate(line)
    numbers = []
    for line in lines:
        number = line.get("container", {}).get("pid")
        if number is not None and number not in numbers:
            numbers.append(number)
    told = [(line["kind"], "container" in line and numbers.index(line["container"]["pid"]),
             line.get("id"), line["from"], line["to"]) for line in lines]
    # The first result may already have the first container.
    expected = [("verdict", False, None, "incomplete", "pass"),
                ("container", 0, None, None, "pass"),
                ("verdict", False, None, "pass", "fail"),
                ("container", 1, None, None, "fail"),
                ("verdict", False, None, "fail", "pass"),
                ("verdict", 1, None, "fail", "pass"),
                ("check", 1, "privileges.no-new-privileges", "fail", "pass"),
                ("container", 1, None, "pass", None)]
    if told[0] == ("verdict", False, None, None, "incomplete"):
        told = told[1:]
    else:
        expected[0] = ("verdict", False, None, None, "pass")
    assert told == expected


def whose(line):
    return line.get("container", {}).get("pid"), line.get("id")


def test_a_slow_reader_gets_every_line_once_and_in_order(crowd):
    """The pipe takes one line at a time: what is left is continued, and nothing is said again."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    many = crowd("--interval=200ms", ONLY, stdout=writing)
    os.close(writing)
    bad = many.add()
    for _ in range(3):
        many.add_good()
    many.wait_for_count(4)
    # Where lines are missing, the end of the server ends the waiting for them.
    watchdog = threading.Timer(30, many.server.process.kill)
    watchdog.start()
    with os.fdopen(reading) as lines:
        told = [json.loads(lines.readline())]
        many.mend(bad)
        many.server.wait_for("/readyz", 200)
        many.remove(bad)
        many.wait_for_count(3)
        state = {whose(told[0]): told[0]["to"]}
        # Each container has a line and the whole has passed; the mended one may never have been told.
        while sum(key[0] is not None and to == "pass" for key, to in state.items()) != 3 or \
                state[None, None] != "pass":
            line = json.loads(lines.readline())
            told.append(line)
            if line["kind"] != "check":
                assert line["from"] == state.get(whose(line)), told
                state[whose(line)] = line["to"]
    watchdog.cancel()
    assert len(told) >= 4


# What others on the machine do meanwhile changes none of these.
STEADY = "--only=privileges.no-new-privileges,user.,capabilities."


def steady_facts(report):
    return [fact for fact in report["facts"]
            if fact["key"].startswith(("user.", "capabilities.", "privileges.no_new_privs"))]


def test_the_report_is_what_check_all_prints(crowd, binary):
    many = crowd("--interval=5m", STEADY)
    many.add_good()
    many.add()
    os.kill(many.server.pid, signal.SIGHUP)  # checks at once
    many.wait_for_count(2)
    served = json.loads(many.server.ask("/report")[2])
    validator("reports").validate(served)
    for report in served["reports"]:
        validator("report").validate(report)
    done = subprocess.run(
        ["nsenter", f"--target={many.server.pid}", "--pid", "--mount", binary, "--all", STEADY,
         "--format=json"], stdout=subprocess.PIPE, text=True)
    # Whoever is not the server sees it, too.
    rest = [report for report in json.loads(done.stdout)["reports"] if report["target"]["pid"] != 1]
    assert len(rest) == 2 and steady_facts(rest[0])
    for one, other in zip(served["reports"], rest):
        assert steady_facts(one) == steady_facts(other)
        for part in ("target", "verdict", "summary", "checks"):
            assert one[part] == other[part], part
    assert "left out: the container that watertight runs in" in served["notes"]


def test_formats_that_hold_one_report_are_refused(crowd):
    many = crowd("--interval=5m", ONLY)
    many.server.wait_for("/report", 200)
    ask = many.server.ask
    assert ask("/report?format=tap")[2].startswith("TAP version 14")
    assert ask("/report", headers={"Accept": "text/plain"})[2].startswith("INCOMPLETE  policy hardened: ")
    assert ask("/")[1]["Content-Type"] == "text/plain; charset=utf-8"
    status, _, body = ask("/report?format=sarif")
    assert (status, body) == (400, "there is no such format; there are: text json tap prometheus\n")
    assert ask("/report", headers={"Accept": "text/html"})[0] == 406


def test_metrics_have_every_container_and_no_series_twice(crowd):
    many = crowd("--interval=5m", "--fast")  # one result: for the metrics and the report
    many.add_good()
    many.add()
    os.kill(many.server.pid, signal.SIGHUP)
    many.wait_for_count(2)
    server = many.server
    body = server.ask("/metrics")[2]
    done = subprocess.run([ROOT / "build/formats/promtool", "check", "metrics"], input=body, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and done.stdout == "", done.stdout
    series = samples(body)
    assert len(series) == len(set(series))
    assert server.metric('watertight_containers{verdict="fail"}') == 2
    assert server.metric("watertight_unseen") == 0
    assert server.metric("watertight_check_status_omitted") == 0
    totals = {}
    for report in json.loads(server.ask("/report")[2])["reports"]:
        target = report["target"]
        whose = (f'pid="{target["pid"]}",name="{target["name"]}",'
                 f'container_id="{target["container_id"] or ""}"')
        assert f'watertight_verdict{{{whose},verdict="fail"}} 1' in body
        for status, count in report["summary"].items():
            assert f'watertight_checks{{{whose},status="{status}"}} {count}\n' in body
        for check in report["checks"]:
            key = f'rule="{check["id"]}",severity="{check["severity"]}",status="{check["status"]}"'
            totals[key] = totals.get(key, 0) + 1
            told = (f'watertight_check_status{{{whose},rule="{check["id"]}",'
                    f'subject="{check["subject"] or ""}",severity="{check["severity"]}",'
                    f'status="{check["status"]}"}}')
            assert (told in series) == (check["status"] not in ("pass", "skip")), told
    for key, count in totals.items():
        assert f"watertight_rule_checks{{{key}}} {count}\n" in body
    assert sum(text.startswith("watertight_rule_checks{") for text in series) == len(totals)


def test_a_killed_check_costs_one_run_and_a_hung_one_readiness(crowd):
    many = crowd("--interval=300ms", ONLY)
    many.add_good()
    server = many.server
    server.wait_for("/readyz", 200)
    server.catch_child(signal.SIGKILL)
    wait_until(lambda: "it was killed by signal 9" in server.errors())
    wait_until(lambda: server.errors().endswith("checks give results again\n"))
    server.wait_for("/readyz", 200)
    server.catch_child(signal.SIGSTOP)
    wait_until(lambda: "intervals" in server.ask("/readyz")[2], pause=0.005)
    assert server.status("/livez") == 200
    server.wait_for("/readyz", 200)
    assert server.metric('watertight_runs_total{result="none"}') == 2


def test_memory_stays_flat_while_containers_come_and_go(crowd):
    many = crowd("--interval=100ms")
    many.add()
    many.wait_for_count(1)
    server = many.server

    def rounds(count):
        for _ in range(count):
            more = [many.add() for _ in range(3)]
            many.wait_for_count(4)
            for container in more:
                many.remove(container)
            many.wait_for_count(1)

    rounds(3)
    memory, descriptors = server.memory(), server.descriptors()
    rounds(6)
    # One result of four containers may be in it beside another.
    assert server.memory() - memory < 2 * 1024 * 1024
    assert server.memory() < 6 * 1024 * 1024
    wait_until(lambda: server.descriptors() <= descriptors + 1)


def write_long_policy(path):
    long = "x" * 500000
    path.write_text(json.dumps({
        "schema": "watertight.policy/1", "name": "long", "extends": "baseline",
        "rules": {"t.long": {"title": long, "message": long, "severity": "low",
                             "fact": "privileges.no_new_privs", "operator": "is", "operand": True}}}))
    return [f"--policy={path}", "--only=t.long"]


def test_reports_that_are_too_long_are_an_error_and_not_a_result(crowd, serve, tmp_path):
    policy = write_long_policy(tmp_path / "long.json")
    alone = serve("--interval=5m", *policy)
    wait_until(lambda: "its reports are longer than 4 MiB" in alone.errors())
    assert alone.status("/readyz") == 503 and alone.status("/livez") == 200
    many = crowd("--interval=1s", *policy)
    many.add(program=["sleep", "1000"])
    many.wait_for_count(1)
    for _ in range(25):
        many.add(program=["sleep", "1000"])
    wait_until(lambda: "its reports are longer than 64 MiB" in many.server.errors())
    many.server.wait_for("/readyz", 503)
    assert "the latest check gave no result: its reports are longer" in many.server.ask("/readyz")[2]
    assert many.server.memory() < 16 * 1024 * 1024


def test_it_ends_by_sigterm(crowd):
    many = crowd("--interval=200ms", ONLY)
    many.server.wait_for("/report", 200)
    os.kill(many.server.pid, signal.SIGTERM)
    assert many.server.process.wait(10) == 0


def test_all_and_one_do_not_go_together(binary):
    done = subprocess.run([binary, "serve", "--all", "--pid=1"], stderr=subprocess.PIPE, text=True,
                          timeout=10)
    assert done.returncode == 64
    assert done.stderr == "watertight: --pid and --all do not go together\n"
