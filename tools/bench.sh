#!/usr/bin/env bash
# Times our recurrent layers and those of every peer that is installed, in turn, shape by shape, on one thread, and
# writes the ratios of the medians to docs/benchmarks.md.
# usage: tools/bench.sh [SHAPES.csv]        (./dev bench builds the program first)
# ROUNDS (3) and SECONDS_EACH (0.3) set how long it takes. The peers are programs in ../shared/peers (PEERS).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=$PWD/build/release/cli/recur
peers=${PEERS:-$(dirname "$PWD")/shared/peers}
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-0.3}
work=build/bench
rm -rf "$work" && mkdir -p "$work"

skip() { printf '!!! %s is not compared: %s\n' "$1" "$2" >&2; }

# The peers that can run here, as lines "name command"; a command is given a file of shapes.
find_peers() {
  if [ ! -d "$peers" ]; then
    skip "every peer" "there is no $peers (set PEERS)"
    return
  fi
  if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    echo "torch /usr/bin/python3 $peers/torch_rnn.py --threads 1 --seconds $each --shapes"
    # OpenBLAS 0.3.21 knows no processor newer than itself and then leaves AVX-512 unused: both are shown.
    echo "torch-avx512 env OPENBLAS_CORETYPE=SkylakeX /usr/bin/python3 $peers/torch_rnn.py --threads 1 --seconds $each --shapes"
  else
    skip PyTorch "python3-torch is not installed"
  fi
  if g++ -O2 -std=c++17 "$peers/onednn_rnn.cpp" -o "$work/onednn_rnn" -ldnnl 2>/dev/null; then
    echo "onednn env OMP_NUM_THREADS=1 $work/onednn_rnn_on $each"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexec "$(dirname "$0")/onednn_rnn" "$2" "$1"\n' >"$work/onednn_rnn_on"
    chmod +x "$work/onednn_rnn_on"
  else
    skip oneDNN "its program does not build here"
  fi
}

shapes=${1:-}
if [ -z "$shapes" ]; then
  shapes=$work/shapes.csv
  {
    echo cell,layers,bidir,T,B,I,H
    "$recur" bench --mode infer --seconds 0 | sed -n 's/^recur,\(.*\),infer,.*/\1/p'
  } >"$shapes"
fi
find_peers >"$work/peers"
header=$(head -n 1 "$shapes")
rows=$work/rows.csv
tail -n +2 "$shapes" | while IFS= read -r shape; do
  printf '%s\n%s\n' "$header" "$shape" >"$work/one.csv"
  for ((round = 0; round < rounds; ++round)); do
    "$recur" bench "$work/one.csv" --threads 1 --seconds "$each" | grep '^recur,' >>"$rows"
    while read -r name command; do
      # shellcheck disable=SC2086
      $command "$work/one.csv" </dev/null | sed "s/^[^,]*,/$name,/" >>"$rows"
    done <"$work/peers"
  done
  printf '%s done\n' "$shape" >&2
done
awk -v machine="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" -v date="$(date +%F)" -v rounds="$rounds" \
  -v each="$each" -f tools/bench_table.awk "$rows" >"$work/benchmarks.md"
if [ -z "${1:-}" ]; then cp "$work/benchmarks.md" docs/benchmarks.md; fi
cat "$work/benchmarks.md"
