#!/usr/bin/env bash
# Times our recurrent layers and those of every peer that is installed, in turn, shape by shape, on one thread, and
# writes docs/benchmarks.md and docs/benchmarks.svg from the rows.
# usage: tools/bench.sh [SHAPES.csv]        (./dev bench builds the program first)
# With SHAPES.csv, or with OUT=FOLDER, the results go to build/bench, or FOLDER, instead of docs.
# ROUNDS (5) and SECONDS_EACH (0.3) set how long it takes. The peers are programs in ../shared/peers (PEERS); what they
# need is the group "peers" of packages.txt: tools/packages.sh peers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-$PWD/build/release/cli/recur}
peers=${PEERS:-$(dirname "$PWD")/shared/peers}
rounds=${ROUNDS:-5} each=${SECONDS_EACH:-0.3}
work=$PWD/build/bench
out=${OUT:-docs}
if [ -n "${1:-}" ]; then out=${OUT:-$work}; fi
rm -rf "$work" && mkdir -p "$work" "$out"
export ORT_WORK=$PWD/build/ort-peer  # where ort_rnn.sh keeps ONNX Runtime
mkdir -p "$ORT_WORK"

skip() { printf '!!! %s is not compared: %s\n' "$1" "$2" >&2; }

# Adds the peer "name command" if the command, given a file of shapes, prints rows.
add_peer() {
  local name=$1
  shift
  if eval "${*//SHAPES/$work/probe.csv}" </dev/null >"$work/$name.rows" 2>"$work/$name.log" && [ -s "$work/$name.rows" ]; then
    echo "$name ${*}" >>"$work/peers"
  else
    skip "$name" "it does not run here: $(tail -n 1 "$work/$name.log")"
  fi
}

find_peers() {
  if [ ! -d "$peers" ]; then
    skip "every peer" "there is no $peers (set PEERS)"
    return
  fi
  local torch="/usr/bin/python3 $peers/torch_rnn.py --threads 1 --seconds $each --shapes SHAPES"
  add_peer torch "$torch"
  # OpenBLAS 0.3.21 knows no processor newer than itself and then leaves AVX-512 unused: both are shown.
  if grep -q avx512f /proc/cpuinfo; then add_peer torch-avx512 "env OPENBLAS_CORETYPE=SkylakeX $torch"; fi
  # Today's beside Debian's: it runs these layers by oneDNN.
  local today=$PWD/build/peers/bin/python version
  if version=$("$today" -c 'import torch; print(torch.__version__.split("+")[0])' 2>/dev/null); then
    add_peer "torch-$version" "${torch//\/usr\/bin\/python3/$today}"
  else
    skip "today's PyTorch" "there is no build/peers (tools/packages.sh peers)"
  fi
  if g++ -O2 -std=c++17 "$peers/onednn_rnn.cpp" -o "$work/onednn_rnn" -ldnnl 2>/dev/null; then
    add_peer onednn "env OMP_NUM_THREADS=1 $work/onednn_rnn SHAPES $each"
    add_peer onednn-bf16 "env OMP_NUM_THREADS=1 $work/onednn_rnn SHAPES $each bf16"
  else
    skip oneDNN "its program does not build here (libdnnl-dev)"
  fi
  add_peer onnxruntime "$peers/ort_rnn.sh SHAPES 1 $each"
}

# Every program once over one shape.
run_round() {
  local precision name command
  for precision in f32 bf16; do
    "$recur" bench "$work/one.csv" --threads 1 --seconds "$each" --precision $precision | grep '^recur' >>"$rows"
  done
  while read -r name command; do
    eval "${command//SHAPES/$work/one.csv}" </dev/null 2>>"$work/$name.log" | sed "s/^[^,]*,/$name,/" >>"$rows" ||
      skip "$name" "it failed on $shape"
  done <"$work/peers"
}

shapes=${1:-}
if [ -z "$shapes" ]; then
  shapes=$work/shapes.csv
  {
    echo cell,layers,bidir,T,B,I,H
    "$recur" bench --mode infer --seconds 0 | sed -n 's/^recur,\(.*\),infer,.*/\1/p'
  } >"$shapes"
fi
head -n 2 "$shapes" >"$work/probe.csv"
: >"$work/peers"
find_peers
header=$(head -n 1 "$shapes")
rows=$work/rows.csv
tail -n +2 "$shapes" | while IFS= read -r shape; do
  printf '%s\n%s\n' "$header" "$shape" >"$work/one.csv"
  "$recur" bench --probe --seconds 0.3 | sed -n '2s/^/probe,/p' >>"$rows"
  for ((round = 0; round < rounds; ++round)); do run_round; done
  printf '%s done\n' "$shape" >&2
done

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
family=$(sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -n 1)
awk -v machine="$cpu (family $family, $(nproc) cores)" -v date="$(date +%F)" -v rounds="$rounds" -v each="$each" \
  -f tools/bench_rows.awk -f tools/bench_table.awk "$rows" >"$work/benchmarks.md"
awk -f tools/bench_rows.awk -f tools/bench_picture.awk "$rows" >"$work/benchmarks.svg"
for file in benchmarks.md benchmarks.svg; do
  if [ "$out" != "$work" ]; then cp "$work/$file" "$out/$file"; fi
done
cat "$work/benchmarks.md"
