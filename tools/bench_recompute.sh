#!/usr/bin/env bash
# What recomputation saves of the memory of training a long sequence, and what it costs in time.
# usage: tools/bench_recompute.sh [SEGMENT...]     steps a segment (16 32 64)
# An LSTM, T 1000, B 32, F 64, H 256, in turn with and without, ROUNDS (5) rounds of SECONDS_EACH (0.5).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shape=$(mktemp)
trap 'rm -f "$shape"' EXIT
printf 'cell,layers,bidir,T,B,I,H\nlstm,1,0,1000,32,64,256\n' >"$shape"
segments=("$@")
[ $# -gt 0 ] || segments=(16 32 64)
for ((round = 0; round < ${ROUNDS:-5}; ++round)); do
  for segment in 0 "${segments[@]}"; do
    "${RECUR:-build/release/cli/recur}" bench "$shape" --mode train --seconds "${SECONDS_EACH:-0.5}" --recompute "$segment" --json |
      sed -n "s/.*\"median_us\":\([0-9.]*\).*\"peak_bytes\":\([0-9]*\).*/$segment \1 \2/p"
  done
done | awk '
  { if (!($1 in n)) order[++count] = $1; time[$1, ++n[$1]] = $2; bytes[$1] = $3 }
  function ratio(segment,   i, j, t, v, m) {
    m = n[segment]
    for (i = 1; i <= m; i++) v[i] = time[segment, i] / time[0, i]
    for (i = 2; i <= m; i++) { t = v[i]; for (j = i - 1; j > 0 && v[j] > t; j--) v[j + 1] = v[j]; v[j + 1] = t }
    return (v[int((m + 1) / 2)] + v[int(m / 2) + 1]) / 2
  }
  END {
    print "steps a segment, MB, of the memory, of the time"
    for (i = 1; i <= count; i++)
      printf "%s, %.1f, %.3f, %.3f\n", order[i], bytes[order[i]] / 1e6, bytes[order[i]] / bytes[0], ratio(order[i])
  }'
