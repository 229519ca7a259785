#!/usr/bin/env bash
# Multi30k English to German, the lower-cased, tokenised files, joint BPE; BLEU of test2016 in words as those files have them,
# beam 10, no four symbols twice, with the length penalty that is best on the validation data. At least 36 within TIME (100
# minutes on two threads); a published single model has 39.0. Also BLEU by the length of the source, and of the Flickr part of
# test2017, tokenised in the same way (published 31.2).
# OPTIONS are further options of training: "--members 3" for an ensemble; "--attention none"; "--attention-blocks 1 --hidden 208
# --embedding 208" for a hybrid of about as many parameters.
# data: multi30k
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/multi30k
train=$data/train.lc.norm.tok valid=$data/val.lc.norm.tok test=$data/test_2016_flickr.lc.norm.tok
values=()
for seed in ${SEEDS:-1}; do
  run=$RECUR_OUT/run-$seed
  # shellcheck disable=SC2086
  "$RECUR" train translate "$train.en" --target "$train.de" --valid "$valid.en" --set valid_target="$valid.de" --out "$run" \
    --tokens subwords --target-tokens subwords --joint-vocabulary --subword-model bpe --vocabulary 5000 \
    --cell gru --hidden 320 --embedding 320 --dropout 0.3 --valid-sample 1014 --batch 64 --lr 0.001 --clip 1 \
    --time "${TIME:-100m}" --threads "${THREADS:-2}" --seed "$seed" ${OPTIONS:-}
  best=-1 penalty=1
  for each in 0.6 1 1.2 1.4 1.6 1.8; do
    "$RECUR" evaluate "$run" "$valid.en" --target "$valid.de" --beam 10 --no-repeat 4 --length-penalty "$each" --json >"$run/valid-$each.json"
    bleu=$("$tools"/number.sh bleu "$run/valid-$each.json")
    if awk -v a="$bleu" -v b="$best" 'BEGIN { exit !(a > b) }'; then best=$bleu penalty=$each; fi
  done
  "$RECUR" evaluate "$run" "$test.en" --target "$test.de" --beam 10 --no-repeat 4 --length-penalty "$penalty" --json >"$run/test.json"
  echo "seed $seed: length penalty $penalty, validation BLEU $best, test2016 $("$tools"/number.sh bleu "$run/test.json")"
  values+=("$("$tools"/number.sh bleu "$run/test.json")")
  for side in en de; do
    zcat "$data/test_2017_flickr.$side.gz" | python3 "$tools/accept/tokenised.py" "$side" >"$run/2017.$side"
  done
  "$RECUR" evaluate "$run" "$run/2017.en" --target "$run/2017.de" --beam 10 --no-repeat 4 --length-penalty "$penalty" --json >"$run/2017.json"
  echo "seed $seed: test2017 $("$tools"/number.sh bleu "$run/2017.json")"
  low=1
  for high in 9 14 19 999; do
    for side in en de; do
      awk -v low="$low" -v high="$high" 'NR == FNR { n[FNR] = NF; next } n[FNR] >= low && n[FNR] <= high' "$test.en" \
        "$test.$side" >"$run/part.$side"
    done
    bleu=$("$RECUR" evaluate "$run" "$run/part.en" --target "$run/part.de" --beam 10 --no-repeat 4 --length-penalty "$penalty" --json |
      "$tools"/number.sh bleu /dev/stdin)
    echo "seed $seed: sources of $low to $high words ($(wc -l <"$run/part.en")): BLEU $bleu"
    low=$((high + 1))
  done
done
"$tools"/mean.sh at_least "Multi30k test2016 BLEU" 36 "${values[@]}"
