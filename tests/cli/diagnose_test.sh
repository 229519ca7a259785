#!/usr/bin/env bash
# Diagnoses from tiny records: training learns from what is measured and from what is not,
# and the model is used on other records.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# records COUNT SEED: measurements to data.csv, a row each, and their labels to labels.csv. Of who gets worse the pulse
# rises; of who is watched a blood value is there at all.
records() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    print "id,time,parameter,value" >"data.csv"
    print "id,worse,watched" >"labels.csv"
    for (i = 0; i < count; ++i) {
      worse = rand() < 0.4
      watched = rand() < 0.5
      print "p" i "," worse "," (watched ? "yes" : "no") >"labels.csv"
      printf "p%d,00:00,age,%d\n", i, 30 + rand() * 50 >"data.csv"
      for (t = 10; t < 480; t += 15 + rand() * 60) {
        clock = sprintf("%02d:%02d", t / 60, t % 60)
        printf "p%d,%s,pulse,%.1f\n", i, clock, 70 + 10 * rand() + (worse ? t / 20 : 0) >"data.csv"
        if (watched && rand() < 0.3) printf "p%d,%s,lactate,%.2f\n", i, clock, rand() >"data.csv"
      }
    }
  }'
}

columns=(--set label_columns=worse,watched --set static_columns=age --set labels_file=labels.csv)
records 100 1
expect 0 train diagnose data.csv "${columns[@]}" --valid 0.2 --epochs 20 --hidden 16 --lr 0.01 --out run
records 60 2
expect 0 evaluate run data.csv --labels-file labels.csv --json
check_json out
grep -q '"task":"diagnose","examples":60,' out || fail "task and examples"
above "$(number macro_auc out)" 0.93
above "$(number micro_auprc out)" 0.9
above "$(number macro_f1 out)" 0.75
below "$(number loss out)" 0.5
begins_from run loss 'data.csv --labels-file labels.csv' diagnose data.csv --labels-file labels.csv
for table in intervals labels by_step early_warning; do
  grep -q "\"$table\":{\"columns\"" out || fail "no table $table"
done

expect 0 predict run data.csv
[ "$(head -1 out)" = 'id,p.worse,p.watched' ] || fail "predict: header"
[ "$(wc -l <out)" = 61 ] || fail "predict: not a header and 60 rows"
cp out last.csv
expect 0 predict run data.csv --every-step
[ "$(head -1 out)" = 'id,time,p.worse,p.watched' ] || fail "predict: header of every step"
[ "$(grep '^p0,' out | tail -1 | cut -d, -f1,3-)" = "$(grep '^p0,' last.csv)" ] || fail "predict: the last of every step"
expect 0 inspect run
grep -q '^labels  *2$' out || fail "inspect: no labels"

# A run that was stopped goes on to the same bits.
same=("${columns[@]}" --hidden 8 --set schedule=constant --quiet)
expect 0 train diagnose data.csv "${same[@]}" --epochs 4 --out whole
expect 0 train diagnose data.csv "${same[@]}" --epochs 2 --out part
expect 0 resume part --epochs 4 --quiet
expect 0 predict whole data.csv --out whole.csv
expect 0 predict part data.csv --out part.csv
cmp whole.csv part.csv || fail "the resumed run came to another model"

# Variables that training did not have are left out, with a note; those that are not there are missing.
printf 'id,time,parameter,value\na,01:00,pulse,80\na,02:00,mood,3\n' >other.csv
expect 0 predict run other.csv
[ "$(wc -l <out)" = 2 ] || fail "predict: another variable"
grep -q '1 row of a parameter that is not used was left out' err || fail "no note of a variable that was left out"

# Bad input: an error that says where, and nothing written.
printf 'id,time,parameter,value\na,02:00,pulse,80\na,01:00,pulse,81\n' >back.csv
expect_error 1 "back.csv:3" predict run back.csv
printf 'id,time,parameter,value\na,01:00,pulse,80\na,01:00,pulse,81\n' >twice.csv
expect_error 1 "twice.csv:3" predict run twice.csv
printf 'id,time,parameter,value\n' >empty.csv
expect_error 1 "empty.csv" evaluate run empty.csv --labels-file labels.csv
expect_error 1 "labels.csv" evaluate run other.csv --labels-file labels.csv
awk -F, -v OFS=, 'NR > 1 { $2 = 0 } 1' labels.csv >well.csv
expect_error 1 "label worse: expected training records with and without it, got 0" train diagnose data.csv "${columns[@]}" --set labels_file=well.csv --out never
expect_error 2 "bidirectional" train diagnose data.csv "${columns[@]}" --bidirectional --out never
[ ! -e never ] || fail "a failed training left a folder"
