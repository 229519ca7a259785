#!/usr/bin/env bash
# Convolutions of 3 x 3, ours and PyTorch's (oneDNN), in turn, on one thread: GFLOP/s of the products, forward and with all
# gradients, and how many times faster ours is. The core's own peak, in registers, stands above.
# usage: tools/bench_conv.sh [N,C,H,W,O...]        (./dev bench conv builds the library first)
# Without shapes, those of denoising networks. ROUNDS (5) and SECONDS_EACH (0.3) set how long it takes, PYTHON (that of
# tools/packages.sh peers) is the interpreter that has PyTorch, RUNNER stands before each command (a fixed core, say).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${ROUNDS:-5} each=${SECONDS_EACH:-0.3}
source tools/bench_program.sh
find_torch
bench_program conv2d

shapes=("$@")
if [ $# = 0 ]; then
  shapes=(8,48,32,32,48 8,64,32,32,64 8,64,64,64,64 4,128,32,32,128 1,64,256,256,64 8,32,64,64,32 8,4,32,32,48 8,48,32,32,4)
fi
: >"$work/ours" >"$work/torch"
for ((round = 0; round < rounds; ++round)); do
  ${RUNNER:-} "$work/conv2d" "$each" "${shapes[@]}" >>"$work/ours"
  if [ -n "$with_torch" ]; then ${RUNNER:-} "$python" bench/torch_conv2d.py "$each" "${shapes[@]}" >>"$work/torch"; fi
done

# of_shape SHAPE COLUMN FILE: the median of a column, counted from the last one, in the lines of a shape.
of_shape() { { grep "^$1," "$3" || true; } | rev | cut -d, -f"$2" | rev | median; }
echo "peak of the core: $(of_shape probe 1 "$work/ours") GFLOP/s"
echo
echo '| N, C, H, W, O | forward: recur | PyTorch | ratio | training: recur | PyTorch | ratio |'
echo '|---|---|---|---|---|---|---|'
for shape in "${shapes[@]}"; do
  row="| ${shape//,/, }"
  for column in 2 1; do
    ours=$(of_shape "$shape" $column "$work/ours") torch=$(of_shape "$shape" $column "$work/torch")
    row+=" | $ours | $torch | $(awk -v a="$ours" -v b="$torch" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }')"
  done
  echo "$row |"
done
