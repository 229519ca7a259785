#!/usr/bin/env bash
# Compiles a model that recur export has written for a Cortex-M4F, runs it in QEMU and on this machine, and holds the
# outputs of both against each other, bit by bit. Prints what the board measured, a name and a number a line.
# usage: run.sh FOLDER        with model.c and model.h in it; everything else is written there too
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1

# -std=c99 also means that a product and a sum are never one instruction, so that both machines round alike.
flags=(-std=c99 -O2 -Wall -Wextra -I "$folder" -I "$here")
arm-none-eabi-gcc "${flags[@]}" -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard -ffreestanding -nostdlib \
  -T "$here/mps2_an386.ld" "$here/board.c" "$here/main.c" "$folder/model.c" -lgcc -o "$folder/model.elf"
gcc "${flags[@]}" "$here/host.c" "$here/main.c" "$folder/model.c" -o "$folder/model"

timeout 120 qemu-system-arm -M mps2-an386 -icount shift=0 -display none -monitor none -serial none \
  -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console \
  -kernel "$folder/model.elf" </dev/null >"$folder/board.txt"
"$folder/model" >"$folder/host.txt"
for side in board host; do sed '/^measured$/,$d' "$folder/$side.txt" >"$folder/$side.outputs"; done
if ! cmp -s "$folder/board.outputs" "$folder/host.outputs"; then
  echo "the outputs of the board differ from this machine's" >&2
  diff "$folder/board.outputs" "$folder/host.outputs" | head -20 >&2
  exit 1
fi
sed '1,/^measured$/d' "$folder/board.txt"
# What the code itself takes, beside the weights.
arm-none-eabi-size "$folder/model.elf" | awk 'NR == 2 { print "program", $1 }'
