#!/bin/bash
# Completes command lines without a terminal: sets what bash would set, calls the function, compares.
# Usage: tests/completion/test_bash.sh WATERTIGHT
set -u
watertight=$(realpath "${1:?usage: $0 WATERTIGHT}")
# shellcheck source=completions/watertight.bash
. "$(dirname "$0")/../../completions/watertight.bash"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
touch facts.json "my policy.json"
number=0 failures=0

# expect WANTED WORD...: the last word is the one to complete; WANTED is the answers, joined by "|".
expect() {
    local wanted=$1 got
    shift
    COMP_WORDS=("$watertight" "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _watertight
    got=$(IFS='|'; echo "${COMPREPLY[*]}")
    number=$((number + 1))
    if [[ $got == "$wanted" ]]; then
        echo "ok $number - $*"
    else
        echo "not ok $number - $*: got \"$got\", wanted \"$wanted\""
        failures=$((failures + 1))
    fi
}

echo "TAP version 14"
echo "1..32"
expect 'check|observe|judge|fix|serve|seccomp|list|explain|install' ''
expect 'judge' j
expect '--policy' --pol
expect '--policy' -f json --pol
expect 'judge' -f tap ju
expect '' list rules ''
expect 'facts.json' --format = json = fac
expect '--policy' explain --p
expect '' install --p
expect '--listen' serve --l
expect 'no-critical|no-high|no-medium|no-low' serve --ready-when no
expect 'baseline' --policy b
expect 'baseline' --policy = b
expect 'my policy.json' -p my
expect 'text|json|tap|junit|sarif|prometheus|github|markdown|html|policyreport' -f ''
expect 'text,json|text,junit' -f text,j
expect 'facts.json' --format = json = fa
expect 'facts.json' --format = html = fa
expect 'text|json|names|markdown' list --format = ''
expect 'text|json|profile' seccomp -f ''
expect 'user.non-root|user.non-root-outside|user.non-root-group' --only user.non
expect 'user.non-root,integrity.procfs|user.non-root,integrity.' --skip user.non-root,integ
expect 'facts.json' judge --seccomp-profile fa
expect 'low|medium|high|critical' check --fail-on ''
expect 'rules' list r
expect '--pid' check --pi
expect "$(cat /proc/$$/comm)" --pid "$(cat /proc/$$/comm)"
expect 'privileges.no-new-privileges' explain privileges.n
expect 'facts.json' judge fa
expect 'text|docker|compose|kubernetes' fix -f ''
expect 'docker,compose' fix --format docker,c
expect '--fail-on|--fast' fix --fa
exit $((failures > 0))
