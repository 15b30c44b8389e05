#!/bin/bash
# The step of action.yml. The container only observes, and writes to its standard output: no folder of
# the runner is mounted into it, which would be one of the findings. The facts are judged on the runner,
# in all formats at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

# fail STATUS MESSAGE: the message has no line breaks and no text of others.
fail() {
    echo "::error title=watertight::$2"
    exit "$1"
}

# show FILE: a text of others, of which the runner must not take a line for a command.
show() {
    local token
    [ -s "$1" ] || return 0
    token=$(cat /proc/sys/kernel/random/uuid)
    echo "::stop-commands::$token"
    cat "$1"
    echo # the last line may have no end
    echo "::$token::"
}

# lines TEXT: its lines that are not empty, into the array words.
lines() {
    local line
    words=()
    while IFS= read -r line; do
        [ -z "$line" ] || words+=("$line")
    done <<<"$1"
}

build() {
    echo '::group::Build watertight'
    (cd "$here/../.." && scripts/install-packages build && make -j"$(nproc)" static) || fail 70 'the build failed'
    echo '::endgroup::'
    INPUT_BINARY=$here/../../build/static/watertight
}

# observe OPTIONS...: prints the facts. In a container that runs, watertight joins from the runner.
observe() {
    local sudo=() pid
    if [ -n "$INPUT_IMAGE" ]; then
        docker run --rm --interactive "${run_options[@]}" --volume="$binary:/watertight:ro" \
            --entrypoint=/watertight -- "$INPUT_IMAGE" observe "$@"
        return
    fi
    [ "$(id -u)" -eq 0 ] || sudo=(sudo --non-interactive)
    pid=$(docker inspect --type=container --format='{{.State.Pid}}' -- "$INPUT_CONTAINER") || return
    "${sudo[@]}" "$binary" observe --pid="$pid" --enter "$@"
}

if [ -n "$INPUT_IMAGE" ] && [ -n "$INPUT_CONTAINER" ]; then
    fail 64 'image and container exclude each other'
elif [ -z "$INPUT_IMAGE$INPUT_CONTAINER" ]; then
    fail 64 'neither image nor container is given'
fi
[ -n "$INPUT_BINARY" ] || build
binary=$(realpath -- "$INPUT_BINARY")

lines "$INPUT_RUN_OPTIONS"
run_options=("${words[@]}")
lines "$INPUT_ARGS"
judging=("--policy=$INPUT_POLICY" "${words[@]}")
[ -z "$INPUT_FAIL_ON" ] || judging+=("--fail-on=$INPUT_FAIL_ON")

# What is tried for writing depends on the policy. A file of the runner goes in by standard input.
policy=$INPUT_POLICY policy_file=/dev/null
if [ -f "$policy" ]; then
    policy_file=$policy policy=-
fi
observing=("--policy=$policy")
for word in "${words[@]}"; do
    case $word in
    --writable=* | --read-only=*) observing+=("$word") ;;
    esac
done

reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/watertight.XXXXXX")
status=0
observe "${observing[@]}" <"$policy_file" >"$reports/facts.json" 2>"$reports/messages" || status=$?
show "$reports/messages"
[ "$status" -eq 0 ] || fail "$((status > 2 ? status : 70))" "nothing was observed: status $status"

"$binary" judge "$reports/facts.json" "${judging[@]}" --format=github \
    --format=text="$reports/report.txt" --format=json="$reports/report.json" \
    --format=junit="$reports/junit.xml" --format=sarif="$reports/report.sarif" \
    --format=markdown="$reports/report.md" || status=$?
case $status in
0) verdict=pass ;;
1) verdict=fail ;;
2) verdict=incomplete ;;
*) fail "$status" "nothing was judged: status $status" ;;
esac

show "$reports/report.txt"
cat "$reports/report.md" >>"$GITHUB_STEP_SUMMARY"
cat >>"$GITHUB_OUTPUT" <<END
verdict=$verdict
exit-status=$status
report=$reports/report.json
junit=$reports/junit.xml
sarif=$reports/report.sarif
END
exit "$status"
