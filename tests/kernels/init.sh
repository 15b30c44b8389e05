#!/bin/sh
# Process 1 of the virtual machine. Runs the containers of /cases one after the other: watertight in
# one, then a twin that tells what it sees, of which the machine's own side reads what the kernel says.
# All of it goes as one tar archive to the disk.

# Engines change the root directory by pivot_root(2), which the kernel's first root refuses.
if [ ! -e /moved ]; then
    mkdir /new
    mount -t tmpfs -o mode=0755 root /new
    for entry in /*; do
        [ "$entry" = /new ] || cp -a "$entry" /new
    done
    touch /new/moved
    exec switch_root /new /init
fi

out=/results
mkdir -p /proc /sys /dev /run /etc/apparmor "$out"
touch /etc/apparmor/parser.conf
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t securityfs securityfs /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for module in /modules/*; do
    insmod "$module"
done
echo '+cpu +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control

start_apparmor() {
    for profile in /profiles/*; do
        apparmor_parser --replace --skip-cache "$profile" 2>>"$out/parser" ||
            echo "refused ${profile##*/}" >>"$out/parser"
    done
    cat /sys/kernel/security/apparmor/profiles >"$out/profiles"
}

# A policy is loaded by one write(2).
start_selinux() {
    mount -t selinuxfs selinuxfs /sys/fs/selinux
    dd if=/policy of=/sys/fs/selinux/load bs=16M 2>>"$out/parser"
}

# look PID FOLDER: what the kernel says of a process, read outside the container.
look() {
    for name in attr/current attr/apparmor/current cgroup limits oom_score_adj status uid_map \
        mountinfo; do
        file=$2/$(echo "$name" | tr / -)
        cat "/proc/$1/$name" >"$file" 2>/dev/null || rm "$file"
    done
    for name in pid net ipc uts mnt cgroup user time; do
        for process in self "$1"; do
            echo "$name $process $(readlink "/proc/$process/ns/$name")"
        done
    done >"$2/namespaces"
    cat /sys/fs/selinux/enforce >"$2/enforce" 2>/dev/null || rm "$2/enforce"
    group=$(sed -n 's/^0:://p' "/proc/$1/cgroup")
    while [ -n "$group" ] && [ "$group" != / ]; do
        for name in memory.max memory.swap.max pids.max cpu.max; do
            echo "$group $name $(cat "/sys/fs/cgroup$group/$name" 2>&1)"
        done
        group=${group%/*}
    done >"$2/groups"
}

# run CASE: its folder has engine, check.json, twin.json and perhaps the script prepare.
run() {
    from=/cases/$1 to=$out/$1 bundle=/run/bundles/$1 engine=$(cat "/cases/$1/engine")
    mkdir -p "$to/host" "$bundle/rootfs" "$bundle/upper" "$bundle/work"
    # shellcheck source=/dev/null
    [ ! -e "$from/prepare" ] || . "$from/prepare" >"$to/prepare" 2>&1
    mount -t overlay -o \
        "lowerdir=/image,upperdir=$bundle/upper,workdir=$bundle/work$overlay_options" \
        overlay "$bundle/rootfs"
    cp "$from/check.json" "$bundle/config.json"
    timeout 120 "$engine" run --bundle "$bundle" "check-$1" >"$to/report" 2>"$to/errors"
    echo $? >"$to/status"
    cp "$from/twin.json" "$bundle/config.json"
    if "$engine" run --detach --pid-file "$bundle/pid" --bundle "$bundle" "twin-$1" \
        >"$to/inside" 2>"$to/twin-errors"; then
        waited=0
        until grep -q '^ready$' "$to/inside" || [ "$waited" -gt 600 ]; do
            usleep 50000
            waited=$((waited + 1))
        done
        look "$(cat "$bundle/pid")" "$to/host"
        "$engine" delete --force "twin-$1" 2>>"$to/twin-errors"
    fi
    # shellcheck source=/dev/null
    [ ! -e "$from/undo" ] || . "$from/undo" >>"$to/prepare" 2>&1
    umount "$bundle/rootfs"
}

overlay_options=
mode=$(cat /mode)
"start_$mode"
for case in /cases/*; do
    run "${case##*/}"
done
dmesg >"$out/messages"
uname -srm >"$out/kernel"
cat /sys/kernel/security/lsm >"$out/modules"
tar -c -f /dev/vda -C "$out" .
sync
poweroff -f
