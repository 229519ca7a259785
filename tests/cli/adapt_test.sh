#!/usr/bin/env bash
# Learns to adapt: to sinusoids, which need no data, and to classes of waves; is fitted to a few examples of new ones.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 train adapt sinusoids --batch 10 --steps 250 --lr 0.005 --valid-problems 20 --out waves
grep -q 'sinusoids a sin(x - p)' out err || fail "train: what the problems are"
expect 0 evaluate waves sinusoids --eval-problems 50 --eval-baselines 2 --json
check_json out
grep -q '"task":"adapt","examples":50,' out || fail "task and examples"
below "$(number loss out)" "$(number loss_before out)"
grep -q '"by_steps":' out && grep -q 'nearest neighbour' out || fail "evaluate: tables"
expect 0 evaluate waves sinusoids --eval-problems 5 --eval-shots 5,10 --eval-baselines 0 --examples rows.csv
grep -q '^by shots' out || fail "evaluate: by shots"
[ "$(wc -l <rows.csv)" = 6 ] || fail "evaluate: a row for each problem"
begins_from waves loss 'sinusoids --eval-problems 10 --eval-baselines 0' adapt sinusoids
expect 0 predict waves sinusoids
[ "$(head -1 out)" = 'problem,query,output,target,before,prediction' ] || fail "predict: columns"

# Points of one sinusoid, in any table with its columns.
LC_ALL=C awk 'BEGIN { print "x,y"; for (x = -4.5; x < 5; x += 1) print x "," 3 * sin(x - 1) }' >few.csv
expect 0 adapt waves few.csv --out wave.recur --json
check_json out
below "$(number loss out)" "$(number loss_before out)"
expect 0 inspect wave.recur
grep -qE '^fitted to +10 examples$' out || fail "inspect: fitted to"
printf 'x,y\n0.5,\n1.5,\n' >new.csv
expect 0 predict wave.recur new.csv
[ "$(head -1 out)" = 'id,step,column,value' ] && [ "$(wc -l <out)" = 3 ] || fail "predict: rows"
mv out both
printf 'x\n0.5\n1.5\n' >inputs.csv
expect 0 predict wave.recur inputs.csv
cmp both out || fail "predict: the column to predict is needed"
expect_error 1 'there is no column .y.' evaluate wave.recur inputs.csv
expect 0 evaluate wave.recur few.csv --json
check_json out

# Classes of series.
# classes FROM TO EACH: JSON lines with values and class.
classes() {
  LC_ALL=C awk -v from="$1" -v to="$2" -v each="$3" '
    function noise() { seed = seed * 16807 % 2147483647; return seed / 2147483647 - 0.5 }
    BEGIN {
      seed = 7 + from
      for (c = from; c < to; ++c) for (i = 0; i < each; ++i) {
        line = ""
        for (t = 0; t < 8; ++t) line = line (t ? ", " : "") sin(t * (0.3 + c % 7 / 4) + c) + noise() / 3
        print "{\"values\": [" line "], \"label\": \"w" c "\"}"
      }
    }'
}
classes 0 20 8 >many.jsonl
classes 30 33 2 >shots.jsonl
classes 30 33 9 >rest.jsonl
small=(--ways 3 --shots 2 --queries 3 --hidden 12 --valid-problems 10 --seed 1 --set schedule=constant)
expect 0 train adapt many.jsonl --valid 0.2 --learner prototypes "${small[@]}" --steps 150 --lr 0.01 --out run
grep -q '16 classes to learn from, 4 to validate on' out err || fail "train: what the data were taken for"
expect 0 adapt run shots.jsonl --out known.recur
grep -qE '^classes +3$' out || fail "adapt: classes"
expect 0 evaluate known.recur rest.jsonl --json
above "$(number accuracy out)" 0.7
expect 0 predict known.recur rest.jsonl
[ "$(head -1 out)" = 'id,label,probability,p.w30,p.w31,p.w32' ] || fail "predict: columns"
expect 0 predict run rest.jsonl --shots-file shots.jsonl --out direct.csv
expect 0 predict known.recur rest.jsonl --out known.csv
cmp direct.csv known.csv || fail "predict --shots-file is another model"

# A run that was stopped goes on to the same bits.
expect 0 train adapt many.jsonl "${small[@]}" --steps 8 --out whole
expect 0 train adapt many.jsonl "${small[@]}" --steps 4 --out part
expect 0 resume part --steps 8
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"

expect_error 2 'fitted to 6 examples already' adapt known.recur shots.jsonl --out again.recur
expect_error 2 '--out FILE is missing' adapt run shots.jsonl
expect_error 2 'DATA is missing' adapt run --out again.recur
expect_error 1 'expected at least 30 classes' train adapt many.jsonl --ways 30 --queries 2 --out never
expect_error 1 'no class has the 14 examples' train adapt many.jsonl --shots 9 --out never
echo '{"values": [1, 2, 3], "label": "a"}' >one.jsonl
expect_error 1 'expected examples of at least two classes' adapt run one.jsonl --out again.recur
echo '{"values": [1, 2, 3], "label": "zz"}' >unknown.jsonl
expect_error 1 'was not seen in training' evaluate known.recur unknown.jsonl
expect_error 2 'cannot be exported' export run --to onnx --out never.onnx
[ ! -e never ] && [ ! -e again.recur ] || fail "a refused command left something"
