#!/usr/bin/env bash
# Convolutions of 3 x 3, ours and PyTorch's (oneDNN), in turn, on one thread: GFLOP/s of the products, forward and with all
# gradients, and how many times faster ours is. The core's own peak, in registers, stands above.
# usage: tools/bench_conv.sh [N,C,H,W,O...]        (./dev bench conv builds the library first)
# Without shapes, those of denoising networks. ROUNDS (5) and SECONDS_EACH (0.3) set how long it takes, PYTHON (that of
# tools/packages.sh peers) is the interpreter that has PyTorch, RUNNER stands before each command (a fixed core, say).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
library=build/release/src/recur/librecur.a
python=${PYTHON:-build/peers/bin/python}
rounds=${ROUNDS:-5} each=${SECONDS_EACH:-0.3}
if [ ! -f "$library" ]; then
  echo "bench_conv: there is no $library; ./dev build makes it" >&2
  exit 1
fi
with_torch=yes
if ! "$python" -c 'import torch' 2>/dev/null; then
  printf '!!! PyTorch is not compared: %s has none (tools/packages.sh peers, or set PYTHON)\n' "$python" >&2
  with_torch=
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CXX:-c++}" -std=c++20 -O2 -DFMT_SHARED -Isrc bench/conv2d.cc "$library" -lfmt -lz -llzma -lzstd -lsentencepiece \
  -lsentencepiece_train -lhwy -ltomlplusplus -pthread -o "$work/conv2d"

shapes=("$@")
if [ $# = 0 ]; then
  shapes=(8,48,32,32,48 8,64,32,32,64 8,64,64,64,64 4,128,32,32,128 1,64,256,256,64 8,32,64,64,32 8,4,32,32,48 8,48,32,32,4)
fi
: >"$work/ours" >"$work/torch"
for ((round = 0; round < rounds; ++round)); do
  ${RUNNER:-} "$work/conv2d" "$each" "${shapes[@]}" >>"$work/ours"
  if [ -n "$with_torch" ]; then ${RUNNER:-} "$python" bench/torch_conv2d.py "$each" "${shapes[@]}" >>"$work/torch"; fi
done

# median PATTERN COLUMN FROM_END FILE: of the lines that begin so.
median() {
  grep "^$1," "$3" | rev | cut -d, -f"$2" | rev | sort -n |
    awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print 0 }'
}
echo "peak of the core: $(median probe 1 "$work/ours") GFLOP/s"
echo
echo '| N, C, H, W, O | forward: recur | PyTorch | ratio | training: recur | PyTorch | ratio |'
echo '|---|---|---|---|---|---|---|'
for shape in "${shapes[@]}"; do
  row="| ${shape//,/, }"
  for column in 2 1; do
    ours=$(median "$shape" $column "$work/ours") torch=$(median "$shape" $column "$work/torch")
    row+=" | $ours | $torch | $(awk -v a="$ours" -v b="$torch" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }')"
  done
  echo "$row |"
done
