#!/usr/bin/env bash
# Detects anomalies in series from tiny files, whole and line by line.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# wave STEPS SEED BAD: two channels; where BAD, ten of each hundred steps are off.
wave() {
  awk -v steps="$1" -v seed="$2" -v bad="$3" 'BEGIN {
    srand(seed)
    print "t,x,y,label"
    for (t = 0; t < steps; ++t) {
      odd = bad && t % 100 >= 90
      printf "%d,%.3f,%.3f,%d\n", t, sin(t / 3) + 0.1 * rand() + (odd ? 2 * rand() : 0), cos(t / 3) + 0.1 * rand(), odd
    }
  }'
}

wave 1200 1 0 | cut -d, -f1-3 >normal.csv
wave 600 2 1 >test.csv
expect 0 train detect normal.csv --hidden 24 --epochs 60 --out run
expect 0 evaluate run test.csv --json
check_json out
grep -q '"task":"detect","examples":600,' out || fail "task and examples"
above "$(number auc out)" 0.9
above "$(number f1 out)" 0.5
above "$(number point_adjusted_f1 out)" 0.5
begins_from run auc test.csv detect normal.csv

# Labels that the threshold cannot be chosen by are said.
awk -F, 'NR == 1 || NR > 500 { print $1 "," $2 "," $3 "," (NR == 1 ? "label" : 0); next } { print }' test.csv >early.csv
expect 0 train detect early.csv --steps 2 --out early
grep -q 'the 49 steps labelled as anomalous are all in the training part' err || fail "train: anomalies in the training part alone"

expect 0 predict run test.csv
[ "$(head -1 out)" = 'id,step,time,score,anomaly' ] || fail "predict: header"
[ "$(wc -l <out)" = 601 ] || fail "predict: not a header and 600 rows"
cp out whole

# The same from a stream, where the first row comes before the second line is there.
"$RECUR" predict run - <test.csv >streamed
paste -d, <(cut -d, -f4 whole) <(cut -d, -f2 streamed) |
  awk -F, 'NR > 1 && ($1 - $2 > 1e-3 || $2 - $1 > 1e-3) { exit 1 }' || fail "the stream's scores are others"
mkfifo lines
"$RECUR" predict run - --json <lines >rows &
exec 3>lines
echo '0.5,0.5' >&3
for _ in $(seq 100); do
  [ -s rows ] && break
  sleep 0.1
done
[ "$(wc -l <rows)" = 1 ] || fail "no row for the first line while the stream is open"
check_json rows
exec 3>&-
wait $!

printf 'x,y\n1,2\n1,oops\n' >bad.csv
"$RECUR" predict run - <bad.csv >out 2>err && fail "a bad line was taken"
grep -q 'recur: error: standard input:3: column 2 (y): expected a number' err || fail "the bad line is not named"
[ "$(wc -l <out)" = 2 ] || fail "the rows before the bad line are not there"
expect_error 2 'both' predict run - test.csv
"$RECUR" predict run - <. >out 2>err && fail "a folder was taken for lines"
grep -q 'recur: error: cannot read the standard input' err || fail "the folder is not named"
printf 'a X\nb Y\n\n' >tags.conll
expect 0 train tag tags.conll --epochs 1 --hidden 4 --out tagger --quiet
printf 'a\nb\n' | "$RECUR" predict tagger - >out 2>err || fail "a task without a stream does not read the standard input"
grep -q '^1,2,b,' out || fail "the rows are not there"

# One class only, another's columns, an unknown label.
expect_error 1 'expected normal and anomalous steps' train detect test.csv --method classify --normal-labels 0,1 --out none
cut -d, -f1,2 normal.csv >short.csv
expect_error 1 "there is no column 'y', which the training data or the first file had" evaluate run short.csv
sed 's/,1$/,what/' test.csv >what.csv
expect_error 1 "label 'what': expected a label known as normal" evaluate run what.csv
expect 0 evaluate run what.csv --normal-labels 0
expect 0 inspect run
grep -q '^threshold' out || fail "inspect: no threshold"
