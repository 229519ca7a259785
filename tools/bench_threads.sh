#!/usr/bin/env bash
# Two threads against one, on a quiet machine and with a busy process on every core.
# usage: tools/bench_threads.sh [SHAPES.csv]       without: two LSTM shapes
# In turn, ROUNDS (7) rounds of SECONDS_EACH (0.5); the time of two threads in multiples of one's: median, least, most.
# Fails when the median is above 1.1 beside busy processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-build/release/cli/recur}
work=$(mktemp -d)
busy=()
stop_busy() {
  local process
  for process in "${busy[@]}"; do kill "$process" 2>/dev/null || true; done
  busy=()
}
trap 'stop_busy; rm -rf "$work"' EXIT
shapes=${1:-$work/shapes.csv}
[ -n "${1:-}" ] || printf 'cell,layers,bidir,T,B,I,H\nlstm,1,0,50,32,64,128\nlstm,2,0,35,20,650,650\n' >"$shapes"

# rows NAME: "name,mode,shape,threads,us"
rows() {
  local round threads
  for ((round = 0; round < ${ROUNDS:-7}; ++round)); do
    for threads in 1 2; do
      "$recur" bench "$shapes" --threads "$threads" --seconds "${SECONDS_EACH:-0.5}" | grep '^recur' |
        awk -F, -v name="$1" '{ print name "," $9 "," $2 " T " $5 " B " $6 " F " $7 " H " $8 "," $10 "," $11 }'
    done
  done
}

{
  rows "as it is"
  for ((core = 0; core < $(nproc); ++core)); do
    (while :; do :; done) &
    busy+=($!)
  done
  rows "busy"
  stop_busy
} >"$work/rows"
awk -F, '
  { key = $1 ", " $3 ", " $2; if (!(key in known)) { known[key] = 1; order[++count] = key }
    time[key, $4, ++n[key, $4]] = $5 }
  END {
    for (k = 1; k <= count; k++) {
      key = order[k]; m = n[key, 2]
      for (i = 1; i <= m; i++) v[i] = time[key, 2, i] / time[key, 1, i]
      for (i = 2; i <= m; i++) { t = v[i]; for (j = i - 1; j > 0 && v[j] > t; j--) v[j + 1] = v[j]; v[j + 1] = t }
      middle = (v[int((m + 1) / 2)] + v[int(m / 2) + 1]) / 2
      printf "%s: %.2f (%.2f-%.2f)\n", key, middle, v[1], v[m]
      if (key ~ /^busy/ && middle > 1.1) slow++
    }
    exit slow > 0
  }' "$work/rows"
