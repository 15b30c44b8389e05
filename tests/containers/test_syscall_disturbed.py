"""What asks about system calls is killed, or stopped for a moment, while it asks."""
import json
import os
import pathlib
import signal
import threading
import time

import pytest

from container import HARDENED, Container
from test_syscall_method import allow_but, allow_only

RUNS = 100


def own_processes(name):
    """The parent of each process of that name."""
    parents = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            head, tail = (folder / "stat").read_text().rsplit(")", 1)
        except OSError:
            continue
        if head.endswith("(" + name):
            parents[int(folder.name)] = int(tail.split()[1])
    return parents


class Disturber(threading.Thread):
    """Sends signals to the guards of all runs, which have a parent and children of their name, or
    to the askers, which are these children."""

    def __init__(self, name, signals, to_guards):
        super().__init__()
        self.name_ = name
        self.signals = signals
        self.to_guards = to_guards
        self.count = 0
        self.is_over = False

    def run(self):
        while not self.is_over:
            parents = own_processes(self.name_)
            guards = {pid for pid in parents.values() if parents.get(pid) in parents}
            askers = {pid for pid, parent in parents.items() if parent in guards}
            for pid in guards if self.to_guards else askers:
                try:
                    for number in self.signals:
                        os.kill(pid, number)
                    self.count += 1
                except ProcessLookupError:
                    pass


def disturbed(runc, profile, signals, to_guards):
    """The facts of many runs, the number of processes that were left, and that of disturbances."""
    name = f"asks-{time.monotonic_ns() % 10**8}"
    (runc.rootfs / name).write_bytes((runc.rootfs / "watertight").read_bytes())
    (runc.rootfs / name).chmod(0o755)
    container = Container(**{**HARDENED, "seccomp": profile, "tmpfs": {"/tmp": "mode=1777"}})
    # An orphan that has ended is a zombie until the shell waits.
    script = (f"i=0; while [ $i -lt {RUNS} ]; do /{name} observe || exit 9; i=$((i + 1)); done; "
              "left=0; for folder in /proc/[0-9]*; do read -r line < $folder/stat; "
              "case $line in *') Z '*) ;; *) left=$((left + 1)) ;; esac; done; echo $left")
    disturber = Disturber(name, signals, to_guards)
    disturber.start()
    try:
        done = runc.run(container, ["/bin/sh", "-c", script], timeout=120)
    finally:
        disturber.is_over = True
        disturber.join()
    assert done.returncode == 0, done.stderr
    *documents, count = done.stdout.strip().rsplit("\n", 1)
    decoder = json.JSONDecoder()
    text = documents[0]
    found = []
    while text.strip():
        document, end = decoder.raw_decode(text.lstrip())
        found.append(document["facts"])
        text = text.lstrip()[end:]
    assert len(found) == RUNS
    return found, int(count), disturber.count


def disturbed_until(enough, runc, profile, signals, to_guards):
    """The facts and the processes left, after enough disturbances: they have to hit a millisecond."""
    found, count = [], 0
    for _ in range(20):
        rows, left, more = disturbed(runc, profile, signals, to_guards)
        found += rows
        count += more
        if left > 1 or count >= enough:
            return found, left
    raise AssertionError(f"only {count} of {enough} signals could be sent")


def answer(rows, call):
    """What is said of a call; None: nothing is known of any."""
    for row in rows:
        if row["key"] == "seccomp.syscalls" and call in (row.get("value") or []):
            return row["subject"]
    assert [row["state"] for row in rows if row["key"] == "seccomp.syscalls"] == ["unknown"]
    return None


def about_seccomp(rows):
    return [row for row in rows if row["key"].startswith("seccomp.")]


@pytest.mark.parametrize("default", ["ERRNO", "KILL_PROCESS"])
def test_when_the_guard_is_killed_nothing_is_guessed_and_nobody_is_left(runc, default):
    found, left = disturbed_until(5, runc, allow_only(default), [signal.SIGKILL], True)
    wanted = {"ERRNO": "errno(EPERM)", "KILL_PROCESS": "kill"}[default]
    assert {answer(rows, "mount") for rows in found} == {wanted, None}
    for rows in found:
        if answer(rows, "mount") is None:
            reason, = {row["reason"] for row in rows if row["key"] == "seccomp.syscalls"}
            assert "the attempt was killed by signal 9" in reason
    assert left == 1  # the shell


def test_when_askers_are_stopped_for_a_moment_the_answers_are_the_same(runc):
    """As by the freezer of `docker pause`: a call that waits begins anew."""
    profile = allow_but(("mount umount2", "ERRNO", {}), ("acct", "TRAP", {}))
    found, left = disturbed_until(50, runc, profile, [signal.SIGSTOP, signal.SIGCONT], False)
    for rows in found:
        assert about_seccomp(rows) == about_seccomp(found[0])
        assert answer(rows, "mount") == "errno(EPERM)" and answer(rows, "acct") == "trap"
    assert left == 1
