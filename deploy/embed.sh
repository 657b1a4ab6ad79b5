#!/bin/sh
# embed.sh BUILD FILE...: print an assembler file that embeds the files as the table of
# core/embed.h. Files made by the build are named without its folder.
set -eu
build=$1
shift
echo '.section .rodata'
n=0
for file in "$@"; do
  printf 'path_%d: .asciz "%s"\ntext_%d: .incbin "%s"\nend_%d: .byte 0\n' \
    $n "${file#"$build"/}" $n "$file" $n
  n=$((n + 1))
done
printf '.section .data.rel.ro,"aw"\n.balign 8\n.globl embed_files\nembed_files:\n'
i=0
while [ $i -lt $n ]; do
  printf '.quad path_%d, text_%d, end_%d - text_%d\n' $i $i $i $i
  i=$((i + 1))
done
printf '.globl embed_count\nembed_count: .quad %d\n.section .note.GNU-stack,"",@progbits\n' $n
