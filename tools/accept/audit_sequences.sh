#!/usr/bin/env bash
# Audits of models of sequences, before and after each mitigation, and what it costs.
# 1. PhysioNet 2012, in-hospital mortality by sex and age: three fifths of the stays to train on (15 % of them to choose the
#    model by), the others to audit. Thresholds by group are chosen on one of these two fifths and audited on the other, in turn.
#    Early warnings are audited by time, from the threshold on that at most a tenth of the survivors ever reaches. KINDS names
#    some of the mitigations; "none", without one, must be among them.
# 2. Free spoken digits: the word error by speaker, of a model that has never heard one of the six.
# 3. SST-2: how far predictions move when words for men and women, and first names, change places.
# Each for SEEDS (1 2 3). Figures are in RECUR_OUT/*.csv. PARTS names some of physionet, fsdd and sst2.
# data: physionet2012 fsdd sentiment
set -euo pipefail
tools=$(dirname "$0")/..
seeds=${SEEDS:-1 2 3}
parts=" ${PARTS:-physionet fsdd sst2} "
threshold=0.14 # the share of stays that end in death

# figure FILE GROUPING GROUP MEASURE: "value,low,high".
figure() { awk -F, -v a="$2" -v b="$3" -v c="$4" '$1 == a && $2 == b && $3 == c { print $5 "," $6 "," $7; exit }' "$1"; }
# row FILE NAME: the mean over seeds of value and bounds of lines "NAME,SEED,MEASURE,value,low,high", a column a measure.
row() {
  local measure
  printf '%s' "$2"
  for measure in "${@:3}"; do
    printf ' | %s' "$(awk -F, -v n="$2" -v m="$measure" '$1 == n && $3 == m && $4 != "" { v += $4; l += $5; h += $6; ++k }
      END { if (k) printf "%.3f (%.3f .. %.3f)", v / k, l / k, h / k; else printf "undefined" }' "$1")"
  done
  printf '\n'
}

physionet() {
  local data=$RECUR_DATA/physionet2012 work=$RECUR_OUT/physionet seed kind part measure grouping group time
  local times=12,24,48
  mkdir -p "$work"
  awk -F, -v OFS=, 'NR == 1 { print "id,death"; next } { print $1, $6 }' "$data/Outcomes-a.txt" >"$work/labels.csv"
  awk -F, 'BEGIN { srand(1) } NR > 1 { print $2, rand(), $1 }' "$work/labels.csv" | sort -k1,1n -k2,2g |
    awk '{ print $3 "," (NR % 5 < 3 ? "train" : NR % 5 == 3 ? "first" : "second") }' >"$work/parts.csv"
  for part in train first second; do echo "id,time,parameter,value" >"$work/$part.csv"; done
  echo "id,sex,age" >"$work/people.csv"
  gzip -dc "$data/set-a_long.csv.gz" | awk -F, -v OFS=, -v work="$work" '
    NR == FNR { part[$1] = $2; next }
    !($1 in part) { next }
    $3 == "Gender" { sex[$1] = $4 == 0 ? "female" : $4 == 1 ? "male" : "" }
    $3 == "Age" { age[$1] = $4 < 60 ? "under 60" : $4 < 75 ? "60 to 74" : "75 and over" }
    $3 != "RecordID" && $3 != "ICUType" { print >>(work "/" part[$1] ".csv") }
    END { for (id in part) print id, sex[id], age[id] >>(work "/people.csv") }' "$work/parts.csv" -

  local evaluated=(--labels-file "$work/labels.csv" --groups sex,age --groups-file "$work/people.csv" --quiet)
  : >"$work/figures.txt"
  : >"$work/alarms.txt"
  # keep NAME SEED FILE: the figures of a run.
  keep() {
    for measure in selection_rate true_positive_rate false_positive_rate auc brier; do
      echo "$1,$2,$measure,$(figure "$3" age all $measure)" >>"$work/figures.txt"
    done
    for grouping in sex age "sex & age"; do
      for measure in demographic_parity_difference equalized_odds_difference auc_difference; do
        echo "$1,$2,$grouping $measure,$(figure "$3" "$grouping" "" $measure)" >>"$work/figures.txt"
      done
    done
  }
  for seed in $seeds; do
    for kind in ${KINDS:-none reweighing balanced group-dro parity}; do
      run=$work/$kind-$seed
      local mitigate=()
      [ $kind = none ] || mitigate=(--mitigate $kind --groups sex,age --set groups_file="$work/people.csv")
      [ $kind = parity ] && mitigate+=(--mitigate-strength 5)
      "$RECUR" train diagnose "$work/train.csv" --valid 0.15 --out "$run" --seed "$seed" --epochs 12 --quiet --threads 1 \
        --set labels_file="$work/labels.csv" --set label_columns=death --set static_columns=Age,Gender,Height \
        --set missing=-1 --set repeats=mean --set origin=zero --set most_steps=48 "${mitigate[@]}" >"$run.log" 2>&1
      "$RECUR" audit "$run" "$work/first.csv" "$work/second.csv" "${evaluated[@]}" --threshold $threshold \
        --out "$run/audit.csv" >"$run/audit.txt"
      keep $kind "$seed" "$run/audit.csv"
    done
    # Early warnings of the model without mitigation.
    run=$work/none-$seed
    local alarm
    alarm=$("$RECUR" evaluate "$run" "$work/first.csv" "$work/second.csv" --labels-file "$work/labels.csv" --quiet |
      awk '/^early warning/ { found = 1 } found && $1 == "death" && $2 > 0.05 { print $3; exit }')
    "$RECUR" audit "$run" "$work/first.csv" "$work/second.csv" "${evaluated[@]}" --threshold "$alarm" --times $times \
      --out "$run/alarms.csv" >"$run/alarms.txt"
    # alarm_figure GROUPING GROUP MEASURE TIME: "value,low,high".
    alarm_figure() {
      awk -F, -v a="$1" -v b="$2" -v c="$3" -v t="$4" \
        '$1 == a && $2 == b && $3 == c && $9 == t { print $5 "," $6 "," $7; exit }' "$run/alarms.csv"
    }
    for group in "sex/female" "sex/male" "age/under 60" "age/60 to 74" "age/75 and over"; do
      for measure in true_positive_rate false_positive_rate lead; do
        for time in ${times//,/ }; do
          echo "${group#*/},$seed,$measure $time,$(alarm_figure "${group%/*}" "${group#*/}" $measure $time)" >>"$work/alarms.txt"
        done
      done
    done
    # Thresholds by group of the model without mitigation: the decisions about each part by those of the other.
    echo "id,score,decision" >"$run/decisions.csv"
    for part in first second; do
      local other=second
      [ $part = second ] && other=first
      "$RECUR" audit "$run" "$work/$part.csv" "${evaluated[@]}" --samples 0 --equalize --model-out "$run/$part.recur" >/dev/null
      "$RECUR" predict "$run/$part.recur" "$work/$other.csv" --decision-groups "$work/people.csv" --quiet \
        --out "$run/$other.decided.csv"
      awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next } { print $1, $(at["p.death"] ? at["p.death"] : at["death"]), $(at["decision"]) }' \
        "$run/$other.decided.csv" >>"$run/decisions.csv"
    done
    awk -F, -v OFS=, 'FILENAME == ARGV[1] { death[$1] = $2; next } FILENAME == ARGV[2] { sex[$1] = $2; age[$1] = $3; next }
      { print $0, FNR == 1 ? "death,sex,age" : death[$1] "," sex[$1] "," age[$1] }' \
      "$work/labels.csv" "$work/people.csv" "$run/decisions.csv" >"$run/table.csv"
    "$RECUR" audit "$run/table.csv" --groups sex,age --label death --prediction decision --score score --quiet \
      --out "$run/thresholds.csv" >"$run/thresholds.txt"
    keep thresholds "$seed" "$run/thresholds.csv"
  done
  echo "PhysioNet 2012, positive from a probability of $threshold on; means over seeds $seeds of value and interval"
  echo "mitigation | AUC | selected | equalized odds, age | sex | sex & age | demographic parity, age"
  for kind in ${KINDS:-none reweighing balanced group-dro parity} thresholds; do
    row "$work/figures.txt" $kind auc selection_rate "age equalized_odds_difference" "sex equalized_odds_difference" \
      "sex & age equalized_odds_difference" "age demographic_parity_difference"
  done
  for measure in true_positive_rate false_positive_rate lead; do
    echo "alarms of the model without mitigation: $measure by group and hours since admission"
    echo "group | ${times//,/ | }"
    for group in female male "under 60" "60 to 74" "75 and over"; do
      row "$work/alarms.txt" "$group" "$measure 12" "$measure 24" "$measure 48"
    done
  done
}

fsdd() {
  local work=$RECUR_OUT/fsdd seed clip name words=(zero one two three four five six seven eight nine) speaker
  mkdir -p "$work"
  tar -xJf "$RECUR_DATA/fsdd/recordings.tar.xz" -C "$work"
  echo "id,speaker" >"$work/speakers.csv"
  # The official test part: takes 0 to 4 of each speaker and digit. Theo is never heard in training.
  for clip in "$work"/recordings/*.wav; do
    name=$(basename "$clip")
    speaker=$(echo "$name" | cut -d_ -f2)
    case ${name##*_} in
      [0-4].wav)
        printf 'recordings/%s\t%s\n' "$name" "${words[${name%%_*}]}" >>"$work/test.tsv"
        echo "recordings/$name,$speaker" >>"$work/speakers.csv"
        ;;
      *) [ "$speaker" = theo ] || printf 'recordings/%s\t%s\n' "$name" "${words[${name%%_*}]}" >>"$work/train.tsv" ;;
    esac
  done
  : >"$work/figures.txt"
  for seed in $seeds; do
    run=$work/run-$seed
    "$RECUR" train transcribe "$work/train.tsv" --valid 0.1 --out "$run" --hidden 64 --layers 1 --set conv_widths=32 \
      --lr 0.003 --clip 5 --batch 32 --time "${TIME:-150s}" --seed "$seed" --threads 1 --quiet
    "$RECUR" audit "$run" "$work/test.tsv" --groups speaker --groups-file "$work/speakers.csv" --quiet \
      --out "$run/audit.csv" >"$run/audit.txt"
    for speaker in george jackson lucas nicolas theo yweweler all; do
      echo "$speaker,$seed,wer,$(figure "$run/audit.csv" speaker $speaker wer)" >>"$work/figures.txt"
      echo "$speaker,$seed,cer,$(figure "$run/audit.csv" speaker $speaker cer)" >>"$work/figures.txt"
    done
  done
  echo "FSDD, official test part; theo is in no training part; means over seeds $seeds of value and interval"
  echo "speaker | word error rate | character error rate"
  for speaker in george jackson lucas nicolas theo yweweler all; do row "$work/figures.txt" $speaker wer cer; done
}

sst2() {
  local work=$RECUR_OUT/sst2 data=$RECUR_DATA/sentiment seed pair measure
  mkdir -p "$work"
  # A pair a line; "her" stands for "his", which is more frequent than "him".
  printf '%s\n' he,she his,her himself,herself man,woman men,women boy,girl boys,girls father,mother son,daughter \
    brother,sister husband,wife actor,actress guy,gal >"$work/gender.csv"
  printf '%s\n' john,mary david,susan michael,jennifer robert,julia james,emily woody,nicole tom,sarah martin,kate \
    >"$work/names.csv"
  cat "$data/stsa.binary.dev" "$data/stsa.binary.test" >"$work/sentences"
  : >"$work/figures.txt"
  for seed in $seeds; do
    run=$work/run-$seed
    "$RECUR" train classify "$data/stsa.binary.train" --valid "$data/stsa.binary.dev" --out "$run" --seed "$seed" \
      --threads 1 --quiet
    for pair in gender names; do
      "$RECUR" audit "$run" "$work/sentences" --swap "$work/$pair.csv" --out "$run/$pair.csv" >"$run/$pair.txt"
      for measure in mean_shift largest_shift changed mean_difference; do
        awk -F, -v n=$pair -v s="$seed" -v m=$measure '$1 == "all" && $2 == m { print n "," s "," m "," $3 "," $4 "," $5 "," $6 }' \
          "$run/$pair.csv" >>"$work/figures.txt"
      done
    done
  done
  echo "SST-2, terms swapped in the sentences of the validation and test parts; means over seeds $seeds of value and interval"
  echo "terms | mean shift of the probability | classes that change | second less first"
  for pair in gender names; do row "$work/figures.txt" $pair mean_shift changed mean_difference; done
}

case $parts in *" physionet "*) physionet ;; esac
case $parts in *" fsdd "*) fsdd ;; esac
case $parts in *" sst2 "*) sst2 ;; esac
