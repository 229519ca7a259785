#!/usr/bin/env bash
# Learning to adapt. PARTS chooses some of: sinusoids (MLP of 2 x 40, rate 0.01, 10 shots, 600 new problems: squared error
# after one step at most 0.5 and a quarter of that of a pretrained network that is fine-tuned; the same of an LSTM that
# reads the shots), omniglot (5 ways, classes apart; our set has 242 characters, the papers' 1,623: recurrent reader
# at least 82.8 % and 94.9 % with 1 and 5 shots, MAML with convolutions at least 95 % and 98 %), ucr (series of data sets
# that training did not see, 5 shots a class: better than training from scratch on them; each channel of the gestures and of
# three other sets is a set to learn from). SEEDS chooses seeds; of Omniglot, LEARNERS some of prototypes, reader and maml;
# TIME the time of each (10m, of maml 18m, of ucr 7m).
# data: omniglot ucr_uea uea_gestures
set -euo pipefail
tools=$(dirname "$0")/..
export RECUR_THREADS=1
failed=()

wanted() { [[ " ${PARTS:-sinusoids omniglot ucr} " == *" $1 "* ]]; }

# hold SIDE WHAT BOUND VALUE
hold() { "$tools"/mean.sh "$@" || failed+=("$2"); }

# learn RUN DATA... OPTION...: trains, and says how long it took.
learn() {
  local run=$1 begun
  shift
  begun=$(date +%s.%N)
  "$RECUR" train adapt "$@" --out "$run" >"$run.log"
  echo "$(basename "$run"): $(awk -v a="$begun" -v b="$(date +%s.%N)" 'BEGIN { printf "%.0f s", b - a }')"
}

# evaluate RUN DATA... OPTION...
evaluate() {
  "$RECUR" evaluate "$@" --json >"$1.json"
}

# of_method NAME FIELD FILE: a number of the table "methods".
of_method() { grep -oE "\[\"$1[^]]*" "$3" | head -1 | sed 's/^\["[^"]*",//' | cut -d, -f"$2"; }

for seed in ${SEEDS:-1}; do
  if wanted sinusoids; then
    maml=$RECUR_OUT/maml-$seed plain=$RECUR_OUT/pretrained-$seed reader=$RECUR_OUT/reader-$seed
    learn "$maml" sinusoids --seed "$seed" --steps 20000 --lr 0.002
    learn "$plain" sinusoids --learner pretrained --seed "$seed" --steps 20000 --lr 0.002
    learn "$reader" sinusoids --learner reader --network none --hidden 128 --seed "$seed" --steps 15000 --lr 0.002
    evaluate "$maml" sinusoids --pretrained "$plain"
    evaluate "$reader" sinusoids --eval-baselines 0
    loss=$("$tools"/number.sh loss_after_one "$maml.json")
    rough=$(of_method "pretrained, 1 step" 1 "$maml.json")
    hold at_most "sinusoids, MAML after one step, squared error" 0.5 "$loss"
    hold at_most "sinusoids, MAML beside fine-tuning, ratio" 0.25 "$(awk -v a="$loss" -v b="$rough" 'BEGIN { print a / b }')"
    hold at_most "sinusoids, LSTM that reads, squared error" 0.5 "$("$tools"/number.sh loss "$reader.json")"
  fi
  if wanted omniglot; then
    data=$RECUR_DATA/omniglot/omniglot_small_28x28-idx3-ubyte.gz
    labels=(--labels-file "$RECUR_DATA/omniglot/omniglot_small_28x28.csv" --label-column class)
    set=("$data" "${labels[@]}" --input pictures --valid 0.1 --test 0.25 --rotate --seed "$seed")
    # of_learner NAME BOUND_1 BOUND_5 TIME OPTION...
    of_learner() {
      local name=$1 shots run=$RECUR_OUT/omniglot-$1-$seed time=$4
      local bounds=("$2" "$3")
      shift 4
      if ! [[ " ${LEARNERS:-prototypes reader maml} " == *" $name "* ]]; then return 0; fi
      learn "$run" "${set[@]}" --learner "$name" --time "${TIME:-$time}" "$@"
      for shots in 1 5; do
        evaluate "$run" "$data" "${labels[@]:0:2}" --eval-shots "$shots" --eval-baselines 0
        hold at_least "Omniglot, $name, shots: $shots" "${bounds[shots / 5]}" "$("$tools"/number.sh accuracy "$run.json")"
      done
    }
    of_learner prototypes 0.9 0.97 10m
    of_learner reader 0.828 0.949 10m --cell mlstm --batch 2 --queries 3 --lr 0.003
    of_learner maml 0.95 0.98 18m --batch 2
  fi
  if wanted ucr; then
    data=$RECUR_DATA/ucr_uea
    series=$RECUR_OUT/series-$seed channels=$RECUR_OUT/channels
    mkdir -p "$channels"
    python3 "$tools/accept/adapt_series.py" "$channels" "$RECUR_DATA"/uea_gestures/*_TRAIN.ts.xz \
      "$data"/{OSULeaf,SyntheticControl,JapaneseVowels}_TRAIN.ts
    learn "$series" "$channels"/*.ts --within file --ways 2 --shots 5 --learner reptile --inner-steps 20 --network conv --length 128 \
      --scaler each --time "${TIME:-7m}" --seed "$seed"
    evaluate "$series" "$data"/GunPoint_TEST.ts "$data"/ECG200_TEST.ts --eval-problems 200 --eval-steps 40 --eval-baselines 200
    hold at_least "UCR sets that training did not see, accuracy" "$(of_method "from scratch" 2 "$series.json")" \
      "$("$tools"/number.sh accuracy "$series.json")"
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
