#!/usr/bin/python3
"""Measures `check --all` over many real containers of runc, and over many processes.

Usage: bench_all.py BUILD [CONTAINERS [PROCESSES]]. Prints the median processor time of several
runs, children included, beside that of reading the same files of /proc once; and the memory of
`serve --all --enter` over all the containers. Fails above a millisecond for each container, when twice
as many cost much more than twice as much, or when the server's memory grows. Needs root.
"""
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROUNDS = 9
LIMIT_MS = 1.0
LIMIT_GROWTH = 3.0  # of the time, when the number doubles: 2 is linear
LIMIT_KB_EACH = 256  # of the server's memory, for each container: two results of 120 KB at once
RESULTS = 4


def run_ms(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode not in (0, 1, 2):
        sys.exit(f"bench-all: {command[0]} ended with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def median_ms(command):
    return statistics.median(run_ms(command) for _ in range(ROUNDS))


class Containers:
    def __init__(self, build, folder):
        self.runc = shutil.which("runc", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        self.folder = folder
        self.pids = []
        root = folder / "rootfs"
        for name in ("proc", "dev", "sys", "etc", "tmp", "usr/bin"):
            (root / name).mkdir(parents=True)
        shutil.copy2(build / "bench/crowd", root / "crowd")
        subprocess.run([self.runc, "spec"], cwd=folder, check=True)
        self.spec = json.loads((folder / "config.json").read_text())
        self.spec["process"].update(terminal=False, args=["/crowd", "0"], user={"uid": 1000, "gid": 1000},
                                    noNewPrivileges=True, capabilities={})
        self.spec["root"] = {"path": str(root), "readonly": True}
        # As every engine does: a filter.
        self.spec["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["reboot", "mount", "bpf"], "action": "SCMP_ACT_ERRNO"}]}
        self.pipe = os.pipe()

    def command(self, *words):
        return [self.runc, "--root", str(self.folder / "state"), *words]

    def grow(self, count):
        while len(self.pids) < count:
            number = len(self.pids)
            bundle = self.folder / f"bundle-{number}"
            bundle.mkdir()
            (bundle / "config.json").write_text(json.dumps(self.spec))
            subprocess.run(self.command("run", "--detach", "--pid-file", str(bundle / "pid"),
                                        "--bundle", str(bundle), f"bench-{os.getpid()}-{number}"),
                           stdin=self.pipe[0], stdout=subprocess.DEVNULL, check=True)
            self.pids.append((bundle / "pid").read_text())

    def stop(self):
        os.close(self.pipe[1])
        for number in range(len(self.pids)):
            subprocess.run(self.command("delete", "--force", f"bench-{os.getpid()}-{number}"),
                           check=False, stderr=subprocess.DEVNULL)


def row(what, count, ms, floor):
    print(f"{what:<28} {count:>6} {ms:>9.1f} ms {ms / count * 1000:>8.0f} us each "
          f"{floor:>9.1f} ms {ms / floor:>6.1f} x")


class Server:
    """`serve --all --enter`. A check may take three intervals."""

    def __init__(self, build):
        self.process = subprocess.Popen(
            [str(build / "static/watertight"), "serve", "--all", "--enter", "--interval=5s",
             "--listen=127.0.0.1:0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.address = self.process.stderr.readline().split()[-1]

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as answer:
            found = [line for line in answer.read().decode().splitlines() if line.startswith(name + " ")]
        return float(found[0].split()[-1]) if found else 0.0

    def wait_for_results(self, count):
        end = time.monotonic() + 300
        while self.metric('watertight_runs_total{result="report"}') < count:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit("bench-all: the server gave no result")
            time.sleep(0.2)

    def memory_kb(self, name):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0])

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def bench_server(build, count):
    """The server's memory with the second result, and the most until some more have come."""
    server = Server(build)
    try:
        server.wait_for_results(2)
        second = server.memory_kb("VmRSS")
        server.wait_for_results(RESULTS)
        last, most = server.memory_kb("VmRSS"), server.memory_kb("VmHWM")
        seconds = server.metric("watertight_run_duration_seconds")
    finally:
        server.stop()
    print(f"{'serve --all --enter':<28} {count:>6} {seconds:>9.2f} s a check; {second / 1024:.1f} MB, "
          f"{last / 1024:.1f} MB {RESULTS - 2} results later, {most / 1024:.1f} MB at most")
    return most < LIMIT_KB_EACH * count + 8192


def bench_containers(build, folder, most):
    containers = Containers(build, folder)
    check = [str(build / "static/watertight"), "--all", "--format", "text=/dev/null"]
    times = {}
    try:
        for count in (most // 4, most // 2, most):
            containers.grow(count)
            times[count] = median_ms(check)
            row("containers", count, times[count],
                median_ms([str(build / "bench/read_proc"), *containers.pids]))
        is_small = bench_server(build, most)
    finally:
        containers.stop()
    return is_small and times[most] / most <= LIMIT_MS and times[most] <= LIMIT_GROWTH * times[most // 2]


def bench_processes(build, most):
    check = [str(build / "static/watertight"), "--all", "--format", "text=/dev/null"]
    times = {}
    for count in (most // 2, most):
        crowd = subprocess.Popen([str(build / "bench/crowd"), str(count)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        if int(crowd.stdout.readline()) != count:
            sys.exit(f"bench-all: {count} processes could not be made")
        times[count] = median_ms(check)
        children = pathlib.Path(f"/proc/{crowd.pid}/task/{crowd.pid}/children").read_text().split()
        row("processes of the machine", count, times[count],
            median_ms([str(build / "bench/read_proc"), *children]))
        crowd.stdin.close()
        crowd.wait()
    return times[most] <= LIMIT_GROWTH * times[most // 2]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    containers = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    if os.geteuid() != 0:
        sys.exit("bench-all: needs root, for containers whose processes it may look at")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="watertight-bench-all."))
    folder.chmod(0o755)
    print(f"{'':<28} {'number':>6} {'check --all':>12} {'':>16} {'reading once':>12}")
    try:
        ok = bench_containers(build, folder, containers)
    finally:
        shutil.rmtree(folder)
    ok = bench_processes(build, processes) and ok
    if not ok:
        print("bench-all: above the limit of 1 ms or of memory a container, or not linear")
    return 0 if ok else 1


sys.exit(main())
