"""How it starts and ends, what it does when a check does not, and what it says of changes."""
import fcntl
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import stat
import subprocess
import time

import jsonschema
import pytest

from conftest import ROOT, wait_until

ONLY = "--only=filesystem.writable-path"


@pytest.fixture
def place(tmp_path):
    """A folder that may be missing: the one check of these tests passes while it is there."""
    return tmp_path / "place"


def watched(place):
    """Options: the one check is whether the place is there."""
    policy = place.parent / "policy.json"
    if not policy.exists():
        write_policy(policy, place)
    return [f"--policy={policy}", "--interval=500ms"]


def write_policy(path, *places, fail_on="low"):
    path.write_text(json.dumps({
        "schema": "watertight.policy/1", "name": path.stem, "extends": "hardened",
        "params": {"writable_paths": [str(place) for place in places]},
        "rules": {"user.non-root": {"severity": "high"}}, "fail_on": fail_on}))


# --- readiness and changes ------------------------------------------------------------------------

def test_readiness_follows_what_is_observed(serve, place):
    place.mkdir()
    server = serve(*watched(place), ONLY)
    server.wait_for("/readyz", 200)
    assert server.ask("/readyz")[2] == "ready: the verdict is pass\n"
    place.rmdir()
    server.wait_for("/readyz", 503, seconds=2)
    assert f"fail filesystem.writable-path {place} [medium]" in server.ask("/readyz")[2]
    place.mkdir()
    server.wait_for("/readyz", 200, seconds=2)
    assert server.metric("watertight_ready") == 1


def test_each_change_is_one_line(serve, place):
    place.mkdir()
    server = serve(*watched(place), ONLY)
    server.wait_for("/readyz", 200)
    place.rmdir()
    server.wait_for("/readyz", 503)
    place.mkdir()
    server.wait_for("/readyz", 200)
    runs = server.metric('watertight_runs_total{result="report"}')
    wait_until(lambda: server.metric('watertight_runs_total{result="report"}') > runs + 1)
    schema = json.loads((ROOT / "docs/schema/change.schema.json").read_text())
    for line in server.changes():
        jsonschema.Draft202012Validator(schema).validate(line)
    told = [(line["kind"], line["from"], line["to"]) for line in server.changes()]
    assert told == [("verdict", None, "pass"),
                    ("verdict", "pass", "fail"), ("check", "pass", "fail"),
                    ("verdict", "fail", "pass"), ("check", "fail", "pass")]
    assert server.changes()[2]["subject"] == str(place)
    assert server.end() == 0
    assert server.errors().count("\n") == 1  # where it serves, and of no request


def test_ready_when_decides_what_is_borne(serve, place):
    medium = [*watched(place), ONLY]  # its one check fails, and is medium
    wanted = {"pass": 503, "no-critical": 200, "no-high": 200, "no-medium": 503, "no-low": 503}
    for word, status in wanted.items():
        server = serve(*medium, f"--ready-when={word}")
        server.wait_for("/report", 200)
        assert server.status("/readyz") == status, word
        assert server.end() == 0


def test_a_check_that_is_unknown_may_be_any_failure(serve, tmp_path):
    policy = tmp_path / "unknown.json"
    policy.write_text(json.dumps({
        "schema": "watertight.policy/1", "name": "unknown", "extends": "hardened", "fail_on": "critical",
        "rules": {"t.unknown": {"title": "this machine cannot tell", "severity": "medium",
                                "fact": "runtime.orchestrator", "operator": "is",
                                "operand": "kubernetes", "absent": "unknown"}}}))
    options = [f"--policy={policy}", "--only=t.unknown", "--interval=5m"]
    for word, status in {"pass": 503, "no-high": 200, "no-medium": 503}.items():
        server = serve(*options, f"--ready-when={word}")
        server.wait_for("/report", 200)
        code, _, body = server.ask("/readyz")
        assert code == status, word
        assert ("unknown t.unknown [medium]" in body) == (code == 503)
        server.end()


def test_lines_wait_for_a_reader_who_does_not_read(serve, place):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    filled = 0
    while select.select([], [writing], [], 0)[1]:
        filled += os.write(writing, b"x" * 4096)
    fcntl.fcntl(writing, fcntl.F_SETFL, 0)
    server = serve(*watched(place), ONLY, stdout=writing)
    os.close(writing)
    server.wait_for("/report", 200)
    place.mkdir()
    server.wait_for("/readyz", 200)
    while filled > 0:
        filled -= len(os.read(reading, filled))
    with os.fdopen(reading) as lines:
        assert json.loads(lines.readline())["to"] == "pass"
        assert server.end() == 0


def test_a_closed_stdout_stops_nothing(serve, place):
    reading, writing = os.pipe()
    os.close(reading)
    server = serve(*watched(place), ONLY, stdout=writing)
    os.close(writing)
    server.wait_for("/report", 200)
    place.mkdir()
    server.wait_for("/readyz", 200)
    assert server.errors().count("changes are not printed any more") == 1


# --- checks that do not end well ------------------------------------------------------------------

def test_a_hung_check_is_killed_and_its_result_grows_too_old(serve, place):
    place.mkdir()
    server = serve(*watched(place), ONLY)
    server.wait_for("/readyz", 200)
    child = server.catch_child(signal.SIGSTOP)
    wait_until(lambda: "intervals" in server.ask("/readyz")[2], seconds=4, pause=0.005)
    assert server.status("/livez") == 200
    wait_until(lambda: not os.path.exists(f"/proc/{child}"), seconds=4)
    server.wait_for("/readyz", 200, seconds=4)
    assert "it did not end in time and was killed" in server.errors()
    assert server.errors().endswith("checks give results again\n")
    assert server.metric('watertight_runs_total{result="none"}') == 1


def test_a_killed_check_costs_one_run(serve, place):
    place.mkdir()
    server = serve(*watched(place), ONLY)
    server.wait_for("/readyz", 200)
    server.catch_child(signal.SIGKILL)
    wait_until(lambda: "it was killed by signal 9" in server.errors())
    wait_until(lambda: server.errors().endswith("checks give results again\n"))
    assert server.metric('watertight_runs_total{result="none"}') == 1
    assert server.status("/readyz") == 200


def status_after_sleep(server, seconds):
    """What a request gets that came while the server stood still, with the whole machine or alone."""
    os.kill(server.pid, signal.SIGSTOP)
    time.sleep(seconds)
    with socket.create_connection((server.host, server.port)) as client:
        client.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        os.kill(server.pid, signal.SIGCONT)
        return int(client.recv(4096).split()[1])


def test_a_server_that_slept_wakes_up_not_ready(serve, place):
    place.mkdir()
    server = serve(*watched(place), ONLY)
    server.wait_for("/readyz", 200)
    # Now and then the next check, which is due at once, may be faster than the request.
    assert 503 in (status_after_sleep(server, 1.7) for _ in range(5))
    server.wait_for("/readyz", 200)


# --- signals --------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_a_second_and_leaves_no_child(serve, place, number):
    server = serve(*watched(place))
    server.wait_for("/report", 200)
    held = [socket.create_connection((server.host, server.port)) for _ in range(5)]
    child = server.catch_child(signal.SIGSTOP)
    start = time.monotonic()
    assert server.end(number) == 0
    assert time.monotonic() - start < 1
    assert not os.path.exists(f"/proc/{child}")
    for client in held:
        client.close()
    with pytest.raises(OSError):
        server.ask("/livez")


def test_hangup_reads_the_policy_again(serve, place):
    policy = place.parent / "policy.json"
    server = serve(*watched(place), "--interval=24h", ONLY)
    server.wait_for("/report", 200)
    other = place.parent
    write_policy(policy, other)
    os.kill(server.pid, signal.SIGHUP)
    server.wait_for("/readyz", 200)
    assert "the policy policy was read again" in server.errors()
    assert [line["subject"] for line in server.changes() if line["kind"] == "check"] == [
        str(place), str(place)]
    # A bad one is refused: the old one stays.
    policy.write_text('{"schema": "watertight.policy/1", "name": 7}')
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "stays as it was" in server.errors())
    assert f"{policy}:1:" in server.errors()
    policy.unlink()
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: server.errors().count("stays as it was") == 2)
    assert server.status("/readyz") == 200


def test_many_hangups_leak_nothing(serve, place):
    server = serve(*watched(place), ONLY)
    server.wait_for("/report", 200)
    def hangups(count):
        for _ in range(count):
            before = server.errors().count("was read again")
            os.kill(server.pid, signal.SIGHUP)
            wait_until(lambda: server.errors().count("was read again") > before, pause=0.001)
    hangups(20)
    memory, descriptors = server.memory(), server.descriptors()
    hangups(100)
    assert server.memory() - memory < server.room()
    assert abs(server.descriptors() - descriptors) <= 2
    assert server.end() == 0


def test_a_policy_from_stdin_cannot_be_read_again(serve, place):
    write_policy(place.parent / "policy.json", place.parent)
    with open(place.parent / "policy.json") as policy:
        server = serve("--policy=-", "--interval=500ms", ONLY, stdin=policy)
    server.wait_for("/readyz", 200)
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "cannot be read again" in server.errors())
    assert server.status("/readyz") == 200


# --- where it listens -----------------------------------------------------------------------------

class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def unix_status(path, target):
    connection = UnixConnection(path)
    connection.request("GET", target)
    return connection.getresponse().status


def test_it_listens_on_a_path(serve, tmp_path):
    path = tmp_path / "socket"
    server = serve(f"--listen=unix:{path}")
    assert server.address == f"unix:{path}"
    assert unix_status(path, "/livez") == 200
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert server.end() == 0
    assert not path.exists()


def test_a_stale_socket_is_replaced_and_a_live_one_is_not(serve, binary, tmp_path):
    path = tmp_path / "socket"
    server = serve(f"--listen=unix:{path}")
    server.end(signal.SIGKILL)
    assert path.exists()
    serve(f"--listen=unix:{path}")
    assert unix_status(path, "/livez") == 200
    done = subprocess.run([binary, "serve", f"--listen=unix:{path}"], stderr=subprocess.PIPE,
                          text=True, timeout=10)
    assert done.returncode == 70 and "somebody else does" in done.stderr
    assert unix_status(path, "/livez") == 200


def test_what_is_no_socket_stays(binary, tmp_path):
    path = tmp_path / "file"
    path.write_text("kept")
    done = subprocess.run([binary, "serve", f"--listen=unix:{path}"], stderr=subprocess.PIPE,
                          text=True, timeout=10)
    assert done.returncode == 70 and "not a socket" in done.stderr
    assert path.read_text() == "kept"


def test_the_socket_of_a_successor_stays(serve, tmp_path):
    path = tmp_path / "socket"
    server = serve(f"--listen=unix:{path}")
    path.unlink()
    serve(f"--listen=unix:{path}")
    assert server.end() == 0
    assert unix_status(path, "/livez") == 200


def test_it_listens_on_version_6(serve):
    if not pathlib.Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    server = serve("--listen=[::1]:0")
    assert server.status("/livez") == 200
    everywhere = serve("--listen=[::]:0")
    everywhere.host = "127.0.0.1"
    assert everywhere.status("/livez") == 200


def test_an_address_in_use_ends_it_with_70(serve, binary):
    server = serve()
    done = subprocess.run([binary, "serve", f"--listen=127.0.0.1:{server.port}"],
                          stderr=subprocess.PIPE, text=True, timeout=10)
    assert done.returncode == 70
    assert done.stderr == (f"watertight: cannot listen on 127.0.0.1:{server.port}: "
                           "Address already in use\n")


@pytest.mark.parametrize("options", [
    ["--listen=nowhere"], ["--interval=30"], ["--ready-when=always"], ["--policy=none-such"],
    ["--format=json"], ["--only=none.such"], ["--listen"], ["word"],
])
def test_wrong_use_ends_it_with_64(binary, options):
    done = subprocess.run([binary, "serve", *options], stderr=subprocess.PIPE, text=True, timeout=10)
    assert done.returncode == 64 and done.stderr.startswith("watertight: ")


def test_variables_set_its_options(serve, place):
    environment = dict(os.environ, WATERTIGHT_INTERVAL="7s", WATERTIGHT_LISTEN="127.0.0.1:0",
                       WATERTIGHT_READY_WHEN="no-high", WATERTIGHT_ONLY="filesystem.writable-path",
                       WATERTIGHT_WRITABLE=str(place))
    server = serve(env=environment)
    server.wait_for("/report", 200)
    assert server.metric("watertight_interval_seconds") == 7
    assert server.status("/readyz") == 200  # the missing path is medium
