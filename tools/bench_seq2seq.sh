#!/usr/bin/env bash
# Sequence to sequence, ours and PyTorch's, in turn, on one thread: median milliseconds, and how many times faster ours is.
# Of translation a training step of Multi30k's sizes: batches of 64 pairs of 8 to 29 symbols, vocabulary 6000, GRU and
# embeddings of 320. Of transcription, of AN4's sizes: a training step of 8 sounds of 1.8 to 3.9 s (two convolutions, two
# bidirectional LSTMs of 160 units), the loss of a transducer with its gradient, against a loop in PyTorch, and the search of
# 2.8 s with a beam of 5, against pyctcdecode.
# usage: tools/bench_seq2seq.sh [KEY=VALUE...]        (./dev bench seq2seq builds the library first)
# KEY=VALUE as bench/translate_step.cc and bench/torch_translate.py take them (attention, feeding, cell, hidden, layers,
# precision): one row of these; without any, all rows. ROUNDS (3) and SECONDS_EACH (15) set how long it takes, PYTHON (that of
# tools/packages.sh peers) is the interpreter that has PyTorch, RUNNER stands before each command (a fixed core, say).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-15}
source tools/bench_program.sh
find_torch
bench_program translate_step
bench_program transcribe_step

awk 'function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
  function symbols(n,    s) { s = below(6000); while (--n > 0) s = s " " below(6000); return s }
  BEGIN {
    seed = 4321
    split("8 10 11 12 13 14 15 16 18 20 22 26", length_of)
    for (k = 1; k <= 12; ++k)
      for (b = 0; b < 64; ++b) print symbols(length_of[k] + below(4) - 2) "\t" symbols(length_of[k] + below(6) - 2)
  }' >"$work/pairs"

echo '| what | recur, ms | PyTorch, ms | ratio |'
echo '|---|---|---|---|'
if [ $# -gt 0 ]; then
  row "translation, $*" translate_step torch_translate.py "$work/pairs" "$each" "$@"
  exit
fi
for decoder in "attention=general feeding=1" "attention=general feeding=0" "attention=additive feeding=1" \
  "attention=general feeding=1 precision=bf16"; do
  # shellcheck disable=SC2086
  row "translation, $decoder" translate_step torch_translate.py "$work/pairs" "$each" $decoder
done
for output in ctc transducer; do
  row "transcription, output=$output" transcribe_step torch_transcribe.py step "$each" "output=$output"
done
row "loss of a transducer" transcribe_step torch_transcribe.py loss "$each"
row "beam search of CTC" transcribe_step torch_transcribe.py beam "$each" beam=5 "out=$work/probabilities"
