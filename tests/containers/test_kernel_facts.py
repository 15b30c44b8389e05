"""Facts of the kernel's side of isolation equal the truth: the configuration, and a twin's shell."""
import json
import os
import pathlib
import subprocess

import pytest

import holes
import kernel_holes
from container import HARDENED, REFUSING, Container

KINDS = {"pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "mount": "mnt",
         "cgroup": "cgroup", "user": "user", "time": "time"}


def facts(done):
    assert done.stdout, done.stderr
    return {(row["key"], row.get("subject")): row for row in json.loads(done.stdout)["facts"]}


def value(found, key, subject=None):
    row = found[key, subject]
    return row.get("value", row["state"])


def strict(engine, container):
    done = engine.run(container, ["/watertight", "--policy", "strict", "--format", "json"])
    assert done.stdout, done.stderr
    return {(row["id"], row["subject"]): row for row in json.loads(done.stdout)["checks"]}


def with_user_namespace(spec):
    spec["linux"]["namespaces"].append({"type": "user"})
    mapping = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = mapping


def with_namespace(kind, path=None):
    def edit(spec):
        others = [row for row in spec["linux"]["namespaces"] if row["type"] != kind]
        spec["linux"]["namespaces"] = [*others, {"type": kind, **({"path": path} if path else {})}]
    return edit


EDITS = {
    "default": None,
    "cgroup": with_namespace("cgroup"),
    "user": with_user_namespace,
    "no-pid": holes.without_namespace("pid"),
    "no-network-no-uts": holes.together(holes.without_namespace("network"),
                                        holes.without_namespace("uts")),
}


@pytest.mark.engines("runc", "crun")
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_namespace_is_told_as_the_links_tell_it(engine, edit):
    container = Container(edit=edit)
    found = facts(engine.run(container, ["/watertight", "observe"]))
    script = "; ".join(f"/bin/busybox readlink /proc/self/ns/{link}" for link in KINDS.values())
    links = engine.run(container, ["/bin/sh", "-c", script]).stdout.split()
    assert len(links) == len(KINDS)
    for (kind, name), link in zip(KINDS.items(), links):
        expected = "host" if link == os.readlink(f"/proc/self/ns/{name}") else "private"
        assert value(found, f"namespace.{kind}") == expected, (kind, link)


def test_a_namespace_of_another_container_is_not_the_hosts(runc):
    other = subprocess.Popen(["unshare", "--net", "--pid", "--fork", "--kill-child", "sleep", "60"])
    try:
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{other.pid}/ns/net") == own:
            pass
        container = Container(edit=with_namespace("network", f"/proc/{other.pid}/ns/net"))
        found = facts(runc.run(container, ["/watertight", "observe"]))
        assert value(found, "namespace.network") == "private"
    finally:
        other.kill()
        other.wait()


def test_an_interface_that_routes_loopback_addresses_is_named(runc):
    """By its own setting; that of the other end of the wire, and of lo, are left as they were."""
    script = ("ip link add wt0 type veth peer name wt1; cd /proc/sys/net/ipv4/conf;"
              "echo 1 > wt0/route_localnet; echo 1 > lo/route_localnet; echo; exec sleep 60")
    other = subprocess.Popen(["unshare", "--net", "sh", "-c", script], stdout=subprocess.PIPE)
    try:
        assert other.stdout.read(1) == b"\n"
        edit = with_namespace("network", f"/proc/{other.pid}/ns/net")
        container = Container(**HARDENED, edit=edit)
        assert value(facts(runc.run(container, ["/watertight", "observe"])),
                     "network.route_localnet") == ["wt0"]
        assert strict(runc, container)["network.route-localnet", None]["status"] == "fail"
    finally:
        other.kill()
        other.wait()


def test_in_the_hosts_network_its_routing_of_loopback_addresses_is_not_judged(runc):
    container = Container(**HARDENED, edit=holes.without_namespace("network"))
    row = strict(runc, container)["network.route-localnet", None]
    assert row["status"] == "skip" and "the host's" in row["message"]


SYSCTLS = {"net.ipv4.ip_forward": "1", "net.ipv4.ping_group_range": "5 77",
           "net.ipv4.ip_unprivileged_port_start": "123"}


def test_the_networks_settings_are_those_that_were_set_and_the_machines_its_own(engine):
    def edit(spec):
        for name, text in SYSCTLS.items():
            kernel_holes.with_sysctl(name, text)(spec)
    container = Container(edit=edit, flags=[
        f"--sysctl={name}={text}" for name, text in SYSCTLS.items()])
    found = facts(engine.run(container, ["/watertight", "observe"]))
    rows = {subject: row for (key, subject), row in found.items() if key == "kernel.sysctl"}
    assert SYSCTLS.keys() < rows.keys() and len(rows) > 20
    for name, row in rows.items():
        path = pathlib.Path("/proc/sys") / name.replace(".", "/")
        if name in SYSCTLS:
            assert row["value"] == SYSCTLS[name]
        elif not name.startswith("net."):
            expected = " ".join(path.read_text().split()) if path.exists() else "absent"
            assert row.get("value", row["state"]) == expected, name


def test_without_the_networks_settings_the_network_is_still_told(runc):
    def edit(spec):
        spec["linux"]["maskedPaths"].append("/proc/sys")
    found = facts(runc.run(Container(edit=edit), ["/watertight", "observe"]))
    assert value(found, "namespace.network") == "private"
    shared = holes.together(edit, holes.without_namespace("network"))
    found = facts(runc.run(Container(edit=shared), ["/watertight", "observe"]))
    assert value(found, "namespace.network") == "host"


@pytest.mark.engines("runc", "crun")
def test_in_a_user_namespace_nothing_is_unknown_and_nothing_fails_for_it(engine):
    container = Container(**HARDENED, seccomp=REFUSING)
    before = strict(engine, container)
    container.edit = with_user_namespace
    found = strict(engine, container)
    for one in (before, found):  # no node can be made there
        one.pop(("devices.cgroup", None), None)
    assert {key: row["status"] for key, row in found.items()} == {
        key: row["status"] for key, row in before.items()}
    # The owner of the kernel's files is nobody here: not even root could write to them.
    unprotected = holes.together(with_user_namespace,
                                 holes.without_path("readonlyPaths", "/proc/irq"))
    seen = facts(engine.run(Container(edit=unprotected), ["/watertight", "observe"]))
    assert value(seen, "kernel.protection", "/proc/irq") == "foreign"
    assert value(seen, "kernel.path", "/proc/irq") == "readable"


LIMITS = [(67108864, 10, 250), (268435456, 1000, 1500)]


@pytest.mark.parametrize("memory,pids,cpu", LIMITS)
def test_limits_are_those_that_were_set(engine, memory, pids, cpu):
    container = Container(
        edit=holes.with_resources(memory={"limit": memory, "swap": memory * 2},
                                  pids={"limit": pids},
                                  cpu={"quota": cpu * 100, "period": 100000}),
        flags=[f"--memory={memory}", f"--memory-swap={memory * 2}", f"--pids-limit={pids}",
               f"--cpus={cpu / 1000}"])
    found = facts(engine.run(container, ["/watertight", "observe"]))
    assert value(found, "limit.memory") == memory
    assert value(found, "limit.pids") == pids
    assert value(found, "limit.cpu") == cpu
    if os.path.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"):
        assert value(found, "limit.swap") == memory
    else:
        assert value(found, "limit.swap") == "absent"


def test_a_limit_of_all_that_the_machine_has_is_one(engine):
    memory, cpus = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), os.cpu_count()
    container = Container(
        edit=holes.with_resources(memory={"limit": memory}, pids={"limit": 4194303},
                                  cpu={"quota": cpus * 100000, "period": 100000}),
        flags=[f"--memory={memory}", "--pids-limit=4194303", f"--cpus={cpus}"])
    found = facts(engine.run(container, ["/watertight", "observe"]))
    assert value(found, "limit.memory") == memory
    assert value(found, "limit.pids") == 4194303
    assert value(found, "limit.cpu") == cpus * 1000


@pytest.mark.parametrize("rank", [0, 321, 1000])
def test_the_rank_out_of_memory_is_the_one_that_was_set(engine, rank):
    container = Container(edit=kernel_holes.with_rank(rank), flags=[f"--oom-score-adj={rank}"])
    found = facts(engine.run(container, ["/watertight", "observe"]))
    assert value(found, "process.oom_score_adj") == rank


V1 = pathlib.Path("/sys/fs/cgroup/memory")


def limited_parent_on_v1(runc):
    parent = V1 / f"watertight-test-{os.getpid()}"
    parent.mkdir()
    try:
        (parent / "memory.use_hierarchy").write_text("1")
        (parent / "memory.limit_in_bytes").write_text("50331648")

        def edit(spec):
            spec["linux"]["cgroupsPath"] = f"/{parent.name}/inner"
            spec["linux"]["resources"]["memory"] = {"limit": 268435456}
        found = facts(runc.run(Container(edit=edit), ["/watertight", "observe"]))
        assert value(found, "limit.memory") == 50331648
    finally:
        for control in V1.parent.iterdir():
            for group in (f"{parent.name}/inner", parent.name):
                if (control / group).is_dir():
                    (control / group).rmdir()


if V1.exists():  # on v2 a limit above the mount is not seen at all
    test_a_limit_above_what_is_mounted_counts_on_v1 = limited_parent_on_v1


@pytest.mark.engines("docker")
def test_without_all_its_masks_both_rules_fail_and_no_other(engine):
    container = Container(**HARDENED)
    before = strict(engine, container)
    container.flags = ["--security-opt=systempaths=unconfined"]
    found = strict(engine, container)
    changed = {rule for (rule, subject), row in found.items()
               if row["status"] != before[rule, subject]["status"]}
    assert changed == {"mounts.kernel-masks", "mounts.kernel-read-only"}


def test_the_links_of_dev_are_those_that_a_shell_sees(engine):
    container = Container(**HARDENED)
    found = facts(engine.run(container, ["/watertight", "observe"]))
    script = "cd /dev; for name in *; do [ -L $name ] && echo $name $(readlink $name); done; true"
    lines = engine.run(container, ["/bin/sh", "-c", script.replace("readlink", "/bin/busybox readlink")])
    seen = sorted(f"/dev/{line.replace(' ', ' -> ')}" for line in lines.stdout.splitlines())
    assert {"/dev/fd -> /proc/self/fd", "/dev/stderr -> /proc/self/fd/2"} < set(seen)
    assert value(found, "device.links") == seen


def test_other_processes_are_counted_and_those_that_are_open_to_this_one(engine):
    """Two sleepers of the same user and the shell; alone it sees nobody."""
    hardened = dict(uid=1000, gid=1000, bounding=[])
    alone = facts(engine.run(Container(**hardened), ["/watertight", "observe"]))
    assert (value(alone, "process.visible"), value(alone, "process.open")) == (0, 0)
    script = "/bin/sleep 50 & /bin/sleep 50 & /watertight observe; kill %1 %2"
    found = facts(engine.run(Container(**hardened), ["/bin/sh", "-c", script]))
    assert (value(found, "process.visible"), value(found, "process.open")) == (3, 3)


OPEN_PATHS = {"/proc/config.gz": "head -c 1 /proc/config.gz",
              "/proc/interrupts": "head -c 1 /proc/interrupts",
              "/sys/kernel/vmcoreinfo": "head -c 1 /sys/kernel/vmcoreinfo",
              "/proc/kallsyms": "grep -v ^0000000000000000 /proc/kallsyms | head -c 1"}


@pytest.mark.parametrize("uid", [0, 1000])
def test_what_the_kernel_tells_everybody_is_readable_where_a_shell_reads_it(engine, uid):
    container = Container(uid=uid, gid=uid, flags=["--cap-drop=ALL"], bounding=[])
    found = facts(engine.run(container, ["/watertight", "observe"]))
    for path, command in OPEN_PATHS.items():
        piped = command.replace("head", "/bin/busybox head").replace("grep", "/bin/busybox grep")
        done = engine.run(container, ["/bin/sh", "-c", f"{piped} 2>/dev/null | /bin/busybox wc -c"])
        word = value(found, "kernel.path", path)
        assert (word == "readable") == (done.stdout.strip() == "1"), (path, word, done)
        assert word == "readable" or os.path.exists(path) or word == "absent"


@pytest.mark.engines("runc", "crun")
def test_what_the_kernel_tells_everybody_can_be_masked(engine):
    def edit(spec):
        spec["linux"]["maskedPaths"] += OPEN_PATHS
    found = facts(engine.run(Container(edit=edit), ["/watertight", "observe"]))
    for path in OPEN_PATHS:
        assert value(found, "kernel.path", path) == (
            "masked" if os.path.exists(path) else "absent"), path


@pytest.mark.engines("docker", "podman")
def test_another_users_process_is_seen_and_not_open(engine):
    made = engine.call("run", "--detach", "--network=none", "--user=1000:1000", engine.image,
                       "/bin/sleep", "60")
    name = made.stdout.strip()
    try:
        for user, is_open in (("1000:1000", 1), ("2000:2000", 0)):
            found = facts(engine.call("exec", f"--user={user}", name, "/watertight", "observe"))
            assert (value(found, "process.visible"), value(found, "process.open")) == (1, is_open)
    finally:
        engine.call("rm", "--force", name)


def refusing_executable_memory(action):
    """A profile as am-i-isolated's example has one: mmap with PROT_WRITE and PROT_EXEC."""
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{
        "names": ["mmap"], "action": action,
        "args": [{"index": 2, "value": 6, "valueTwo": 6, "op": "SCMP_CMP_MASKED_EQ"}]}]}


@pytest.mark.parametrize("action", [None, "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"])
def test_memory_that_is_writable_and_executable_is_had_or_refused(engine, action):
    seccomp = "unconfined" if action is None else refusing_executable_memory(action)
    found = facts(engine.run(Container(seccomp=seccomp), ["/watertight", "observe"]))
    assert value(found, "memory.write_exec") is (action is None)


@pytest.mark.engines("runc", "crun")
def test_the_maps_of_ids_are_those_that_were_configured(engine):
    def edit(spec):
        with_user_namespace(spec)
        spec["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 200000, "size": 4096}]
    found = facts(engine.run(Container(edit=edit), ["/watertight", "observe"]))
    assert value(found, "user.uid_map") == "0 100000 65536"
    assert value(found, "user.gid_map") == "0 200000 4096"


@pytest.mark.engines("docker", "podman")
def test_a_terminal_is_no_unexpected_device(engine):
    container = Container(**HARDENED, flags=["--tty"])
    done = engine.run(container, ["/watertight", "observe"])
    nodes = value(facts(done), "device.nodes")
    assert "c 136:* /dev/console" in nodes
    row = json.loads(engine.run(container, ["/watertight", "--only", "devices.", "-f", "json"]).stdout)
    assert row["checks"][0]["status"] == "pass", row["checks"]


def test_a_device_that_a_policy_allows_is_expected(runc, tmp_path):
    policy = {"schema": "watertight.policy/1", "name": "fuse", "extends": "baseline",
              "params": {"allowed_devices": ["c 10:229 /dev/fuse", "c 1:3 /dev/null",
                                             "c 1:5 /dev/zero", "c 1:7 /dev/full",
                                             "c 1:8 /dev/random", "c 1:9 /dev/urandom",
                                             "c 5:0 /dev/tty", "c 5:2 /dev/pts/ptmx"]}}
    (runc.rootfs / "fuse.json").write_text(json.dumps(policy))
    container = Container(edit=holes.with_device("/dev/fuse", "c", 10, 229))
    for name, expected in (("/fuse.json", 0), ("baseline", 1)):
        done = runc.run(container, ["/watertight", "--policy", name, "--only", "devices."])
        assert done.returncode == expected, done.stdout


def test_what_cannot_be_looked_through_is_unknown(runc):
    container = Container(tmpfs={"/dev/many": "mode=1777"})
    script = ("i=0; while [ $i -lt 17000 ]; do : > /dev/many/$i; i=$((i+1)); done;"
              "exec /watertight observe")
    row = facts(runc.run(container, ["/bin/sh", "-c", script]))["device.nodes", None]
    assert (row["state"], "/dev/many" in row["reason"]) == ("unknown", True), row
    container = Container(tmpfs={"/dev/secret": "mode=0700"}, uid=1000, gid=1000, bounding=[])
    row = facts(runc.run(container, ["/watertight", "observe"]))["device.nodes", None]
    assert (row["state"], "EACCES" in row["reason"]) == ("unknown", True), row


def test_the_security_modules_word_is_the_kernels(engine):
    found = facts(engine.run(Container(), ["/watertight", "observe"]))
    label = engine.run(Container(), ["/bin/cat", "/proc/self/attr/current"])
    words = label.stdout.strip("\n\0")
    if label.returncode != 0:
        assert "Invalid argument" in label.stderr or "No such file" in label.stderr
    told = [value(found, key) for key in ("lsm.apparmor", "lsm.selinux")]
    assert sorted(told) == sorted(["absent", words if label.returncode == 0 else "absent"])
    row = strict(engine, Container(**HARDENED))["lsm.confined", None]
    confined = "(enforce)" in words or ":container_t:" in words
    assert row["status"] == ("skip" if label.returncode != 0 else "pass" if confined else "fail")
