#!/bin/sh
# What people write by hand to smoke-test a container: the same questions that `watertight check`
# answers. ROOT stands before the paths that it tries to write, so that a run on the host is safe.
root=${ROOT:-}
[ "$(id -u)" -ne 0 ] || echo 'FAIL: root'
[ "$(id -g)" -ne 0 ] || echo 'FAIL: root group'
grep -q '^CapEff:.*[1-9a-f]' /proc/self/status && echo 'FAIL: capabilities'
grep -q '^CapBnd:.*[1-9a-f]' /proc/self/status && echo 'FAIL: bounding set'
grep -q '^NoNewPrivs:.*1' /proc/self/status || echo 'FAIL: new privileges'
grep -q '^Seccomp:.*2' /proc/self/status || echo 'FAIL: no filter'
grep -q ' / / ro' /proc/self/mountinfo || echo 'FAIL: writable root'
for folder in / /usr/bin /etc; do
    if touch "$root$folder/by-hand" 2>/dev/null; then
        echo "FAIL: $folder is writable"
        rm -f "$root$folder/by-hand"
    fi
done
touch "$root/tmp/by-hand" 2>/dev/null || echo 'FAIL: /tmp is not writable'
rm -f "$root/tmp/by-hand"
