"""A container as the tests describe it, for every engine, and what must be true inside it."""
import json
import pathlib
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Tuple

# capabilities(7), by number.
CAPABILITIES = [
    "CAP_" + name
    for name in (
        "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
        "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER "
        "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE "
        "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP "
        "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
        "CHECKPOINT_RESTORE"
    ).split()
]
# What Docker and Podman give by default (FIELD: the 14 of Docker).
DOCKER_DEFAULT = {
    "CAP_" + name
    for name in (
        "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
        "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE"
    ).split()
}


@dataclass
class Container:
    """None: the engine's own default."""

    uid: int = 0
    gid: int = 0
    groups: List[int] = field(default_factory=list)
    bounding: Optional[List[str]] = None
    permitted: Optional[List[str]] = None  # OCI engines only; None: as bounding
    inheritable: List[str] = field(default_factory=list)  # OCI engines only
    ambient: List[str] = field(default_factory=list)  # OCI engines only
    no_new_privs: bool = False
    read_only: bool = False
    tmpfs: Dict[str, str] = field(default_factory=dict)  # path -> options
    seccomp: object = "default"  # "default", "unconfined" or a profile (dict)
    mounts: List[dict] = field(default_factory=list)  # OCI engines only
    pids_limit: Optional[int] = None
    rlimits: Dict[str, Tuple[int, int]] = field(default_factory=dict)  # RLIMIT_… -> soft, hard
    environment: Dict[str, str] = field(default_factory=dict)
    rootfs: Optional[str] = None  # OCI engines only; None: the busybox one
    edit: Optional[Callable[[dict], None]] = None  # OCI engines only; of the configuration
    flags: List[str] = field(default_factory=list)  # Docker and Podman only
    host_network: bool = False  # OCI engines only
    descriptors: int = 0  # not Docker: so many, from 3 on, are passed on into the container

    def after_exec(self, bounding):
        """The capability sets of the program, by capabilities(7), "Transformation during execve"."""
        inheritable = set(self.inheritable)
        permitted = bounding if self.permitted is None else set(self.permitted)
        ambient = set(self.ambient) & permitted & inheritable
        after = set(ambient)
        if self.uid == 0:
            gained = inheritable | bounding
            after |= gained & permitted if self.no_new_privs else gained
        return {
            "effective": after,
            "permitted": after,
            "inheritable": inheritable,
            "bounding": set(bounding),
            "ambient": ambient,
        }


HARDENED = dict(
    uid=1000,
    gid=1000,
    bounding=[],
    no_new_privs=True,
    read_only=True,
    tmpfs={"/tmp": "rw,nosuid,nodev,noexec,mode=1777"},
)

_POLICY = pathlib.Path(__file__).resolve().parents[2] / "agent/policies/strict.json"
# What a container of an engine without a default profile needs to be hardened, and strict.
REFUSING = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{
        "names": json.loads(_POLICY.read_text())["params"]["denied_syscalls"],
        "action": "SCMP_ACT_ERRNO",
    }],
}
