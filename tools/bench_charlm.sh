#!/usr/bin/env bash
# Whole training steps of a character language model, ours and PyTorch's, in turn: median characters a second after the
# first step, and the ratio to PyTorch. One thread, two LSTM layers, B 50, T 100, Adam 0.002, clipping at 5.
# usage: tools/bench_charlm.sh [TEXT]        (./dev bench charlm builds the program first)
# HIDDEN ("128 512"), ROUNDS (3) and SECONDS_EACH (8) set what is run and how long it takes; PEERS is the folder of
# torch_charlm.py, RECUR another program than the one just built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shared=$(dirname "$PWD")/shared
text=${1:-$shared/data/tinyshakespeare/input.txt}
peer=${PEERS:-$shared/peers}/torch_charlm.py
recur=${RECUR:-build/release/cli/recur}
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-8}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() { printf '!!! %s\n' "$1" >&2; }

if [ ! -f "$text" ]; then
  skip "nothing is measured: there is no $text (name a text)"
  exit 0
fi
with_torch=yes
if [ ! -f "$peer" ]; then
  skip "PyTorch is not compared: there is no $peer (set PEERS)" && with_torch=
elif ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  skip "PyTorch is not compared: python3-torch is not installed" && with_torch=
fi

with_avx512=$(grep -o -m1 avx512f /proc/cpuinfo || true)

# Characters a second between the first logged step and the last.
our_rate() {  # HIDDEN PRECISION
  rm -rf "$work/run"
  "$recur" train lm "$text" --out "$work/run" --threads 1 --precision "$2" --hidden "$1" --embedding "$1" --layers 2 \
    --batch 50 --bptt 100 --optimizer adam --lr 0.002 --clip 5 --time "${each}s" --set log_every=1 --quiet >/dev/null
  sed 's/[,{}]/\n/g' "$work/run/metrics.jsonl" | awk -F: '
    /^"step"/ { step = $2 }
    /^"train_seconds"/ { if (!first) { first = step; begin = $2 } last = step; end = $2 }
    END { if (last > first) printf "%.0f\n", (last - first) * 5000 / (end - begin) }'
}

torch_rate() {  # HIDDEN; OPENBLAS_CORETYPE as for tools/bench.sh
  /usr/bin/python3 "$peer" "$text" --hidden "$1" --layers 2 --batch 50 --bptt 100 --threads 1 --seconds "$each" |
    sed -n 's/.*: \([0-9]*\) characters.*/\1/p'
}

for hidden in ${HIDDEN:-128 512}; do
  for ((round = 0; round < rounds; ++round)); do
    if [ -n "$with_torch" ]; then
      echo "$hidden PyTorch $(torch_rate "$hidden")"
      [ -z "$with_avx512" ] || echo "$hidden PyTorch-avx512 $(OPENBLAS_CORETYPE=SkylakeX torch_rate "$hidden")"
    fi
    for precision in f32 bf16; do echo "$hidden recur-$precision $(our_rate "$hidden" "$precision")"; done
    printf '2x%s, round %d of %d done\n' "$hidden" $((round + 1)) "$rounds" >&2
  done
done | sort -k1,1n -k2,2 -k3,3n | awk '
  function close_group() {
    if (!n) return
    median = n % 2 ? rate[(n + 1) / 2] : (rate[n / 2] + rate[n / 2 + 1]) / 2
    if (who == "PyTorch") peer[hidden] = median
    printf "| 2x%s | %s | %.0f | %.0f to %.0f | %s |\n", hidden, who, median, rate[1], rate[n],
      hidden in peer ? sprintf("%.2f", median / peer[hidden]) : "-"
    n = 0
  }
  BEGIN { print "| layers | program | characters/s, median | spread | ratio |\n|---|---|---|---|---|" }
  $1 != hidden || $2 != who { close_group(); hidden = $1; who = $2 }
  NF == 3 { rate[++n] = $3 }
  END { close_group() }'
