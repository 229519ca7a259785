#!/usr/bin/env bash
# Trains on data larger than memory beside the same kind of data in memory: peak memory, seconds to the first step (reading
# included), and milliseconds a step.
# usage: tools/bench_disk.sh [MEGABYTES-OF-TABLE [MEGABYTES-OF-TEXT]]        (5000 and 2000; ./dev build makes the program)
# The first step comes after reading, encoding, and the validation that ends a training. TASKS="detect forecast" in the
# environment: these alone.
# The data are made in $TMPDIR (/tmp), one file at a time, and removed. What does not fit into RECUR_DATA_MEMORY goes to a
# scratch file there, with as much room.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-$PWD/build/release/cli/recur}
table=${1:-5000} text=${2:-2000}
source tools/bench_program.sh
bench_program data_bench

# run STEPS TASK FILE OPTIONS...: seconds and the peak of memory in MB
run() {
  local steps=$1 task=$2 file=$3
  shift 3
  rm -rf "$work/run"
  /usr/bin/time -f '%e %M' -o "$work/time" "$recur" train "$task" "$file" --out "$work/run" --steps "$steps" --seed 1 \
    --threads 1 --quiet "$@" >/dev/null
  awk '{ printf "%s %.0f\n", $1, $2 / 1024 }' "$work/time"
}

# measure KIND MEGABYTES TASK OPTIONS...
measure() {
  local kind=$1 size=$2 task=$3 steps=50
  shift 3
  case " ${TASKS:-$task} " in *" $task "*) ;; *) return 0 ;; esac
  "$work/data_bench" make "$kind" "$work/data" "$size"
  read -r first _ < <(run 1 "$task" "$work/data" "$@")
  read -r all peak < <(run $((steps + 1)) "$task" "$work/data" "$@")
  rm "$work/data"
  awk -v task="$task" -v kind="$kind" -v size="$size" -v first="$first" -v all="$all" -v peak="$peak" -v steps=$steps 'BEGIN {
    # Two readings of the same data differ by more than a few steps take.
    step = all - first > 0.1 * first ? sprintf("%.2f ms a step", (all - first) / steps * 1000) : "steps lost in its noise"
    printf "%-8s %-8s %5d MB: peak %4d MB, first step after %6.1f s, then %s\n", task, kind, size, peak, first, step }'
}

for size in 50 "$table"; do measure classes "$size" classify --hidden 64 --batch 16; done
for size in 50 "$table"; do measure records "$size" diagnose --hidden 64 --batch 16 --set label_columns=ill --valid 0.02; done
for size in 50 "$table"; do measure one "$size" detect --hidden 64 --batch 16 --valid 0.02; done
for size in 50 "$table"; do measure dated "$size" forecast --hidden 64 --batch 16 --set horizon=60 --valid 0.02; done
for size in 50 "$text"; do measure text "$size" lm --hidden 128 --batch 32 --bptt 50; done
