#!/usr/bin/env bash
# Heart beats of the MIT-BIH Arrhythmia Database in the five classes of the AAMI, patients apart: trained on the records of
# DS1, of which every fourth chooses the model, and tested on those of DS2 (the split of de Chazal et al. 2004). A beat is
# its 128 samples with the distances to its neighbours and to the mean of the ten before, relative to the record's mean.
# At least the overall accuracy of de Chazal's linear discriminants, 85.9 %; since 89 % of the beats are normal, what is to
# be read are the figures of S (supraventricular) and V (ventricular). With DEFAULTS=1 no option but which columns are
# static: at least 92.3 %, what the chosen options reach.
# data: mitbih
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/mitbih

# The array's samples as lines of 128 numbers: behind a header of 128 bytes come 16-bit integers.
paste -d, \
  <(gunzip -c "$data/beats.csv.gz" | tail -n +2) \
  <(xz -dc "$data/beats_128x180hz_int16.npy.xz" | tail -c +129 | od -An -v -w256 -td2 | tr -s ' ' , | sed 's/^,//') |
  awk -F, -v OFS=, -v out="$RECUR_OUT" '
    function ratio(a, b) { return a > 0 && b > 0 ? a / b : "" }
    # Called at the end of a record, of which beats 1 to n are kept: its mean distance is known only then.
    function write_record(   i, k, sum, count, mean, local, part) {
      for (i = 1; i <= n; ++i) if (before[i] > 0) { sum += before[i]; ++count }
      mean = sum / count
      part = set == 2 ? "test" : ++train % 4 == 0 ? "valid" : "train"
      for (i = 1; i <= n; ++i) {
        local = count = 0
        for (k = i; k > 0 && k > i - 10; --k) if (before[k] > 0) { local += before[k]; ++count }
        print class[i], ratio(before[i], mean), ratio(after[i], mean), ratio(before[i], count ? local / count : 0),
          samples[i] > (out "/" part ".csv")
      }
      n = 0
    }
    BEGIN {
      header = "label,rr_before,rr_after,rr_local"
      for (i = 1; i <= 128; ++i) header = header ",v" i
      print header > (out "/train.csv"); print header > (out "/valid.csv"); print header > (out "/test.csv")
    }
    $2 != record && n > 0 { write_record() }
    $9 == 1 || $9 == 2 {
      record = $2; set = $9
      class[++n] = $6; before[n] = $7; after[n] = $8
      line = $0
      for (i = 1; i <= 9; ++i) sub(/^[^,]*,/, "", line)
      samples[n] = line
    }
    END { if (n > 0) write_record() }'

bound=0.859
chosen=(--network rnn --members 1 --augment none --class-weights sqrt --select macro_f1 --batch 64 --epochs "${EPOCHS:-4}")
if [ -n "${DEFAULTS:-}" ]; then chosen=() bound=0.923; fi
accuracies=()
for seed in ${SEEDS:-1 2 3}; do
  run=$RECUR_OUT/run-$seed
  "$RECUR" train classify "$RECUR_OUT/train.csv" --valid "$RECUR_OUT/valid.csv" \
    --static-columns rr_before,rr_after,rr_local "${chosen[@]}" --seed "$seed" --out "$run"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.csv" | tee "$run/test.txt"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.csv" --json >"$run/test.json"
  accuracies+=("$("$tools"/number.sh accuracy "$run/test.json")")
done
"$tools"/mean.sh at_least "MIT-BIH beats, DS1 to DS2, test accuracy" "$bound" "${accuracies[@]}"
