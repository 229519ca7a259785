#!/usr/bin/env bash
# Numbers that stop being numbers end in an error that names their place, at once; none is written.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# Of a small scale, so that values that are read at all are too far for the network.
awk 'BEGIN {
  srand(3)
  print "id,t,x,y,class"
  for (i = 0; i < 30; ++i) for (t = 0; t < 10; ++t)
    printf "s%d,%d,%.3fe-4,%.3fe-4,%s\n", i, t, i % 2 * 0.2 + 0.1 * rand(), 0.3 * rand(), i % 2 ? "up" : "down"
}' >train.csv
expect 0 train classify train.csv --hidden 8 --valid 0.2 --steps 20 --out run
{ head -1 train.csv; grep '^s1,' train.csv; printf 'far,0,1e36,-1e36,up\nfar,1,1,1,up\n'; } >far.csv
expect_error 1 "far.csv:12: record 'far': the prediction is NaN" evaluate run far.csv
expect_error 1 "far.csv:12: record 'far': the prediction is NaN" predict run far.csv
[ -s out ] && fail "rows were written"
expect_error 1 "record 'far'" predict run far.csv --out rows.csv
[ -e rows.csv ] && fail "a file was written"

# A run that diverges keeps its best model, and says what is wrong.
expect 1 train classify train.csv --cell rnn_relu --hidden 16 --valid 0.2 --lr 1e3 --clip 0 --steps 40 \
  --set validate_every=1 --set schedule=constant --out wild
grep -q '^recur: error: step [0-9]*: .*A lower lr or clip may help' err || fail "no clear error"
expect 0 inspect wild

# A detector goes on after a value that no network can take.
awk 'BEGIN { print "x,y"; for (t = 0; t < 400; ++t) printf "%.4f,%.4f\n", sin(t / 3), cos(t / 5) }' >waves.csv
expect 0 train detect waves.csv --hidden 8 --epochs 20 --out detector
awk 'NR == 61 { print "1e36,-1e36" } NR != 61 && NR <= 200' waves.csv >hit.csv
expect 0 predict detector hit.csv
grep -q '^recur: warning: hit.csv.*step 60: a value is too far from the training data' err || fail "not reported"
cp out whole.csv
"$RECUR" predict detector - <hit.csv >stream.csv 2>err || fail "the stream ended"
grep -q '^recur: warning: standard input:61: a value is too far' err || fail "not reported for the stream"
for file in whole.csv stream.csv; do
  grep -qi 'nan\|inf' $file && fail "$file: no number"
  column=$(head -1 $file | tr , '\n' | grep -n score | cut -d: -f1)
  awk -F, -v c="$column" 'NR == 61 && $c < 1000 { exit 1 } NR > 70 && $c > 0 { ++judged } END { exit judged < 100 }' \
    $file || fail "$file: the value is not found, or what comes after it is not judged"
done

# What the environment asks for in vain is named, not a file.
RECUR_THREADS=abc expect_error 2 "RECUR_THREADS: expected a number of threads from 0 to 1024, got 'abc'" predict run train.csv
RECUR_DATA_MEMORY=foo expect_error 2 "RECUR_DATA_MEMORY: expected a number of bytes, got 'foo'" inspect run
RECUR_THREADS=0 RECUR_TARGET='' RECUR_KERNELS='' RECUR_DATA_MEMORY='' expect 0 inspect run
RECUR_TARGET=foo expect_error 2 "error: RECUR_TARGET: expected baseline, avx2, avx512 or amx, got 'foo'" predict run train.csv
RECUR_TARGET=foo expect 0 predict --help
