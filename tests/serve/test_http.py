"""What is answered: the paths, the formats, and requests that are not as they should be."""
import itertools
import json
import pathlib
import random
import re
import socket
import subprocess
import time

import pytest

from conftest import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Z][A-Za-z ]+\r\n(?:[A-Za-z-]+: [^\r\n]*\r\n)+\r\n")


@pytest.fixture
def server(serve):
    made = serve("--interval=5m")
    made.wait_for("/report", 200)
    return made


def exchange(server, data, timeout=10):
    """Everything that comes back for these bytes, until the server closes."""
    with socket.create_connection((server.host, server.port), timeout=timeout) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has closed already: what it said before can still be read
        received = b""
        try:
            while True:
                more = client.recv(65536)
                if not more:
                    return received
                received += more
        except ConnectionResetError:
            return received


def statuses(answers):
    return [int(status) for status in re.findall(rb"(?:\A|\n)HTTP/1\.1 (\d{3}) ", answers)]


def test_every_path_answers_get_and_head_alike(server):
    for path in ("/livez", "/readyz", "/report", "/report?format=tap", "/metrics", "/", "/none"):
        status, headers, body = server.ask(path)
        head_status, head_headers, head_body = server.ask(path, method="HEAD")
        assert (status, "") == (head_status, head_body), path
        assert int(headers["Content-Length"]) == len(body.encode()), path
        assert head_headers["Content-Type"] == headers["Content-Type"], path
        assert "nosniff" == headers["X-Content-Type-Options"]
    assert server.ask("/none")[0] == 404


def test_the_report_is_what_check_prints(server, binary):
    def checks(text):
        return [(c["id"], c["subject"], c["status"], c["message"]) for c in json.loads(text)["checks"]]

    done = subprocess.run([binary, "check", "--format=json"], stdout=subprocess.PIPE, text=True)
    served = json.loads(server.ask("/report")[2])
    assert checks(done.stdout) == checks(json.dumps(served))
    # The process that it is about is the server, not the child that looked.
    assert served["target"]["pid"] == server.pid and served["target"]["self"]


def test_the_readiness_names_the_checks_that_failed(server, binary):
    failed = [f"fail {c['id']}{' ' + c['subject'] if c['subject'] else ''} [{c['severity']}]"
              for c in json.loads(server.ask("/report")[2])["checks"] if c["status"] == "fail"]
    status, _, body = server.ask("/readyz")
    assert status == 503 and failed
    assert body.splitlines() == ["not ready: the verdict is fail", *failed]


def test_formats_are_chosen_by_the_query_or_by_accept(server):
    assert server.ask("/report?format=tap")[2].startswith("TAP version 14")
    assert server.ask("/report", headers={"Accept": "text/plain"})[2].startswith("FAIL ")
    assert server.ask("/report", headers={"Accept": "image/png"})[0] == 406
    assert server.ask("/report?format=nothing")[0] == 400


def test_the_page_for_a_person_is_a_page(server):
    status, headers, body = server.ask("/")
    assert status == 200 and "privileges.no-new-privileges" in body
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert body.startswith("<!DOCTYPE html>") or body.startswith("<!doctype html>")
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_metrics_are_accepted_by_promtool(server):
    promtool = ROOT / "build/formats/promtool"
    assert promtool.exists(), "make check-serve gets it"
    body = server.ask("/metrics")[2]
    done = subprocess.run([promtool, "check", "metrics"], input=body, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_metrics_say_what_the_report_says(server):
    report = json.loads(server.ask("/report")[2])
    body = server.ask("/metrics")[2]
    assert 'watertight_verdict{verdict="fail"} 1' in body
    assert 'watertight_verdict{verdict="pass"} 0' in body
    for check in report["checks"]:
        label = f'rule="{check["id"]}",subject="{check["subject"] or ""}"'
        assert f'{label},severity="{check["severity"]}",status="{check["status"]}"}} 1' in body
    assert f'watertight_build_info{{version="{report["tool"]["version"]}"}} 1' in body
    assert abs(server.metric("watertight_last_run_timestamp_seconds") - time.time()) < 10
    assert 0 < server.metric("watertight_run_duration_seconds") < 5
    assert server.metric("watertight_ready") == 0
    assert server.metric("watertight_interval_seconds") == 300
    assert server.metric('watertight_runs_total{result="report"}') == 1


def test_a_connection_takes_many_requests_at_once(server):
    request = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    assert statuses(exchange(server, request * 100)) == [200] * 100
    # In pieces of any size too.
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        for piece in (request * 3)[:-1]:
            client.sendall(bytes([piece]))
        client.sendall(b"\n")
        client.shutdown(socket.SHUT_WR)
        assert statuses(b"".join(iter(lambda: client.recv(4096), b""))) == [200] * 3


HOST = b"Host: a\r\n"


@pytest.mark.parametrize("wanted, request_bytes", [
    ([200], b"GET http://a/livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([200], b"GET /%6civez HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([200], b"\r\n\r\nGET /livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([200], b"GET /livez HTTP/1.0\r\n\r\nGET /livez HTTP/1.0\r\n\r\n"),
    ([404], b"GET /" + b"a" * 4000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([404], b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([405], b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([405], b"POST /report HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"),
    ([405], b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([400], b"GET /livez\r\n\r\n"),
    ([400], b"GET /livez HTTP/1.1\r\n\r\n"),
    ([400], b"GET /livez%00 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([400], b"GET /livez\x00 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ([400], b"GET /livez HTTP/1.1\r\n" + HOST + b"A: \x00\r\n\r\n"),
    ([400], b"GET /livez HTTP/1.1\r\n" + HOST + b" folded\r\n\r\n"),
    ([400], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ([505], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ([413], b"GET /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\nx"),
    ([413], b"GET /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ([414], b"GET /" + b"a" * 100000),
    ([431], b"GET /livez HTTP/1.1\r\n" + HOST + b"Cookie: " + b"a" * 100000),
    ([431], b"GET /livez HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 20000),
    ([200, 400], b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\nJUNK\x01GET /livez HTTP/1.1\r\n"),
    ([], b"GET /livez HTTP/1.1\r\n" + HOST),
    ([], b""),
], ids=itertools.count())
def test_requests_get_the_status_that_they_deserve(server, wanted, request_bytes):
    answers = exchange(server, request_bytes)
    assert statuses(answers) == wanted, answers[:200]
    assert server.status("/livez") == 200


def test_only_get_and_head_are_said_to_be_allowed(server):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"):
        status, headers, _ = server.ask("/readyz", method=method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD"), method


def mutated(generator):
    """A request with some of it spoilt."""
    pieces = [b"GET", b" ", b"/report?format=tap", b" ", b"HTTP/1.1", b"\r\n", b"Host: a", b"\r\n",
              b"Accept: text/plain;q=0.5, */*", b"\r\n", b"Connection: keep-alive", b"\r\n", b"\r\n"]
    junk = [b"\x00", b"\r", b"\n", b"\r\n\r\n", b"%", b"%00", b":", b" ", b"\xff\xfe", b"HTTP/",
            b"A" * 9000, b"Content-Length: 99999999999999999999\r\n", b"Host: b\r\n", b";q=",
            b"Transfer-Encoding: x\r\n", b"http://", b"?", b"&format=", bytes(range(256))]
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(pieces))
        action = generator.randrange(4)
        if action == 0:
            pieces[at] = generator.choice(junk)
        elif action == 1:
            pieces.insert(at, generator.choice(junk))
        elif action == 2:
            del pieces[at]
        else:
            word = bytearray(pieces[at] or b"x")
            word[generator.randrange(len(word))] = generator.randrange(256)
            pieces[at] = bytes(word)
        pieces = pieces or [b""]
    request = b"".join(pieces)
    return request[:generator.randrange(len(request) + 1)] if generator.random() < 0.2 else request


def test_malformed_requests_change_nothing(server):
    generator = random.Random(20261125)
    exchange(server, b"GET /report HTTP/1.1\r\nHost: a\r\n\r\n")
    memory, descriptors = server.memory(), server.descriptors()
    seen = set()
    for number in range(3000):
        request = mutated(generator)
        answers = exchange(server, request)
        if answers:
            assert ANSWER.match(answers), (number, request, answers[:300])
            seen.update(statuses(answers))
    assert {200, 400, 405} <= seen <= {200, 400, 404, 405, 406, 413, 414, 431, 505}
    assert server.status("/livez") == 200
    wait_until(lambda: server.descriptors() <= descriptors + 1)
    assert server.memory() - memory < 256 * 1024
