#!/usr/bin/env bash
# PhysioNet 2012, set A: 4,000 stays in intensive care, of which the first 48 hours are known; 5-fold cross-validation, a
# fifth of the stays the test fold and 15 % of the others to choose the model by.
# In-hospital mortality: GRU-D at least 0.835 AUC and above GRU-mean and LSTM-mean on the same folds (Che et al. 2016:
# 0.842, 0.820, 0.803). Nine labels made from the outcomes and the unit: an LSTM with target replication is above one
# without in macro AUC, as in Lipton et al. 2015. FOLDS and SEED choose; LABELS=0 leaves the nine labels out.
# data: physionet2012
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/physionet2012
work=$RECUR_OUT/data
seed=${SEED:-1}
mkdir -p "$work"

# Stays of one outcome are dealt to the folds in random order. The unit's number becomes flags beside the labels.
gzip -dc "$data/set-a_long.csv.gz" | awk -F, -v OFS=, '$3 == "ICUType" { print $1, $4 }' >"$work/units.csv"
awk -F, -v OFS=, '
  NR == FNR { unit[$1] = $2; next }
  FNR == 1 {
    print "id,death,death_30_days,death_1_year,stay_over_3,stay_over_7,stay_over_14,coronary,cardiac_surgery,surgical,sofa_8,saps_15"
    next
  }
  function over(days) { return $4 < 0 ? "" : ($4 > days) + 0 }
  function dies(days) { return ($5 >= 0 && $5 <= days) + 0 }
  {
    print $1, $6, dies(30), dies(365), over(3), over(7), over(14), (unit[$1] == 1) + 0, (unit[$1] == 2) + 0,
      (unit[$1] == 4) + 0, $3 < 0 ? "" : ($3 >= 8) + 0, $2 < 0 ? "" : ($2 >= 15) + 0
  }' "$work/units.csv" "$data/Outcomes-a.txt" >"$work/labels.csv"
awk -F, 'BEGIN { srand(1) } NR > 1 { print $2, rand(), $1 }' "$work/labels.csv" | sort -k1,1n -k2,2g |
  awk '{ print $3 "," NR % 5 }' >"$work/folds.csv"
for fold in 0 1 2 3 4; do echo "id,time,parameter,value" >"$work/fold$fold.csv"; done
gzip -dc "$data/set-a_long.csv.gz" | awk -F, -v OFS=, -v work="$work" '
  NR == FNR { fold[$1] = $2; next }
  $1 in fold && $3 != "RecordID" && $3 != "ICUType" {
    print >>(work "/fold" fold[$1] ".csv")
  }' "$work/folds.csv" -

# one NAME FOLD METRIC OPTION...: trains on the other folds and prints the metric of this one.
one() {
  local run=$RECUR_OUT/$1-$2 fold=$2 metric=$3 train=() k
  shift 3
  for k in 0 1 2 3 4; do [ "$k" = "$fold" ] || train+=("$work/fold$k.csv"); done
  "$RECUR" train diagnose "${train[@]}" --valid 0.15 --out "$run" --seed "$seed" --epochs 12 --quiet \
    --set labels_file="$work/labels.csv" --set missing=-1 --set repeats=mean --set origin=zero --set most_steps=48 \
    "$@" >"$run.log" 2>&1
  "$RECUR" evaluate "$run" "$work/fold$fold.csv" --labels-file "$work/labels.csv" --json >"$run/test.json" 2>>"$run.log"
  "$tools"/number.sh "$metric" "$run/test.json"
}
# folds NAME METRIC OPTION...: the same for every fold.
folds() {
  local name=$1 metric=$2 fold
  shift 2
  for fold in ${FOLDS:-0 1 2 3 4}; do one "$name" "$fold" "$metric" "$@"; done
}
mean() { awk '{ sum += $1 } END { printf "%.4f\n", sum / NR }'; }

failed=0
statics=Age,Gender,Height
death=(--set label_columns=death --set static_columns="$statics,coronary,cardiac_surgery,surgical")
plain=(--set trainable_decay=false --set masks=false --set fill=normal)
mapfile -t gru_d < <(folds gru_d auc "${death[@]}")
mapfile -t gru_mean < <(folds gru_mean auc "${death[@]}" "${plain[@]}")
mapfile -t lstm_mean < <(folds lstm_mean auc "${death[@]}" "${plain[@]}" --cell lstm)
"$tools"/mean.sh at_least "mortality, AUC of GRU-D" 0.835 "${gru_d[@]}" || failed=1
"$tools"/mean.sh at_least "the same, against GRU-mean (${gru_mean[*]})" "$(printf '%s\n' "${gru_mean[@]}" | mean)" \
  "${gru_d[@]}" || failed=1
"$tools"/mean.sh at_least "the same, against LSTM-mean (${lstm_mean[*]})" "$(printf '%s\n' "${lstm_mean[@]}" | mean)" \
  "${gru_d[@]}" || failed=1
if [ "${LABELS:-1}" = 1 ]; then
  many=(--cell lstm --set trainable_decay=false --set masks=false --set fill=forward_back --set static_columns="$statics"
    --set label_columns=death,death_30_days,death_1_year,stay_over_3,stay_over_7,stay_over_14,coronary,cardiac_surgery,surgical)
  mapfile -t lstm < <(folds lstm macro_auc "${many[@]}" --set replication=0)
  mapfile -t replicated < <(folds lstm_replicated macro_auc "${many[@]}" --set replication=0.5)
  mapfile -t helped < <(folds lstm_helped macro_auc "${many[@]}" --set replication=0.5 \
    --set auxiliary_columns=sofa_8,saps_15)
  "$tools"/mean.sh at_least "nine labels, macro AUC of an LSTM with target replication, against without (${lstm[*]})" \
    "$(printf '%s\n' "${lstm[@]}" | mean)" "${replicated[@]}" || failed=1
  echo "with auxiliary outputs too: $(printf '%s\n' "${helped[@]}" | mean) (of ${helped[*]})"
fi
exit $failed
