#!/usr/bin/env bash
# Reads tables that it makes for the purpose: sequences, MB/s of processor time, and the peak of memory.
# usage: tools/bench_data.sh [KIND MEGABYTES]...      without: long 5000
# KIND: as bench/data_bench.cc says. The tables are made in $TMPDIR (/tmp),
# one at a time, and removed; what does not fit into RECUR_DATA_MEMORY goes to a scratch file there, with as much room.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/bench_program.sh
bench_program data_bench
[ $# -gt 0 ] || set -- long 5000
while [ $# -ge 2 ]; do
  "$work/data_bench" make "$1" "$work/table.csv" "$2"
  printf '%-13s ' "$1"
  "$work/data_bench" read "$work/table.csv"
  rm "$work/table.csv"
  shift 2
done
