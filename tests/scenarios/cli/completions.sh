#!/bin/bash
# The shells complete commands, their verbs, options and values, as `amends complete` knows them.
set -eu
# shellcheck source=/dev/null
source deploy/completions/amends.bash
export ASAN_OPTIONS=detect_leaks=0
n=0
told() { # told EXPECTED REPLY WHAT
  n=$((n + 1))
  case " $2 " in
    *" $1 "*) echo "ok $n - $3 completes to $1" ;;
    *) echo "not ok $n - $3 completes to $1, not: $2" ;;
  esac
}
completes() { # completes EXPECTED WORD...
  local expected=$1
  shift
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _amends
  told "$expected" "${COMPREPLY[*]}" "bash: ${*:2}"
}
amends=$(realpath "${BUILD:-build}/amends")
completes subscriber "$amends" s
completes import "$amends" subscriber i
completes approve "$amends" credit a
completes invite "$amends" staff ''
completes --data "$amends" up --d
completes incident "$amends" help inc
completes billing "$amends" staff add ann --role b
completes resolved "$amends" incident post x --state = res
completes major_outage "$amends" incident start --component api = ma
completes major_outage "$amends" incident start --component = api = ma
completes credits:write "$amends" key create --scope ''
COMP_WORDS=("$amends" template lint Makef) COMP_CWORD=3
_amends
told none "${COMPREPLY[*]:-none}" 'bash: a file, left to the shell:'

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
ln -s "$amends" "$bin/amends"
export PATH=$bin:$PATH
fish() { # fish EXPECTED LINE
  told "$1" "$(command fish -N -c "source deploy/completions/amends.fish; complete -C '$2'" | cut -f1 | tr '\n' ' ')" "fish: $2"
}
fish incident 'amends inc'
fish resolve 'amends incident r'
fish --state=resolved 'amends incident post x --state=res'
fish billing 'amends staff add ann --role b'
fish deploy/deb.sh 'amends template lint deploy/deb'

# zsh as a person uses it, in a terminal of its own.
ln -s "$PWD/deploy/completions/amends.zsh" "$bin/_amends"
cat > "$bin/drive" <<'ZSH'
zmodload zsh/zpty
zpty z "TERM=dumb zsh -f -i"
zpty -w z "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $1/dump; print rea''dy"
zpty -r -m z text "*ready*"
zpty -w -n z "$2"$'\t'
zpty -r -m z text "*$2$3*"
print -r -- "$text"
ZSH
zsh_adds() { # zsh_adds ENDING TYPED
  told "$2$1" "$(timeout 10 zsh -f "$bin/drive" "$bin" "$2" "$1" | tr -d '\r\t' | tail -n 1 |
    sed 's/.*\x1b\[?2004h//') " "zsh: $2"
}
zsh_adds dent 'amends inci'
zsh_adds solve 'amends incident re'
zsh_adds solved 'amends incident post x --state=re'
zsh_adds ing 'amends staff add ann --role bill'
echo "1..$n"
