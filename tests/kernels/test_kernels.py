"""What watertight says on a kernel with control groups v2 and AppArmor, and on one with SELinux, held
against each container's configuration and what the machine's own side read of the container's twin.

scripts/fetch-kernel puts Debian's kernel into build/kernels, without installing it; the machine is
emulated, with containers of this machine's runc and crun.
"""
import cases
import pytest
from cases import MIB

OWN = {"limit.memory": 64 * MIB, "limit.swap": 32 * MIB, "limit.pids": 50, "limit.cpu": 250}
ABOVE = {"limit.memory": 32 * MIB, "limit.swap": 0, "limit.pids": 20, "limit.cpu": 50}
NONE = dict.fromkeys(OWN)
# In a control group namespace the groups above are not mounted, as README says of limits.
LIMITS = {"limited": OWN, "limited-crun": OWN, "limited-shared": OWN, "below-tight": OWN,
          "whole-tree": ABOVE, "strict": NONE, "privileged": NONE}
MODES = {"apparmor-enforced": "enforce", "apparmor-enforced-crun": "enforce",
         "apparmor-complaining": "complain", "apparmor-killing": "kill",
         "apparmor-declared": "unconfined", "apparmor-with-space": "enforce",
         "apparmor-unconfined": "unconfined", "apparmor-mixed": "mixed",
         "apparmor-stacked": "mixed", "strict": "unconfined"}


def both(table):
    return [(mode, name) for mode in table for name in cases.MACHINES[mode]]


@pytest.mark.parametrize("mode,name", both(["apparmor", "selinux"]))
def test_nothing_that_a_policy_asks_for_is_unknown(seen, mode, name):
    report = seen(mode, name).report
    assert [row["id"] for row in report["checks"] if row["status"] == "unknown"] == []


@pytest.mark.parametrize("mode", ["apparmor", "selinux"])
@pytest.mark.parametrize("name", ["hardened", "hardened-crun"])
def test_the_ordinary_hardened_container_passes(seen, mode, name):
    run = seen(mode, name)
    assert run.report["verdict"] == "pass" and run.status == 0


def test_one_with_a_label_passes_too(seen):
    assert seen("selinux", "hardened-label").status == 0


def mounted_groups(run, name):
    """Limit -> the least of the kernel's own files in the groups that the container can see."""
    least = dict(NONE)
    rows = [line.split() for line in run.host["groups"].splitlines()]
    own = rows[0][0]
    for group, file, limit, *period in rows:
        if limit == "max" or (name == "below-tight" and group != own):
            continue
        key = "limit." + {"memory.max": "memory", "memory.swap.max": "swap", "pids.max": "pids",
                          "cpu.max": "cpu"}[file]
        value = int(limit) * 1000 // int(period[0]) if period else int(limit)
        least[key] = value if least[key] is None else min(least[key], value)
    return least


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_those_of_the_configuration_and_the_kernel(seen, name):
    run = seen("apparmor", name)
    assert {key: run.value(key) for key in OWN} == LIMITS[name] == mounted_groups(run, name)
    for rule in ("memory", "pids", "cpu"):
        expected = "pass" if LIMITS[name]["limit." + rule] is not None else "fail"
        assert run.verdict("limits." + rule) == expected


@pytest.mark.parametrize("name,space", [("limited", "private"), ("limited-shared", "host"),
                                        ("whole-tree", "host")])
def test_a_control_group_namespace_is_told_from_the_machines(seen, name, space):
    run = seen("apparmor", name)
    ids = dict(line.split(" ")[1:] for line in run.host["namespaces"].splitlines()
               if line.startswith("cgroup "))
    assert (len(set(ids.values())) == 1) == (space == "host")
    assert run.value("namespace.cgroup") == space


@pytest.mark.parametrize("name", ["cgroup-writable", "cgroup-writable-root", "privileged"])
def test_a_writable_control_group_mount_fails(seen, name):
    assert "fail" in seen("apparmor", name).verdict("mounts.cgroup", "/sys/fs/cgroup")


def test_the_twin_of_root_makes_a_group_in_a_writable_mount_only(seen):
    assert "mkdir done" in seen("apparmor", "cgroup-writable-root").inside
    assert "mkdir refused" in seen("apparmor", "strict").inside
    assert seen("apparmor", "strict").verdict("mounts.cgroup", "/sys/fs/cgroup") == "pass"


@pytest.mark.parametrize("name", MODES)
def test_an_apparmor_profile_is_what_the_kernel_says_of_the_twin(seen, name):
    run = seen("apparmor", name)
    assert run.value("lsm.apparmor") == run.host["attr-current"].strip("\n\0")
    assert run.value("lsm.apparmor.mode") == MODES[name]
    assert run.value("lsm.selinux") is None
    confined = MODES[name] in ("enforce", "kill")
    assert run.verdict("lsm.confined") == ("pass" if confined else "fail")


@pytest.mark.parametrize("kind", cases.TYPES)
def test_an_selinux_context_is_the_one_of_the_configuration(seen, kind):
    run = seen("selinux", "selinux-" + kind)
    assert run.value("lsm.selinux") == cases.CONTEXT.format(kind)
    assert run.host["attr-current"].strip("\n\0") == cases.CONTEXT.format(kind)
    assert run.value("lsm.selinux.type") == kind
    assert run.value("lsm.apparmor") is None
    assert run.host["enforce"] == "1" and "renice refused" in run.inside
    assert run.verdict("lsm.confined") == ("fail" if kind == "spc_t" else "pass")


def test_a_container_without_a_context_of_its_own_is_not_confined(seen):
    run = seen("selinux", "selinux-none")
    assert run.value("lsm.selinux.type") == "kernel_t"
    assert run.verdict("lsm.confined") == "fail"


@pytest.mark.parametrize("name", ["selinux-permissive", "selinux-permissive-domain"])
def test_that_selinux_only_logs_is_not_to_be_seen_from_inside(seen, name):
    """The limit that README states: the context is all that the container sees of SELinux."""
    run = seen("selinux", name)
    assert "renice done" in run.inside
    assert not any("selinuxfs" in line for line in run.told("mountinfo"))
    assert run.value("lsm.selinux") == run.host["attr-current"].strip("\n\0")


@pytest.mark.parametrize("name", ["user-namespace", "user-namespace-root"])
def test_a_user_namespace_is_private(seen, name):
    run = seen("apparmor", name)
    assert run.value("namespace.user") == "private"
    assert run.host["uid_map"].split() == ["0", "100000", "65536"]
    assert run.value("privileges.container") == "ordinary"


@pytest.mark.parametrize("name", ["privileged", "privileged-crun"])
def test_a_privileged_container_is_called_so(seen, name):
    run = seen("apparmor", name)
    assert run.verdict("privileges.container") == "fail"
    assert run.verdict("capabilities.effective") == "fail"
    assert run.verdict("devices.unexpected") == "fail"
    assert run.verdict("seccomp.enabled") == "fail"


@pytest.mark.parametrize("name,score,verdict", [("oom-1000", -1000, "fail"),
                                                ("oom-997", -997, "pass"),
                                                ("strict", 0, "pass")])
def test_only_a_container_that_is_never_killed_for_memory_fails(seen, name, score, verdict):
    run = seen("apparmor", name)
    assert int(run.host["oom_score_adj"]) == score
    assert run.verdict("limits.oom-score") == verdict
