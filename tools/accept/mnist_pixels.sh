#!/usr/bin/env bash
# MNIST pixel by pixel: 784 steps of one number, row by row (sequential) or in one random order (permuted, order 1). The network
# reads forward alone; the last step of the run is tested, and nothing chosen. PARTS of sequential, permuted; MODELS of
#   lstm      two feed-forward blocks of LSTMs of 64 units that begin with a memory of up to 784 steps, in bf16; row by row the mean of
#             their outputs, in random order the last: at least 98.5 % and 93 % (published 98.9 / 95.1 and 98.8 / 92.9)
#   best      feed-forward blocks of LRU that begin with a memory of up to 784 steps, in bf16; row by row three of 64 units and the
#             mean of their outputs, in random order two of 96 and the last output: at least 99.2 % and 96.5 % (published: UR-GRU
#             99.3 / 96.5, S4 99.6 / 98.7)
# TIME a run (90m), within which all passes but those of the best row by row end; SEEDS; OPTIONS are added.
# data: mnist
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/mnist
failed=()
read -r -a more <<<"${OPTIONS:-}"
wanted() { [[ " $1 " == *" $2 "* ]]; }

# learn PART MODEL BOUND OPTION...
learn() {
  local part=$1 model=$2 bound=$3 seed run values=() order=()
  shift 3
  if ! wanted "${PARTS:-sequential permuted}" "$part" || ! wanted "${MODELS:-lstm best}" "$model"; then return 0; fi
  [ "$part" = permuted ] && order=(1)
  for name in train t10k; do
    [ -f "$RECUR_OUT/$part-$name.idx" ] ||
      python3 "$tools/accept/mnist_pixels.py" "$data/$name-images-idx3-ubyte.gz" "$RECUR_OUT/$part-$name.idx" "${order[@]}"
  done
  for seed in ${SEEDS:-1}; do
    run=$RECUR_OUT/$part-$model-$seed
    "$RECUR" train classify "$RECUR_OUT/$part-train.idx" --labels-file "$data/train-labels-idx1-ubyte.gz" --network rnn --conv '[]' \
      --random-kernels 0 --members 1 --augment none --no-bidirectional --batch 64 --time "${TIME:-90m}" --seed "$seed" --out "$run" \
      --quiet "$@" "${more[@]}"
    "$RECUR" evaluate "$run" "$RECUR_OUT/$part-t10k.idx" --labels-file "$data/t10k-labels-idx1-ubyte.gz" --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
  done
  "$tools"/mean.sh at_least "MNIST by pixels, $part, $model, test accuracy" "$bound" "${values[@]}" || failed+=("$part $model")
}

long=(--block feed_forward --init chrono --chrono-steps 784 --batch 16 --warmup 100 --precision bf16)
lstm=(--cell lstm "${long[@]}" --layers 2 --hidden 64 --dropout 0.05 --lr 0.004)
best=(--cell lru "${long[@]}")
learn sequential lstm 0.985 "${lstm[@]}" --pooling mean --epochs 16
learn permuted lstm 0.93 "${lstm[@]}" --pooling last --epochs 26
learn sequential best 0.992 "${best[@]}" --layers 3 --hidden 64 --dropout 0.1 --pooling mean --lr 0.004
learn permuted best 0.965 "${best[@]}" --layers 2 --hidden 96 --dropout 0.05 --pooling last --lr 0.0015 --epochs 15
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
