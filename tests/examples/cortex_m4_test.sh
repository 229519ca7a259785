#!/usr/bin/env bash
# Exported models compute on a Cortex-M4F, in QEMU, what they compute here, to the bit: an imported network, a language
# model, and the same in integers of 8 bits. Exit code 77, which ctest shows as skipped, where the tools are not installed.
set -euo pipefail
run=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples/cortex_m4" && pwd)/run.sh
for tool in arm-none-eabi-gcc qemu-system-arm gcc; do
  if ! command -v "$tool" >/dev/null; then
    echo "NOT TESTED: there is no $tool here; ./dev test embedded installs it"
    exit 77
  fi
done

# number NAME: of what the board measured
number() {
  awk -v name="$1" '$1 == name { print $2 }' measured
}
fail() {
  echo "failed: $*" >&2
  cat measured >&2
  exit 1
}

# measure NAME MODEL BOUND: the model on the board, whose own test must find less than BOUND 1e-9
measure() {
  mkdir -p "$1"
  "$RECUR" export "$2" --to c --out "$1/model.c" >/dev/null
  "$run" "$1" >measured
  [ "$(number self_test_1e-9)" -lt "$3" ] || fail "$1: its own test finds $(number self_test_1e-9)e-9"
  # Fewer instructions than there are products, or a hundred times as many: something is not counted right.
  [ "$(number instructions)" -gt "$(number macs)" ] || fail "$1: too few instructions"
  [ "$(number instructions)" -lt $((100 * $(number macs))) ] || fail "$1: too many instructions"
  echo "$1: $(tr '\n' ' ' <measured)"
}

awk 'BEGIN {
  printf "{\"in_shape\": [null, null, 2], \"layers\": [{\"type\": \"gru\", \"activation\": \"tanh\", \"shape\": [null, null, 6], "
  printf "\"weights\": [%s, %s, %s]}, ", matrix(2, 18), matrix(6, 18), matrix(2, 18)
  printf "{\"type\": \"dense\", \"activation\": \"tanh\", \"shape\": [null, null, 3], \"weights\": [%s, %s]}]}", matrix(6, 3), row(3)
}
function row(columns, i, text) {
  for (i = 0; i < columns; ++i) text = text (i ? ", " : "") sprintf("%.3f", 0.8 * sin(++drawn * 1.7))
  return "[" text "]"
}
function matrix(rows, columns, i, text) {
  for (i = 0; i < rows; ++i) text = text (i ? ", " : "") row(columns)
  return "[" text "]"
}' >network.json
"$RECUR" import network.json --out network.recur --quiet
measure network network.recur 1000

awk 'BEGIN { for (i = 0; i < 200; ++i) print "abc abc abd" }' >text.txt
"$RECUR" train lm text.txt --hidden 24 --steps 20 --batch 8 --bptt 16 --quiet --out run >/dev/null
measure lm run 1000
"$RECUR" quantize run --out int8.recur >/dev/null
measure int8 int8.recur 2000000
