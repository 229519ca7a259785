#!/usr/bin/env bash
# A training step of a translator of Multi30k's sizes, ours and PyTorch's, in turn, on one thread: median milliseconds of a
# step, and how many times faster ours is. Batches of 64 pairs of 8 to 29 symbols, vocabulary 6000, GRU and embeddings of 320.
# usage: tools/bench_seq2seq.sh [KEY=VALUE...]        (./dev bench seq2seq builds the library first)
# KEY=VALUE as bench/translate_step.cc and bench/torch_translate.py take them (attention, feeding, cell, hidden, layers): one
# row of these; without any, a row of each usual decoder. ROUNDS (3) and SECONDS_EACH (15) set how long it takes, PYTHON (that
# of tools/packages.sh peers) is the interpreter that has PyTorch, RUNNER stands before each command (a fixed core, say).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-15}
source tools/bench_program.sh
find_torch
bench_program translate_step

awk 'function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
  function symbols(n,    s) { s = below(6000); while (--n > 0) s = s " " below(6000); return s }
  BEGIN {
    seed = 4321
    split("8 10 11 12 13 14 15 16 18 20 22 26", length_of)
    for (k = 1; k <= 12; ++k)
      for (b = 0; b < 64; ++b) print symbols(length_of[k] + below(4) - 2) "\t" symbols(length_of[k] + below(6) - 2)
  }' >"$work/pairs"

if [ $# -gt 0 ]; then rows=("$*"); else
  rows=("attention=general feeding=1" "attention=general feeding=0" "attention=additive feeding=1")
fi
echo '| decoder | recur, ms | PyTorch, ms | ratio |'
echo '|---|---|---|---|'
for row in "${rows[@]}"; do
  : >"$work/ours" >"$work/torch"
  for ((round = 0; round < rounds; ++round)); do
    # shellcheck disable=SC2086
    ${RUNNER:-} "$work/translate_step" "$work/pairs" "$each" $row >>"$work/ours"
    # shellcheck disable=SC2086
    if [ -n "$with_torch" ]; then ${RUNNER:-} "$python" bench/torch_translate.py "$work/pairs" "$each" $row >>"$work/torch"; fi
  done
  ours=$(cut -d, -f2 "$work/ours" | median) torch=-
  ratio=-
  if [ -n "$with_torch" ]; then
    torch=$(cut -d, -f2 "$work/torch" | median)
    ratio=$(awk -v a="$torch" -v b="$ours" 'BEGIN { printf "%.2f", a / b }')
  fi
  echo "| $row | $ours | $torch | $ratio |"
done
