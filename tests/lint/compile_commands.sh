#!/bin/sh
# Print compile_commands.json. CC and FLAGS from the environment; arguments: sources.
set -eu
comma=
echo '['
for file in "$@"; do
  flags=$(printf '%s' "$FLAGS" | sed 's/\\/\\\\/g; s/"/\\"/g')
  printf '%s{"directory": "%s", "file": "%s", "command": "%s %s -c %s"}\n' \
    "$comma" "$(pwd)" "$file" "$CC" "$flags" "$file"
  comma=,
done
echo ']'
