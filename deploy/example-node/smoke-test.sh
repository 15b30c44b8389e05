#!/bin/sh
# Starts shop-api as in production, waits until it answers, and lets watertight judge the running
# container from inside. The exit status is the verdict: what a CI step needs. $DOCKER may name
# another command (podman, or docker with options).
set -eu
docker=${DOCKER:-docker}
here=$(cd "$(dirname "$0")" && pwd)
name=shop-api-smoke-test-$$
trap '$docker rm --force "$name" >/dev/null 2>&1' EXIT
trap 'exit 130' INT TERM HUP

$docker run --detach --name "$name" --network=none \
    --user 1000:1000 --cap-drop=ALL --security-opt no-new-privileges \
    --security-opt seccomp="$here/seccomp.json" \
    --read-only --tmpfs /tmp:mode=1777,nosuid,nodev,noexec \
    --tmpfs /app/data:uid=1000,gid=1000,mode=0700,nosuid,nodev,noexec \
    shop-api:hardened >/dev/null

visit='fetch("http://127.0.0.1:3000/").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))'
tries=0
until $docker exec "$name" node -e "$visit"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
        $docker logs "$name" >&2
        echo 'smoke-test: shop-api does not answer' >&2
        exit 1
    fi
    sleep 0.2
done

$docker exec "$name" watertight "$@"
