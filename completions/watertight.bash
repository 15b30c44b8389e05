# Completion of watertight for bash. Needs no package: it is sourced from ~/.bashrc, or found in
# /usr/share/bash-completion/completions. Names of rules, policies and formats come from the program.

# Completes the last element of a comma list: what stands before it is kept.
_watertight_list() {
    local before=
    [[ $1 == *,* ]] && before=${1%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$2" -- "${1##*,}")
}

_watertight_value() {
    local program=$1 command=$2 option=$3 current=$4
    case $option in
    -p | --policy)
        mapfile -t COMPREPLY < <(
            compgen -W "$("$program" list policies --format=names 2>/dev/null)" -- "$current"
            compgen -f -- "$current"
        ) ;;
    -f | --format)
        if [[ $command == list ]]; then
            _watertight_list "$current" 'text json names markdown'
        elif [[ $command == seccomp ]]; then
            _watertight_list "$current" 'text json profile'
        elif [[ $command == fix ]]; then
            _watertight_list "$current" 'text docker compose kubernetes'
        else
            _watertight_list "$current" "$("$program" list formats --format=names 2>/dev/null)"
        fi ;;
    --only | --skip)
        local rules rule groups=' '
        mapfile -t rules < <("$program" list rules --format=names 2>/dev/null)
        # Beside the rules their groups, each once: "user." of "user.non-root".
        for rule in "${rules[@]/%.*/.}"; do
            [[ $groups == *" $rule "* ]] || groups+="$rule "
        done
        _watertight_list "$current" "${rules[*]}$groups" ;;
    --writable | --read-only | --seccomp-profile)
        mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --fail-on) mapfile -t COMPREPLY < <(compgen -W 'low medium high critical' -- "$current") ;;
    --ready-when)
        mapfile -t COMPREPLY < <(
            compgen -W 'pass no-critical no-high no-medium no-low' -- "$current") ;;
    --pid)
        mapfile -t COMPREPLY < <(
            compgen -W "$(cat /proc/[0-9]*/comm 2>/dev/null | sort -u)" -- "$current"
        ) ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current") ;;
    esac
}

_watertight_options() {
    local finds='--policy --only --skip --allow-cap --writable --read-only
        --seccomp-profile --fail-on'
    local judges="$finds --format --color --quiet"
    case $1 in
    check) echo "$judges --pid --enter --all --fast --help --version" ;;
    judge) echo "$judges --help --version" ;;
    fix) echo "$finds --format --fast --help --version" ;;
    serve) echo "$finds --pid --enter --all --fast --listen --interval --ready-when --help --version" ;;
    observe) echo '--pid --enter --fast --policy --writable --read-only --help --version' ;;
    list) echo '--policy --format --help --version' ;;
    seccomp) echo '--format --profile --help --version' ;;
    explain) echo '--policy --help --version' ;;
    *) echo '--help --version' ;;
    esac
}

_watertight_argument() {
    local program=$1 command=$2 current=$3
    case $command in
    judge | fix | install) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    list)
        local what=' probes facts rules policies formats ' word
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            [[ $what == *" $word "* ]] && return
        done
        mapfile -t COMPREPLY < <(compgen -W "$what" -- "$current") ;;
    explain)
        mapfile -t COMPREPLY < <(
            compgen -W "$("$program" list rules --format=names 2>/dev/null)" -- "$current"
        ) ;;
    esac
}

_watertight() {
    local commands='check observe judge fix serve seccomp list explain install'
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word
    COMPREPLY=()

    # "--policy=x" is three words for bash, since "=" breaks words.
    local behind=''
    if [[ $current == = ]]; then
        current='' behind='='
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]} behind='='
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $commands " == *" $word "* ]] && command=$word && break
    done

    case $previous in
    -p | --policy | -f | --format | --only | --skip | --allow-cap | --writable | --read-only | \
        --seccomp-profile | --fail-on | --color | --pid | --listen | --interval | --ready-when)
        _watertight_value "$program" "$command" "$previous" "$current"
        return ;;
    esac
    # The file of --format=json=FILE.
    if [[ -n $behind ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_watertight_options "${command:-check}")" -- "$current")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
    else
        _watertight_argument "$program" "$command" "$current"
    fi
}

complete -o filenames -F _watertight watertight
