#compdef amends
# zsh completion for amends(1): the executable knows what completes.
local -a lines
local tab=$'\t' line
for line in ${(f)"$(_call_program words $words[1] complete -- ${(qq)words[2,CURRENT]} 2>/dev/null)"}; do
  lines+=(${${line//:/\\:}/$tab/:})
done
if (( $#lines )); then
  _describe -V amends lines -S ''
else
  _files
fi
