# bash completion for amends(1): the executable knows what completes.
_amends() {
  local cur=${COMP_WORDS[COMP_CWORD]} words=() before="" i
  # Bash splits at "=": --state = res is the word --state=res.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    local word=${COMP_WORDS[i]}
    if [[ $COMP_WORDBREAKS == *=* && ${#words[@]} -gt 0 && ($word == = || $before == =) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    before=$word
  done
  local whole=${words[-1]}
  [[ $cur == = ]] && cur=
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null | cut -f1)
  COMPREPLY=("${COMPREPLY[@]#"${whole%"$cur"}"}")
}
complete -o default -o bashdefault -F _amends amends
