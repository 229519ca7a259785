#!/usr/bin/env bash
# What moved predictions on real data: a stay in intensive care (GRU-D), a sentence of a review, a heart beat, a forecast of an
# oil temperature, a translation and a spoken number, each by a model that trains for one to three minutes on one thread.
# Writes a picture of each to RECUR_OUT/*.svg and prints the residual of completeness and the time of a record; fails where
# the median residual is above 0.001. WHAT names some of stay, review, beat, temperature, translation and digit; TIME is that
# of the last two (150s), which a machine with other work needs more of.
# The pictures of docs/explain.md are made so. Sentences are our own, since not all these data may be passed on.
# data: physionet2012 sentiment ucr_uea ett multi30k fsdd
set -euo pipefail
what=" ${WHAT:-stay review beat temperature translation digit} "
seed=${SEED:-1}
failed=0

# train TASK NAME ARGUMENT...
train() {
  local task=$1 name=$2
  shift 2
  "$RECUR" train "$task" "$@" --out "$RECUR_OUT/$name" --seed "$seed" --threads 1 --quiet
}
# explain NAME RECORDS DATA ARGUMENT...: of this many records the residual and the time; the picture is of the first.
explain() {
  local name=$1 records=$2 data=$3 begin end residual
  shift 3
  begin=$(date +%s%N)
  "$RECUR" explain "$RECUR_OUT/$name" "$data" "$@" --records "$records" --threads 1 --quiet --json >"$RECUR_OUT/$name.json"
  end=$(date +%s%N)
  residual=$(sed -n 's/.*"median_residual": *\([-+0-9.e]*\).*/\1/p' "$RECUR_OUT/$name.json")
  awk -v name="$name" -v n="$records" -v ns=$((end - begin)) -v r="$residual" 'BEGIN {
    printf "%s: %d records, %.2f s a record, median residual of completeness %.1e\n", name, n, ns / n / 1e9, r
    exit !(r <= 0.001)
  }' || failed=1
  "$RECUR" explain "$RECUR_OUT/$name" "$data" "$@" --records 1 --quiet --top 6 --chart "$RECUR_OUT/$name.svg"
}

stay() {
  local data=$RECUR_DATA/physionet2012 work=$RECUR_OUT/stays
  mkdir -p "$work"
  awk -F, -v OFS=, 'NR == 1 { print "id,death"; next } { print $1, $6 }' "$data/Outcomes-a.txt" >"$work/labels.csv"
  for part in train test; do echo "id,time,parameter,value" >"$work/$part.csv"; done
  gzip -dc "$data/set-a_long.csv.gz" | awk -F, -v work="$work" 'NR > 1 && $3 != "RecordID" && $3 != "ICUType" {
    print >>(work "/" ($1 % 5 ? "train" : "test") ".csv") }'
  train diagnose stay "$work/train.csv" --valid 0.15 --epochs 12 --set labels_file="$work/labels.csv" \
    --set label_columns=death --set static_columns=Age,Gender,Height --set missing=-1 --set repeats=mean \
    --set origin=zero --set most_steps=48
  # The stay with the highest probability of death.
  "$RECUR" predict "$RECUR_OUT/stay" "$work/test.csv" --quiet --out "$work/said.csv"
  local id
  id=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i ~ /death/ && !c) c = i; next } $c > best { best = $c; id = $1 } END { print id }' "$work/said.csv")
  awk -F, -v id="$id" 'NR == 1 || $1 == id' "$work/test.csv" >"$work/one.csv"
  awk -F, -v id="$id" 'NR == 1 || $1 != id' "$work/test.csv" | tail -n +2 >>"$work/one.csv"
  explain stay 10 "$work/one.csv" --target death
}

review() {
  train classify review "$RECUR_DATA/sentiment/stsa.binary.train" --valid "$RECUR_DATA/sentiment/stsa.binary.dev"
  printf '%s\n' "the plot is thin , but the acting is wonderful and the ending moved me ." \
    "a slow and clumsy film without a single surprise ." >"$RECUR_OUT/sentences.txt"
  explain review 2 "$RECUR_OUT/sentences.txt" --target 1
}

beat() {
  gunzip -c "$RECUR_DATA/ucr_uea/ECG5000_TEST.csv.gz" >"$RECUR_OUT/beats.csv"
  train classify beat "$RECUR_DATA/ucr_uea/ECG5000_TRAIN.csv" --pooling max --members 1 --network rnn --augment none --batch 32 \
    --steps 600
  explain beat 5 "$RECUR_OUT/beats.csv"
}

temperature() {
  gunzip -c "$RECUR_DATA/ett/ETTh1.csv.gz" >"$RECUR_OUT/all.csv"
  sed 11521q "$RECUR_OUT/all.csv" >"$RECUR_OUT/hours.csv"
  train forecast temperature "$RECUR_OUT/hours.csv" --valid 0.25 --horizon 96 --context 96 --segment 48 --season 24 \
    --no-calendar --scaler standard --center last --head mae --hidden 128 --dropout 0.3 --batch 256 --lr 0.001 --steps 200
  explain temperature 7 "$RECUR_OUT/hours.csv"
}

translation() {
  local data=$RECUR_DATA/multi30k
  train translate translation "$data/train.lc.norm.tok.en" --target "$data/train.lc.norm.tok.de" \
    --valid "$data/val.lc.norm.tok.en" --set valid_target="$data/val.lc.norm.tok.de" --cell gru --hidden 192 --embedding 192 \
    --dropout 0.3 --batch 64 --lr 0.002 --clip 1 --time "${TIME:-150s}"
  echo "a man in a red shirt is riding a bike ." >"$RECUR_OUT/source.txt"
  explain translation 1 "$RECUR_OUT/source.txt"
  "$RECUR" explain "$RECUR_OUT/translation" "$RECUR_OUT/source.txt" --method attention --quiet --chart "$RECUR_OUT/attention.svg" >/dev/null
}

digit() {
  tar -xJf "$RECUR_DATA/fsdd/recordings.tar.xz" -C "$RECUR_OUT"
  local words=(zero one two three four five six seven eight nine) clip name
  for clip in "$RECUR_OUT"/recordings/*.wav; do
    name=$(basename "$clip")
    # The official test part: takes 0 to 4 of each speaker and digit.
    case ${name##*_} in [0-4].wav) part=test ;; *) part=train ;; esac
    printf 'recordings/%s\t%s\n' "$name" "${words[${name%%_*}]}" >>"$RECUR_OUT/digits.$part.tsv"
  done
  train transcribe digit "$RECUR_OUT/digits.train.tsv" --valid 0.1 --hidden 64 --layers 1 --set conv_widths=32 \
    --lr 0.003 --clip 5 --batch 32 --time "${TIME:-150s}"
  grep 7_jackson_0 "$RECUR_OUT/digits.test.tsv" >"$RECUR_OUT/digits.one.tsv"
  grep -v 7_jackson_0 "$RECUR_OUT/digits.test.tsv" | head -4 >>"$RECUR_OUT/digits.one.tsv"
  explain digit 5 "$RECUR_OUT/digits.one.tsv"
}

for each in stay review beat temperature translation digit; do
  case $what in *" $each "*) "$each" ;; esac
done
exit $failed
