# bash completion for amends(1). The words come from the executable's own --help.
_amends_commands() {
  "$1" --help 2>/dev/null | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

# "amends credit [OPTION...] approve RUN": approve.
_amends_verbs() {
  awk '/^(Usage:| +or:|        )/ { text = text " " $0; next } { exit }
    END { n = split(text, part, /\[OPTION\.\.\.\]/)
      for (i = 2; i <= n; i++) { split(part[i], word, " "); if (word[1] ~ /^[a-z-]+$/) print word[1] } }'
}

_amends() {
  local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} help words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_amends_commands "${COMP_WORDS[0]}")" -- "$cur")
    return
  fi
  help=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null)
  if [[ $cur == -* ]]; then
    words=$(grep -oE -- '--[a-z][a-z-]*' <<<"$help" | sort -u)
  elif [ "$COMP_CWORD" -eq 2 ]; then
    words=$(_amends_verbs <<<"$help")
  fi
  if [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -o filenames -F _amends amends
