#!/usr/bin/env bash
# Long and exact memory, on sequences that long_range.py makes, by what of the asked is right (parity and arithmetic: scaled, 0 is
# guessing). PARTS of
#   parity, arithmetic   trained on up to 40 symbols, tested on 41 to 256: LSTM and sLSTM solve both (parity 1, arithmetic at least
#                        0.78), and so does the delta rule with negative eigenvalues; minGRU, mLSTM and LRU do not (at most 0.5)
#   mqar                 16 keys and values: a delta rule behind a QRNN, whose window sees two symbols, at least 0.99; LSTMs with as
#                        many numbers from step to step less than 0.9
#   selective            16 letters among LENGTH (256) symbols: three layers of minGRU and of minLSTM, at least 0.99
#   copy                 10 letters after LENGTH (1000) blanks: LSTM and LRU with chrono initialisation, a loss of at most 0.001 over
#                        all steps (without memory it is 10 ln 8 / (LENGTH + 20)); MODELS of "lstm lru"
# TIME a model (2m of the first two, else 10m to 30m; of selective 40m, within which EPOCHS (36) passes end); SEEDS.
# data:
set -euo pipefail
tools=$(dirname "$0")/..
failed=()
wanted() { [[ " ${PARTS:-parity arithmetic mqar selective copy} " == *" $1 "* ]]; }

# learn SIDE BOUND PART NAME TIME OPTION...
learn() {
  local side=$1 bound=$2 part=$3 name=$4 time=$5 seed values=()
  shift 5
  for seed in ${SEEDS:-1}; do
    data=$RECUR_OUT/$part-$seed run=$RECUR_OUT/$part-$name-$seed
    if [ ! -d "$data" ]; then
      mkdir -p "$data"
      python3 "$tools/accept/long_range.py" make "$part" "$data" "$seed" ${LENGTH:+"$LENGTH"}
    fi
    "$RECUR" train tag "$data/train.conll" --valid "$data/valid.conll" --characters none --no-bidirectional --dropout 0 --embedding 64 \
      --batch 64 --seed "$seed" --time "${TIME:-$time}" --out "$run" --quiet "$@" >"$run.log"
    "$RECUR" predict "$run" "$data/test.conll" --quiet >"$run.csv"
    value=$(python3 "$tools/accept/long_range.py" score "$part" "$data/test.conll" "$run.csv")
    if [ "$part" = copy ]; then
      echo "copy, $name, seed $seed: $value of the letters are right; held against the bound is the loss"
      "$RECUR" evaluate "$run" "$data/test.conll" --json >"$run.json"
      value=$("$tools"/number.sh loss "$run.json")
    fi
    values+=("$value")
  done
  "$tools"/mean.sh "$side" "$part, $name" "$bound" "${values[@]}" || failed+=("$part $name")
}

for part in parity arithmetic; do
  wanted $part || continue
  [ $part = parity ] && bound=0.99 || bound=0.78
  small=(--layers 1 --hidden 64 --lr 0.005)
  for cell in lstm slstm; do learn at_least $bound $part $cell 2m --cell $cell "${small[@]}"; done
  learn at_least $bound $part delta_negative 2m --cell delta_negative "${small[@]}"
  for cell in mingru lru mlstm; do learn at_most 0.5 $part $cell 2m --cell $cell "${small[@]}"; done
done
if wanted mqar; then
  deep=(--layers 2 --block residual --lr 0.003)
  learn at_least 0.99 mqar qrnn_delta 10m --cells qrnn,delta --hidden 64 --memory-heads 2 "${deep[@]}"
  # As many numbers: 2 x 64 of the QRNN and 2 x 32 x 32 of the delta rule.
  learn at_most 0.9 mqar lstm 10m --cell lstm --hidden 544 "${deep[@]}"
fi
if wanted selective; then
  for cell in mingru minlstm; do
    learn at_least 0.99 selective $cell 40m --cell $cell --layers 3 --hidden 64 --block feed_forward --init chrono \
      --set chrono_steps="${LENGTH:-256}" --lr 0.002 --warmup 400 --batch 32 --epochs "${EPOCHS:-36}"
  done
fi
if wanted copy; then
  long=(--layers 2 --hidden 64 --block feed_forward --init chrono --set chrono_steps="${LENGTH:-1000}" --lr 0.004)
  for model in ${MODELS:-lstm lru}; do
    case $model in
      lstm) learn at_most 0.001 copy lstm 30m --cell lstm "${long[@]}" --batch 16 --warmup 100 --precision bf16 ;;
      lru) learn at_most 0.001 copy lru 15m --cell lru "${long[@]}" --batch 32 ;;
      *) failed+=("MODELS: expected lstm or lru, got $model") ;;
    esac
  done
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
