"""Every system call's answer is the profile's, for random profiles, by every ABI."""
import json
import platform
import random

import pytest

import oci_seccomp
from container import HARDENED, Container

PROFILES = 300

# No Linux has these any more: i386 is not asked about them.
DEAD = {"afs_syscall", "create_module", "get_kernel_syms", "getpmsg", "nfsservctl", "putpmsg",
        "query_module", "vserver"}


def calls(done):
    return facts(done, "seccomp.calls")


def answers(done):
    found, unknown = {}, None
    for row in json.loads(done.stdout)["facts"]:
        if row["key"] != "seccomp.syscalls":
            continue
        if row["state"] == "unknown":
            unknown = row["reason"]
            continue
        for name in row["value"]:
            assert name not in found, f"{name} has two answers"
            found[name] = row["subject"]
    return found, unknown


def facts(done, key):
    rows = json.loads(done.stdout)["facts"]
    return {row.get("subject"): row.get("value") for row in rows if row["key"] == key}


def check_i386(done, profile, known):
    """runc kills the architectures that a profile does not list."""
    state = facts(done, "seccomp.abi")["i386"]
    looser = facts(done, "seccomp.abi.looser")["i386"]
    if state == "absent":
        return  # this kernel has no int $0x80
    if "architectures" not in profile:
        assert (state, looser) == ("blocked", [])
    else:
        assert state == "reachable"
        # libseccomp makes rules about these of those about socket, semget and so on.
        assert set(looser) - {"socketcall", "ipc"} == oci_seccomp.looser(profile, known) - DEAD


@pytest.mark.parametrize("first", range(0, PROFILES, 20))
def test_random_profiles_are_read_exactly(runc, first):
    known = oci_seccomp.numbers(platform.machine())
    for number in range(first, first + 20):
        profile = oci_seccomp.make(random.Random(number), known)
        container = Container(**HARDENED, seccomp=profile)
        done = runc.run(container, ["/watertight", "observe"])
        assert done.returncode == 0, (number, profile, done.stderr)
        found, unknown = answers(done)
        assert unknown is None, (number, unknown)
        wanted = oci_seccomp.expected(profile, known)
        wrong = {name: (found.get(name), action) for name, action in wanted.items()
                 if found.get(name) != action}
        assert wrong == {}, (number, profile["defaultAction"], wrong)
        if platform.machine() == "x86_64":
            check_i386(done, profile, known)


def test_nothing_is_denied_where_no_filter_is_loaded(runc):
    for container in (Container(seccomp="unconfined"),
                      Container(uid=1000, gid=1000, bounding=[], no_new_privs=True)):
        found, _ = answers(runc.run(container, ["/watertight", "observe"]))
        assert set(found.values()) == {"allow"}
        assert set(oci_seccomp.numbers(platform.machine())) <= set(found)


CLONE_FLAGS = {"CLONE_NEWUSER": 0x10000000, "CLONE_NEWNS": 0x20000, "CLONE_NEWPID": 0x20000000,
               "CLONE_NEWNET": 0x40000000, "CLONE_NEWIPC": 0x8000000, "CLONE_NEWUTS": 0x4000000,
               "CLONE_NEWCGROUP": 0x2000000}
FAMILIES = {"AF_ALG": 38, "AF_VSOCK": 40, "AF_PACKET": 17, "AF_NETLINK": 16}
REQUESTS = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C}


ARGUMENTS = {
    **{f"{call}({name})": (call, [flag | (17 if call == "clone" else 0)])
       for name, flag in CLONE_FLAGS.items() for call in ("clone", "unshare")},
    **{f"socket({name})": ("socket", [value]) for name, value in FAMILIES.items()},
    "socket(AF_ALG | 1<<32)": ("socket", [38 | 1 << 32]),
    "socket(AF_VSOCK | 1<<32)": ("socket", [40 | 1 << 32]),
    "socket(AF_NETLINK, NETLINK_AUDIT)": ("socket", [16, 3, 9]),
    **{f"ioctl({name})": ("ioctl", [0, value]) for name, value in REQUESTS.items()},
    "ioctl(TIOCSTI | 1<<32)": ("ioctl", [0, 0x5412 | 1 << 32]),
    "personality(PER_LINUX)": ("personality", [0]),
    "personality(PER_LINUX32)": ("personality", [8]),
    "personality(ADDR_NO_RANDOMIZE)": ("personality", [0x40000]),
    "personality(READ_IMPLIES_EXEC)": ("personality", [0x400000]),
    "prctl(PR_SET_DUMPABLE)": ("prctl", [4]),
    "prctl(PR_SET_MM)": ("prctl", [35]),
    "prctl(PR_SET_PTRACER)": ("prctl", [0x59616D61]),
    "prctl(PR_SET_SECCOMP)": ("prctl", [22]),
    "bpf(BPF_MAP_CREATE)": ("bpf", [0]),
    "bpf(BPF_PROG_LOAD)": ("bpf", [5]),
    "bpf(BPF_BTF_LOAD)": ("bpf", [18]),
    "bpf(BPF_TOKEN_CREATE)": ("bpf", [36]),
    "io_uring_setup(1)": ("io_uring_setup", [1]),
}
WHOLE = [f"clone3({name})" for name in [*CLONE_FLAGS, "CLONE_NEWTIME"]]  # flags are in memory


def wanted_calls(profile, known):
    arguments = {**ARGUMENTS, "unshare(CLONE_NEWTIME)": ("unshare", [0x80]),
                 **{name: ("clone3", []) for name in WHOLE}}
    return {name: oci_seccomp.answer(profile, known, call, values)
            for name, (call, values) in arguments.items()}


def condition(random_, call, values):
    """A rule that refuses the call by its arguments, as profiles do: equal, or masked."""
    index = len(values) - 1 if call != "socket" else 0
    if call in ("clone", "unshare"):
        flag = values[0] & ~255
        argument = {"value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
    elif random_.random() < 0.5:
        argument = {"value": 0xFFFFFFFF, "valueTwo": values[index] & 0xFFFFFFFF,
                    "op": "SCMP_CMP_MASKED_EQ"}
    else:
        argument = {"value": values[index], "op": "SCMP_CMP_EQ"}
    return {"names": [call], "action": "SCMP_ACT_ERRNO", "errnoRet": 13,
            "args": [{"index": index, **argument}]}


@pytest.mark.parametrize("number", range(12))
def test_conditions_on_arguments_are_seen(runc, number):
    random_ = random.Random(number)
    known = oci_seccomp.numbers(platform.machine())
    rules = [condition(random_, call, values) for call, values in ARGUMENTS.values()
             if random_.random() < 0.4]
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules + [
        {"names": random_.choice([["reboot"], ["clone3"]]), "action": "SCMP_ACT_ERRNO"}]}
    done = runc.run(Container(**HARDENED, seccomp=profile), ["/watertight", "observe"])
    assert calls(done) == wanted_calls(profile, known)


def test_the_rule_names_what_is_let_through(engine):
    container = Container(**HARDENED)
    if engine.name in ("runc", "crun"):
        container.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    done = engine.run(container, ["/watertight", "--format", "json", "--only", "seccomp."])
    report = json.loads(done.stdout)
    row = next(r for r in report["checks"] if r["id"] == "seccomp.denied-syscalls")
    if engine.name in ("runc", "crun"):
        assert row["status"] == "fail"
        assert "bpf" in row["message"]
    else:
        assert row["status"] == "pass", row["message"]  # the engine's default profile


def test_fast_leaves_it_out_and_says_so(runc):
    profile = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}
    container = Container(**HARDENED, seccomp=profile)
    done = runc.run(container, ["/watertight", "--fast", "--only", "seccomp.", "-f", "json"])
    assert done.returncode == 2
    assert "left out by --fast" in done.stdout
