"""The independent observer: a busybox shell in a twin container tells what it sees and can do."""
import re

PATHS = ["/", "/usr/bin", "/etc", "/tmp"]

# The shell reads its own status without executing anything more, as watertight does. Then it
# really tries to make files: only here, never in the container that watertight looks at.
SCRIPT = r"""
while IFS= read -r line; do echo "status $line"; done < /proc/self/status
while IFS= read -r line; do echo "mount $line"; done < /proc/self/mountinfo
while IFS= read -r line; do echo "map $line"; done < /proc/self/uid_map
while IFS= read -r line; do echo "limit $line"; done < /proc/self/limits
for path in / /usr/bin /etc /tmp; do
    if error=$( { : > "$path/.observer"; } 2>&1 ); then
        rm "$path/.observer"
        echo "write $path ok"
    else
        echo "write $path $error"
    fi
done
"""

# getrlimit(2) and the lines of the kernel's file.
RLIMITS = {
    "RLIMIT_CPU": "Max cpu time",
    "RLIMIT_FSIZE": "Max file size",
    "RLIMIT_DATA": "Max data size",
    "RLIMIT_STACK": "Max stack size",
    "RLIMIT_CORE": "Max core file size",
    "RLIMIT_RSS": "Max resident set",
    "RLIMIT_NPROC": "Max processes",
    "RLIMIT_NOFILE": "Max open files",
    "RLIMIT_MEMLOCK": "Max locked memory",
    "RLIMIT_AS": "Max address space",
    "RLIMIT_LOCKS": "Max file locks",
    "RLIMIT_SIGPENDING": "Max pending signals",
    "RLIMIT_MSGQUEUE": "Max msgqueue size",
    "RLIMIT_NICE": "Max nice priority",
    "RLIMIT_RTPRIO": "Max realtime priority",
    "RLIMIT_RTTIME": "Max realtime timeout",
}

ERRORS = {
    "Read-only file system": "EROFS",
    "Permission denied": "EACCES",
    "Operation not permitted": "EPERM",
    "nonexistent directory": "missing",
    "No such file or directory": "missing",
}


def _unescape(text):
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), text)


def _mount(line):
    before, after = line.split(" - ", 1)
    fields = before.split(" ")
    kind, source, options = after.split(" ", 2)
    every = set(fields[5].split(",")) | set(options.split(","))
    read_only = "ro" in every
    every -= {"ro", "rw"}
    every.add("ro" if read_only else "rw")
    optional = " ".join(fields[6:])
    names = []
    if "shared:" in optional:
        names.append("shared")
    if "master:" in optional:
        names.append("slave")
    return _unescape(fields[4]), {
        "options": sorted(_unescape(option) for option in every),
        "type": kind,
        "source": _unescape(source),
        "root": _unescape(fields[3]),
        "propagation": "unbindable" if "unbindable" in optional else ",".join(names) or "private",
    }


def parse(output):
    """What the script printed, as {"status": {...}, "mounts": {...}, "writes": {...}, "map": ...}."""
    seen = {"status": {}, "mounts": {}, "writes": {}, "map": [], "limits": {}}
    for line in output.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "status":
            name, _, value = rest.partition(":")
            seen["status"][name] = value.split()
        elif kind == "mount":
            point, mount = _mount(rest)
            seen["mounts"][point] = mount
        elif kind == "map":
            seen["map"].append(" ".join(rest.split()))
        elif kind == "limit":
            # Columns of a fixed width (fs/proc/base.c).
            seen["limits"][rest[:26].strip()] = rest[26:47].strip(), rest[47:68].strip()
        elif kind == "write":
            path, _, error = rest.partition(" ")
            if error == "ok":
                seen["writes"][path] = "writable"
            else:
                matches = [name for words, name in ERRORS.items() if words in error]
                seen["writes"][path] = matches[0] if matches else error
    return seen
