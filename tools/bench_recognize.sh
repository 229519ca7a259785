#!/usr/bin/env bash
# A training step of recognition in clips of pictures (convolutions of each frame, a bidirectional LSTM), ours and PyTorch's, in turn,
# on one thread: median milliseconds, and how many times faster ours is.
# usage: tools/bench_recognize.sh [KEY=VALUE...]        (./dev bench recognize builds the library first)
# KEY=VALUE as bench/recognize_step.cc and bench/torch_recognize.py take them: one row of these; without any, three sizes. ROUNDS (3)
# and SECONDS_EACH (10) set how long it takes, PYTHON (that of tools/packages.sh peers) is the interpreter that has PyTorch, RUNNER
# stands before each command (a fixed core, say).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-10}
source tools/bench_program.sh
find_torch
bench_program recognize_step

echo '| clips, frames, pixels, channels | recur, ms | PyTorch, ms | ratio |'
echo '|---|---|---|---|'
if [ $# -gt 0 ]; then
  row "$*" recognize_step torch_recognize.py "$each" "$@"
  exit
fi
for size in "16 16 32 1" "16 24 32 3" "8 16 64 3"; do
  read -r clips frames side channels <<<"$size"
  row "$clips, $frames, $side x $side, $channels" recognize_step torch_recognize.py "$each" "clips=$clips" "frames=$frames" \
    "side=$side" "channels=$channels"
done
