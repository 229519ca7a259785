#!/usr/bin/env bash
# Trains a character LSTM for a minute on FILE, or on this repository's own sources, compares it with what counting
# achieves, and lets it write.
# usage: tools/demo.sh [FILE OR FOLDER...]        (./dev demo builds the program first)
# DEMO_TIME (60s) sets how long it trains, DEMO_RUN where, RECUR which program is used.
set -euo pipefail
if [ $# -gt 0 ]; then
  data=()
  for path in "$@"; do data+=("$(realpath "$path")"); done
else
  data=(cli src)
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-build/release/cli/recur}
run=${DEMO_RUN:-build/demo}

facts=$(mktemp)
trap 'rm -f "$facts"' EXIT

# Shows a command, then runs it.
show() {
  printf '\n$ recur %s\n' "$*"
  "$recur" "$@"
}

echo "Recur reads ${data[*]} for ${DEMO_TIME:-60s} and then writes in the same manner."
show inspect "${data[@]}" --baselines | tee "$facts"
show train lm "${data[@]}" --valid 0.1 --hidden 384 --batch 20 --bptt 50 --lr 0.004 --time "${DEMO_TIME:-60s}" \
  --threads "$(nproc)" --out "$run" --force

# The losses side by side, in nats per character of the last tenth of the text, which none of the three has seen.
loss=$(grep -oE '"valid_loss":[0-9.]+' "$run/metrics.jsonl" | cut -d: -f2 | sort -g | head -1)
awk -v lstm="$loss" '
  function bar(name, nats) {
    printf "  %-8s %.3f  ", name, nats
    for (i = 0; i < nats * 15; ++i) printf "#"
    printf "\n"
  }
  /^unigram/ { unigram = $2 }
  /^5-gram/ { ngram = $2 }
  END {
    printf "\nnats per character of the tenth held out (less is better):\n"
    bar("unigram", unigram)
    bar("5-gram", ngram)
    bar("LSTM", lstm)
  }' "$facts"

show generate "$run" --length 400 --temperature 0.8 --seed 1
printf '\nThe model is in %s. It writes on with: recur generate %s --prompt "..."\n' "$run" "$run"
