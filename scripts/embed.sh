#!/bin/sh
# embed.sh FILE... - an assembler source that holds each file's bytes, listed in `embedded_files` (pkg/base/embedded.h).
set -eu

number=0
echo '.section .rodata'
for file in "$@"; do
    printf 'name_%d: .asciz "%s"\n' "$number" "$file"
    printf 'data_%d: .incbin "%s"\n' "$number" "$file"
    printf 'end_%d: .byte 0\n' "$number"
    number=$((number + 1))
done
echo '.section .data.rel.ro, "aw"'
echo '.balign 8'
echo '.global embedded_files'
echo 'embedded_files:'
i=0
while [ "$i" -lt "$number" ]; do
    printf '.quad name_%d, data_%d, end_%d - data_%d\n' "$i" "$i" "$i" "$i"
    i=$((i + 1))
done
echo '.quad 0, 0, 0'
echo '.section .note.GNU-stack, "", %progbits'
