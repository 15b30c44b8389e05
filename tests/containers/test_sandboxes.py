"""gVisor, LXC, systemd-nspawn and bubblewrap: what is true in real containers of theirs. The truth
is the container's configuration, and a shell in a twin container."""
import re

import pytest

from container import REFUSING
from holes import changed, fact, failed, statuses
from sandboxes import Box, DEVICE

CONFINED = Box()
DEFAULTS = Box(defaults=True)
SYSTEM_CONTAINERS = pytest.mark.engines("lxc", "systemd-nspawn")
# What the manager makes in every container, and none of it is a way out.
ORDINARY = {"integrity.procfs", "devices.unexpected", "mounts.host-path", "mounts.runtime-socket",
            "mounts.propagation", "descriptors.host", "namespaces.pid", "namespaces.network",
            "namespaces.ipc", "namespaces.uts"}
MASKED = ("/proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug /proc/scsi "
          "/proc/timer_list /proc/timer_stats /sys/firmware").split()
SETS = {"CapEff": "effective", "CapPrm": "permitted", "CapInh": "inheritable", "CapBnd": "bounding",
        "CapAmb": "ambient"}


def shell(sandbox, box, script):
    return sandbox.run(box, ["/bin/sh", "-c", script]).stdout


def with_status(report, *wanted):
    return {rule for rule, status in statuses(report).items() if status in wanted}


def unmasked(sandbox, **changes):
    """What root, who holds no capability, gets of the kernel's files."""
    script = ("for path in {}; do if [ -d $path ]; then found=$(ls -A $path); "
              "else found=$(busybox head -c 1 $path 2>/dev/null | busybox od); fi; "
              '[ -z "$found" ] || [ "$found" = 0000000 ] || echo $path; done; echo end')
    found = shell(sandbox, Box(root=True, **changes), script.format(" ".join(MASKED))).split()
    assert found.pop() == "end"
    return {f"mounts.kernel-masks {path}" for path in found}


def writable_groups(sandbox):
    lines = shell(sandbox, CONFINED, "cat /proc/self/mountinfo").splitlines()
    rows = [line.split() for line in lines]
    return {f"mounts.cgroup {row[4]}" for row in rows
            if row[row.index("-") + 1] in ("cgroup", "cgroup2") and "rw" in row[5].split(",")}


def opened_devices(sandbox):
    """Where no systemd runs that would confine the container's unit."""
    listed = shell(sandbox, CONFINED, "find /sys/fs/cgroup/devices -name devices.list "
                                      "-exec cat {} + 2>/dev/null; true")
    return {"devices.cgroup"} if "a *:* rwm" in listed.splitlines() else set()


def test_the_manager_or_the_sandbox_is_named(sandbox):
    named = {"gvisor": (None, "gvisor"), "lxc": ("lxc", None),
             "systemd-nspawn": ("systemd-nspawn", None), "bubblewrap": (None, None)}
    for box in (CONFINED, DEFAULTS):
        report = sandbox.report(box)
        found = (fact(report, "runtime.name").get("value"),
                 fact(report, "runtime.sandbox").get("value"))
        # The machine of the tests may itself be a Firecracker virtual machine.
        assert found in (named[sandbox.name], (named[sandbox.name][0], "firecracker"))
    if sandbox.name == "systemd-nspawn":
        assert report["target"]["container_id"] == sandbox.rootfs.name


def test_a_confined_container_fails_for_what_its_manager_cannot_confine_and_no_more(sandbox):
    report = sandbox.report(CONFINED)
    expected = {
        "gvisor": set,
        "lxc": set,
        "systemd-nspawn": lambda: unmasked(sandbox) | writable_groups(sandbox) |
        opened_devices(sandbox),
        "bubblewrap": lambda: {"seccomp.enabled", "seccomp.denied-syscalls allow"},
    }[sandbox.name]()
    assert with_status(report, "fail", "unknown") == expected, report["checks"]
    skipped = {row["id"] for row in report["checks"]
               if row["status"] == "skip" and "runtime.sandbox" in row["message"]}
    assert bool(skipped) == (sandbox.name == "gvisor"), skipped


def test_what_a_manager_makes_in_every_container_is_no_finding(sandbox):
    report = sandbox.report(DEFAULTS)
    assert not ORDINARY & with_status(report, "fail", "unknown"), report["checks"]
    assert not with_status(report, "unknown")
    if sandbox.name != "bubblewrap":
        assert "user.non-root" in with_status(report, "fail")


@SYSTEM_CONTAINERS
def test_root_of_a_user_namespace_is_told_with_whom_it_is_outside(sandbox):
    report = sandbox.report(Box(defaults=True, user_namespace=True))
    assert fact(report, "user.namespace_root")["value"] == 100000
    assert not ORDINARY & with_status(report, "fail", "unknown"), report["checks"]


@pytest.mark.engines("lxc")
def test_lxcfs_is_no_finding(sandbox):
    box = Box(defaults=True, lxcfs=True)
    assert "fuse.lxcfs" in shell(sandbox, box, "cat /proc/self/mountinfo")
    report = sandbox.report(box)
    assert not ORDINARY & with_status(report, "fail", "unknown"), report["checks"]


# Where gVisor's kernel does not tell, `unknown` is the truth.
@pytest.mark.parametrize("box, rule, gvisor", [
    (Box(binds=[("/etc", "/mnt")]), "mounts.host-path", "unknown"),
    (Box(device=True), "devices.unexpected", "fail"),
    (Box(host_network=True), "namespaces.network", "unknown"),
], ids=["host-path", "device", "host-network"])
def test_a_hole_is_found_by_its_rule(sandbox, box, rule, gvisor):
    before = statuses(sandbox.report(CONFINED))
    report = sandbox.report(box)
    status = gvisor if sandbox.name == "gvisor" else "fail"
    expected = {rule: ("pass", status)}
    if sandbox.name == "systemd-nspawn" and box.host_network:
        # It then shows the host's /sys whole, with its firmware.
        expected |= failed(*unmasked(sandbox, host_network=True) - unmasked(sandbox))
    assert changed(before, statuses(report)) == expected, report["checks"]
    if box.device:
        assert DEVICE in next(row["message"] for row in report["checks"] if row["id"] == rule)


def test_the_hosts_root_directory_is_found_whatever_else_it_brings(sandbox):
    report = sandbox.report(Box(binds=[("/", "/mnt")]))
    assert statuses(report)["mounts.host-path"] == "fail"
    assert "/mnt" in next(row["message"] for row in report["checks"]
                          if row["id"] == "mounts.host-path")


def test_an_added_capability_is_found_in_each_set_that_holds_it(sandbox):
    box = Box(capability="CAP_SYS_PTRACE")
    lines = dict(re.findall(r"^(Cap\w+):\s*(\w+)$", shell(sandbox, box, "cat /proc/self/status"),
                            re.MULTILINE))
    expected = {f"capabilities.{SETS[name]}" for name, mask in lines.items() if int(mask, 16) != 0}
    assert "capabilities.effective" in expected
    before = statuses(sandbox.report(Box(root=True)))
    assert changed(before, statuses(sandbox.report(box))) == failed(*expected)


@SYSTEM_CONTAINERS
def test_mounts_that_are_shared_among_the_containers_own_are_not_the_hosts(sandbox, tmp_path):
    tables = [tmp_path / "before", tmp_path / "after"]
    sharing = ["unshare", "--mount", "sh", "-c",
               f"mount --make-rshared / && cat /proc/self/mountinfo >{tables[0]} && \"$@\"; "
               f"status=$?; cat /proc/self/mountinfo >{tables[1]}; exit $status", "sh"]
    inside = sandbox.run(DEFAULTS, ["/bin/cat", "/proc/self/mountinfo"], sharing).stdout
    before, after, own = (set(re.findall(r"shared:(\d+)", text))
                          for text in (tables[0].read_text(), tables[1].read_text(), inside))
    # A mount that others of the machine make or remove in the meantime gives its number away.
    host = before & after
    assert host and own and not host & own, (host, inside)
    assert fact(sandbox.report(DEFAULTS, before=sharing), "mount.shared")["value"] == []


@SYSTEM_CONTAINERS
def test_system_calls_answer_as_the_configuration_says(sandbox):
    report = sandbox.report(CONFINED)
    rows = {row["subject"]: set(row["value"]) for row in report["facts"]
            if row["key"] == "seccomp.syscalls"}
    denied = set(REFUSING["syscalls"][0]["names"]) & set().union(*rows.values())
    assert len(denied) > 30
    if sandbox.name == "lxc":
        assert rows["errno(EPERM)"] == denied
    # nspawn's own list of what is allowed refuses more, some of it in other ways.
    assert not denied & rows["allow"]


@pytest.mark.engines("gvisor")
def test_a_filter_inside_gvisor_that_cannot_be_asked_is_unknown_and_not_judged(sandbox):
    report = sandbox.report(Box(seccomp=True), policy="strict")
    assert fact(report, "seccomp.mode")["value"] == "filter"
    row = next(row for row in report["facts"] if row["key"] == "seccomp.syscalls")
    assert row["state"] == "unknown" and "cannot be loaded" in row["reason"]
    found = {status for rule, status in statuses(report).items() if rule.startswith("seccomp.")}
    assert found == {"skip"}


@pytest.mark.engines("gvisor")
def test_gvisor_has_no_host_to_give_away_to_a_privileged_container(sandbox):
    report = sandbox.report(Box(capability="CAP_SYS_ADMIN"))
    assert statuses(report)["privileges.container"] == "skip"
