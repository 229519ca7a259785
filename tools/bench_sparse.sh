#!/usr/bin/env bash
# Steps of recurrent layers with dense, sparse and 8-bit weights, in turn, on one thread: steps per second (of all streams), and
# how many times as fast as dense f32, medians over rounds.
# usage: tools/bench_sparse.sh [SPARSITY]        (./dev bench sparse builds the program first)
# ROUNDS (7) and SECONDS_EACH (0.2) set how long it takes, RECUR is the program, RUNNER stands before each command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-7} each=${SECONDS_EACH:-0.2} sparsity=${1:-0.9} recur=${RECUR:-build/release/cli/recur}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/shapes.csv" <<'CSV'
cell,layers,bidir,T,B,I,H
lstm,1,0,1,1,256,256
lstm,1,0,1,1,512,512
lstm,1,0,1,8,512,512
gru,1,0,1,1,512,512
lstm,1,0,1,1,1024,1024
CSV

# NAME OPTION...: a way to step.
ways=("dense f32" "dense int8 --precision int8")
for block in 16x1 4x16; do
  ways+=("$block f32 --sparsity $sparsity --sparse-block $block"
    "$block int8 --sparsity $sparsity --sparse-block $block --precision int8")
done
for ((round = 0; round < rounds; ++round)); do
  for way in "${!ways[@]}"; do
    read -r -a words <<<"${ways[$way]}"
    ${RUNNER:-} "$recur" bench "$work/shapes.csv" --mode step --seconds "$each" "${words[@]:2}" |
      awk -F, -v way="$way" -v round="$round" 'NR > 1 { print $2 "," $6 "," $7 "," $8 "," way "," round "," $11 }' >>"$work/times"
  done
done

awk -F, -v ways="$(IFS=';'; echo "${ways[*]}")" '
  function median(list, count, i, j, t) {
    for (i = 2; i <= count; ++i)
      for (j = i; j > 1 && list[j - 1] > list[j]; --j) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
  }
  {
    shape = $1 " B " $2 ", F " $3 ", H " $4
    if (!(shape in seen)) { seen[shape] = 1; shapes[++count] = shape }
    time[shape, $5, $6] = $7
    if ($6 + 1 > rounds) rounds = $6 + 1
  }
  END {
    n = split(ways, names, ";")
    line = "| steps per second (times dense f32)"; rule = "|---"
    for (w = 1; w <= n; ++w) { split(names[w], word, " "); line = line " | " word[1] " " word[2]; rule = rule "|---" }
    print line " |"; print rule "|"
    for (s = 1; s <= count; ++s) {
      row = "| " shapes[s]
      for (w = 0; w < n; ++w) {
        for (r = 0; r < rounds; ++r) { a[r + 1] = time[shapes[s], w, r]; b[r + 1] = time[shapes[s], 0, r] / time[shapes[s], w, r] }
        row = row sprintf(" | %.0f (%.1f)", 1e6 / median(a, rounds), median(b, rounds))
      }
      print row " |"
    }
  }' "$work/times"
