"""A running `watertight serve`, and what can be asked of it from outside."""
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def wait_until(condition, seconds=10, pause=0.02):
    """The first true answer; fails when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(pause)


class Server:
    def __init__(self, binary, options, folder, prefix=(), **popen):
        self.binary = binary
        self.errors_file = folder / "stderr"
        self.lines_file = folder / "stdout"
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", open(self.lines_file, "w"))
        self.process = subprocess.Popen(
            [*prefix, binary, "serve", *options],
            stderr=open(self.errors_file, "w"),
            **popen,
        )
        self.pid = self.process.pid
        said = wait_until(
            lambda: re.search(r"serving on (\S+)\n", self.errors()) or self.process.poll() is not None)
        assert self.process.poll() is None, self.errors()
        self.address = said.group(1)
        if not self.address.startswith("unix:"):
            self.host, port = self.address.rsplit(":", 1)
            self.host, self.port = self.host.strip("[]"), int(port)

    def errors(self):
        return self.errors_file.read_text()

    def changes(self):
        return [json.loads(line) for line in self.lines_file.read_text().splitlines()]

    def ask(self, path, method="GET", headers=None, timeout=10):
        """(status, headers, body) over a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def status(self, path):
        return self.ask(path)[0]

    def wait_for(self, path, status, seconds=10):
        wait_until(lambda: self.status(path) == status, seconds)

    def metric(self, name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.ask("/metrics")[2], re.MULTILINE)
        assert found, name
        return float(found.group(1))

    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def room(self):
        """Bytes that memory may differ by: one result may be in it beside another that replaces it."""
        done = subprocess.run([self.binary, "list", "formats", "--format=names"],
                              stdout=subprocess.PIPE, text=True, check=True)
        return 128 * 1024 + 2 * sum(len(self.ask(f"/report?format={name}")[2])
                                    for name in done.stdout.split())

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def children(self):
        text = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def catch_child(self, number, seconds=10):
        """Sends a signal to the child of a check, which lives for milliseconds. Its process id."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for pid in self.children():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
                return pid
        raise AssertionError("no check was seen")

    def own_nanoseconds(self):
        """What the server itself, without its children, has run."""
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0])

    def children_seconds(self):
        """What the children that were reaped have run."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def end(self, number=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(number)
        return self.process.wait(10)


@pytest.fixture
def serve(binary, tmp_path):
    """Starts servers, and ends those that are left."""
    servers = []

    def start(*options, **more):
        if not any(option.startswith("--listen") for option in options):
            options = ("--listen=127.0.0.1:0", *options)
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(Server(binary, options, folder, **more))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(10)


@pytest.fixture(scope="session")
def load(tmp_path_factory):
    """The load generator: load(port, path, rate, seconds, connections, prefix) gives its numbers."""
    program = tmp_path_factory.mktemp("load") / "load"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", program,
                    HERE / "load.c"], check=True)

    def run(port, path, rate, seconds, connections, prefix=()):
        done = subprocess.run(
            [*prefix, program, str(port), path, str(rate), str(seconds), str(connections)],
            stdout=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session", autouse=True)
def many_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
