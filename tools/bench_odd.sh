#!/usr/bin/env bash
# Holds the speed of odd shapes to that of their neighbours: no size may fall off a cliff.
# usage: tools/bench_odd.sh [PAIRS.csv]     (bench/shapes_odd.csv)
# The file's rows are pairs, an odd shape and then its neighbour; each pair runs in turn, ROUNDS (5) rounds of
# SECONDS_EACH (0.1) a row, at PRECISION (f32). Then each neighbour runs once more with sequences of unequal length,
# against itself. Prints GFLOP/s of both and the median ratio, and fails when one is below 0.8.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-build/release/cli/recur} pairs=${1:-bench/shapes_odd.csv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows KIND FLAG...: one row of each mode for the shape in $work/one.csv, marked with the pair and the kind
rows() {
  local kind=$1
  shift
  "$recur" bench "$work/one.csv" --seconds "${SECONDS_EACH:-0.1}" --precision "${PRECISION:-f32}" "$@" |
    sed -n "s/^recur[^,]*,/$pair,$kind,/p"
}

header=$(head -n 1 "$pairs") pair=0
tail -n +2 "$pairs" | while IFS= read -r odd && IFS= read -r neighbour; do
  pair=$((pair + 1))
  for ((round = 0; round < ${ROUNDS:-5}; ++round)); do
    printf '%s\n%s\n' "$header" "$odd" >"$work/one.csv"
    rows odd
    printf '%s\n%s\n' "$header" "$neighbour" >"$work/one.csv"
    rows neighbour
    rows ragged --ragged
  done
done | awk -F, '
  {  # pair,kind,cell,layers,bidir,T,B,I,H,mode,threads,us,gflops
    key = $1 "," $10
    if (!(key in known)) { known[key] = 1; order[++count] = key }
    name[key, $2] = $3 "," $4 "," $5 "," $6 "," $7 "," $8 "," $9 "," $10
    rate[key, $2, ++n[key, $2]] = $13
  }
  function median(key, kind, over,   i, j, t, m, v) {
    m = n[key, kind]
    for (i = 1; i <= m; i++) v[i] = rate[key, kind, i] / (over ? rate[key, "neighbour", i] : 1)
    for (i = 2; i <= m; i++) { t = v[i]; for (j = i - 1; j > 0 && v[j] > t; j--) v[j + 1] = v[j]; v[j + 1] = t }
    return (v[int((m + 1) / 2)] + v[int(m / 2) + 1]) / 2
  }
  function show(key, kind, label,   ratio) {
    ratio = median(key, kind, 1)
    if (ratio < 0.8) low++
    printf "%-34s %6.1f %6.1f  %.2f%s\n", label, median(key, kind, 0), median(key, "neighbour", 0), ratio, ratio < 0.8 ? "  <-- cliff" : ""
  }
  END {
    print "shape,mode                         GFLOP/s  of the neighbour, ratio"
    for (i = 1; i <= count; i++) show(order[i], "odd", name[order[i], "odd"])
    for (i = 1; i <= count; i++) {
      label = name[order[i], "neighbour"]
      split(label, f, ",")
      if (f[5] > 1 && !(label in shown)) { shown[label] = 1; show(order[i], "ragged", label " ragged") }
    }
    printf "%d below 0.8\n", low
    exit low > 0
  }'
