#!/usr/bin/env bash
# Every kind of real data is read as it is, to the counts that its makers state. Takes seconds.
# data: ucr_uea hmp_adl m4 monash_tsf ett exchange_rate classic_ts physionet2012 mitbih mnist sentiment ud_ewt
set -euo pipefail

bad=0
# counts FILE KEY=NUMBER... [-- ARGUMENT...]: inspect --json says so of the file.
counts() {
  local file=$1 want got json
  shift
  local wanted=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    wanted+=("$1")
    shift
  done
  json=$("$RECUR" inspect "$RECUR_DATA/$file" --json "${@:2}") || { bad=1; return; }
  for want in "${wanted[@]}"; do
    got=$(grep -oE "\"${want%%=*}\":[0-9]+" <<<"$json" | head -1 | sed 's/.*://')
    if [ "$got" != "${want#*=}" ]; then
      echo "$file: ${want%%=*} is $got, not ${want#*=}"
      bad=1
    fi
  done
  echo "$file: ${wanted[*]}"
}

counts ucr_uea/JapaneseVowels_TRAIN.ts sequences=270 shortest=7 longest=26
counts ucr_uea/JapaneseVowels_TEST.ts sequences=370 shortest=7 longest=29
counts ucr_uea/ECG5000_TRAIN.csv sequences=500 longest=140
counts ucr_uea/ECG5000_TEST.csv.gz sequences=4499 longest=140
counts hmp_adl/samples.csv.gz sequences=839 steps=446529 -- \
  --id-column '#1' --labels-file "$RECUR_DATA/hmp_adl/index.csv" --label-column activity
counts m4/Hourly-train.csv.gz sequences=414
counts m4/Weekly-train.csv.gz sequences=359
counts m4/Yearly-train.csv.gz sequences=23000 shortest=13 longest=835
counts monash_tsf/traffic_weekly_dataset.tsf sequences=862 horizon=8
counts monash_tsf/saugeenday_dataset.tsf sequences=1 steps=23741
counts monash_tsf/fred_md_dataset.tsf sequences=107
counts ett/ETTh1.csv.gz sequences=1 steps=17420 gaps=0 off_grid=0
counts exchange_rate/exchange_rate.txt.gz sequences=1 steps=7588
counts classic_ts/airline-passengers.csv steps=144 gaps=0
counts classic_ts/pollution.csv steps=43824
counts classic_ts/sp500.csv steps=4697 -- --time-format %d-%m-%y
counts physionet2012/set-a_long.csv.gz sequences=4000 -- --missing -1 --repeats mean \
  --labels-file "$RECUR_DATA/physionet2012/Outcomes-a.txt" --label-column In-hospital_death
counts mitbih/beats_128x180hz_int16.npy.xz sequences=109449 longest=128 -- \
  --labels-file "$RECUR_DATA/mitbih/beats.csv.gz" --label-column aami
counts mnist/t10k-images-idx3-ubyte.gz sequences=10000 longest=28 -- \
  --labels-file "$RECUR_DATA/mnist/t10k-labels-idx1-ubyte.gz"
counts ud_ewt/en_ewt-ud-train.conllu.xz sentences=12544 tokens=204577
counts ud_ewt/en_ewt-ud-test.conllu.gz sentences=2077 tokens=25094
counts sentiment/stsa.binary.train lines=6920
exit $bad
