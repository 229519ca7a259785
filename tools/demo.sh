#!/usr/bin/env bash
# Trains a character LSTM on FILE, or on the engine's sources of this repository, until it predicts the tenth held out
# better than a 5-gram model does, and generates text.
# usage: tools/demo.sh [FILE OR FOLDER...]        (./dev demo builds the program first)
# DEMO_TIME (60) sets how many seconds it trains at first; while the 5-gram model is better it goes on, to twice and to four
# times that. DEMO_RUN sets where, RECUR which program is used.
set -euo pipefail
if [ $# -gt 0 ]; then
  data=()
  for path in "$@"; do data+=("$(realpath "$path")"); done
else
  data=(src/recur/base src/recur/tensor src/recur/kernels src/recur/autograd src/recur/ops src/recur/nn)
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=${RECUR:-build/release/cli/recur}
run=${DEMO_RUN:-build/demo}
seconds=${DEMO_TIME:-60} last=4

facts=$(mktemp)
trap 'rm -f "$facts"' EXIT

# Shows a command, then runs it.
show() {
  printf '\n$ recur %s\n' "$*"
  "$recur" "$@"
}

# The lowest loss on the data held out so far, in nats per character.
best_loss() { grep -oE '"valid_loss":[0-9.]+' "$run/metrics.jsonl" | cut -d: -f2 | sort -g | head -1; }
is_less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

echo "Recur reads ${data[*]} for $seconds seconds and then generates text in the same style."
show inspect "${data[@]}" --baselines | tee "$facts"
ngram=$(awk '/^5-gram/ { print $2 }' "$facts")
show train lm "${data[@]}" --valid 0.1 --hidden 384 --batch 20 --bptt 50 --lr 0.004 --time "${seconds}s" \
  --threads "$(nproc)" --out "$run" --force
for ((times = 2; times <= last; times *= 2)); do
  if is_less "$(best_loss)" "$ngram"; then break; fi
  printf '\nThe 5-gram model, with %s, is still better than the LSTM, with %s: training continues.\n' "$ngram" "$(best_loss)"
  show resume "$run" --time "$((times * seconds))s"
done

# The losses side by side; of the tenth none of the three has seen anything.
awk -v lstm="$(best_loss)" '
  function bar(name, nats) {
    printf "  %-8s %.3f  ", name, nats
    for (i = 0; i < nats * 15; ++i) printf "#"
    printf "\n"
  }
  /^unigram/ { unigram = $2 }
  /^5-gram/ { ngram = $2 }
  END {
    printf "\nnats per character on the tenth held out (lower is better):\n"
    bar("unigram", unigram)
    bar("5-gram", ngram)
    bar("LSTM", lstm)
  }' "$facts"

show generate "$run" --length 400 --temperature 0.8 --seed 1
printf '\nThe model is in %s. To generate more text: recur generate %s --prompt "..."\n' "$run" "$run"
