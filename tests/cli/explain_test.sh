#!/usr/bin/env bash
# recur explain: attributions of texts and series, what a model does inside, and what it refuses.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# Series whose class is a spike in the channel b.
awk 'BEGIN {
  srand(3)
  print "id,t,a,b,class"
  for (i = 0; i < 80; ++i) for (t = 0; t < 10; ++t)
    printf "s%d,%d,%.3f,%.3f,%s\n", i, t, rand() - 0.5, rand() - 0.5 + (i % 2 && t == i % 7 + 1 ? 4 : 0), i % 2 ? "spike" : "flat"
}' >series.csv
expect 0 train classify series.csv --network rnn --pooling max --hidden 8 --members 1 --augment none --steps 150 \
  --lr 0.02 --valid 0.2 --label-column class --out run --quiet
expect 0 explain run series.csv --id s1 --target spike --out all.csv --chart all.svg
[ "$(head -1 all.csv)" = "id,step,channel,attribution" ] || fail "header"
[ "$(wc -l <all.csv)" = 21 ] || fail "a row for each cell"
[ "$(tail -n +2 all.csv | sort -t, -k4 -g | tail -1 | cut -d, -f1-3)" = "s1,3,b" ] || fail "the spike is not first"
grep -q '^s1: class spike, log-odds' out || fail "no heading"
grep -q 'residual of completeness: median' out || fail "no residual"
head -c 4 all.svg | grep -q '<svg' || fail "no picture"
expect 0 explain run series.csv --records 2 --json --quiet
check_json out
[ -s err ] && fail "not quiet"
expect 0 explain run series.csv --records 2 --out both.json
check_json both.json
grep -q '2 of 80 records' err || fail "which records are explained is not said"
for method in gradient-input occlusion shapley kernel-shap; do
  expect 0 explain run series.csv --id s3 --method $method --samples 300 --by step --target spike
  sed -n 2p out | grep -q '^step 5 ' || fail "$method: the spike is not first"
done
expect 0 explain run series.csv --id s3 --method shapley --samples 300 --out sampled.csv
[ "$(head -1 sampled.csv)" = "id,step,channel,attribution,low,high" ] || fail "intervals"
expect 0 explain run series.csv --id s3 --by channel --sanity --baseline first
grep -q '^rank correlation with random weights' out || fail "sanity"

# Inside.
expect 0 explain run series.csv --method states
grep -q '^unit *channel *correlation' out || fail "correlations"
expect 0 explain run series.csv --method states --units 1 --threshold=-1
grep -q '^s0 *1 *10 *10' out || fail "runs of a unit that is always on"
expect 0 explain run series.csv --method states --records 1 --out states.csv
[ "$(head -1 states.csv)" = "id,layer,state,step,unit,value" ] || fail "states"
expect 0 explain run series.csv --method gates
grep -q 'forget' out || fail "gates"
expect 0 explain run series.csv --method memory
grep -q 'effective memory' err || fail "memory"
expect 0 explain run series.csv --method neighbours --train series.csv --neighbours 1
grep -q '^s0 *1 *s0 *0' out || fail "each is its own neighbour"

expect_error 2 "the model has no class 'bang'; it has flat, spike" explain run series.csv --target bang
expect_error 2 "one output per record" explain run series.csv --step 3
expect_error 2 "at most 12 parts (2^n coalitions); this record has 20" explain run series.csv --method shapley-exact
expect_error 2 "this model has no attention" explain run series.csv --method attention
expect_error 2 "units: rnn.l0" explain run series.csv --method states --units 99
expect_error 2 "has no state c of layer 'x'" explain run series.csv --method states --layer x --state c
expect_error 2 "set --train to the records" explain run series.csv --method neighbours
expect_error 2 "only attributions and attention" explain run series.csv --method gates --chart x.svg
expect_error 2 "only attributions and attention" explain run missing.csv --method memory --chart x.svg
expect_error 1 "there is no record with the id 'zz'" explain run series.csv --id zz
expect_error 2 "which this command reads" explain run series.csv --out series.csv
expect_error 2 "DATA" explain run
expect_error 2 "MODEL is missing" explain

# Texts, with the linear path beside the network; an empty one has nothing to explain.
awk 'BEGIN {
  srand(5)
  for (i = 0; i < 60; ++i) print (i % 2 ? "good" : "bad") "\ta " (i % 2 ? "fine" : "poor") " film" (rand() < 0.5 ? " indeed" : "")
}' >texts.tsv
expect 0 train classify texts.tsv --hidden 6 --embedding 6 --steps 80 --valid 0.2 --pooling attention --out text --quiet
expect 0 explain text texts.tsv --records 1 --target bad --out text.csv --chart text.svg
[ "$(head -1 text.csv)" = "id,step,token,attribution" ] || fail "header of texts"
[ "$(tail -n +2 text.csv | sort -t, -k4 -g | tail -1 | cut -d, -f3)" = poor ] || fail "the word is not first"
grep -q '>poor</text>' text.svg || fail "no token in the picture"
expect 0 explain text texts.tsv --records 1 --method attention --chart attention.svg
grep -q 'pooling' out || fail "attention"
printf 'bad\t\ngood\ta fine film\n' >gap.tsv
expect 0 explain text gap.tsv
grep -q '1 record has no steps and is left out' err || fail "the empty text is not said"
printf 'bad\t\n' >empty.tsv
expect_error 1 "has no steps: there is nothing to explain" explain text empty.tsv --quiet

# The steps of a window are those of the series that it is a part of.
awk 'BEGIN { print "x,y"; for (t = 0; t < 300; ++t) printf "%.4f,%.4f\n", sin(t / 5), t == 249 ? 9 : cos(t / 5) }' >wave.csv
expect 0 train detect wave.csv --hidden 4 --epochs 1 --set window=20 --out detector --quiet
expect 0 explain detector wave.csv --step 250 --top 1 --out steps.csv --chart steps.svg
[ "$(tail -n +2 steps.csv | cut -d, -f2 | sort -un | sed -n '1p;$p' | xargs)" = "231 250" ] || fail "steps of the window, not of the series"
grep -q 'y, step 250: ' steps.svg || fail "steps of the chart"
expect 0 explain detector wave.csv --step 250 --method occlusion --by step --top 20
grep -q '^step 250 ' out || fail "no step of the series"
expect 0 train forecast wave.csv --value-columns x --horizon 5 --hidden 4 --steps 10 --out future --quiet
expect 0 explain future wave.csv --out steps.csv
# The last value, of step 300, is the baseline itself and has no part.
[ "$(tail -n +2 steps.csv | cut -d, -f2 | sort -n | tail -1)" = 299 ] || fail "steps of a forecast's window, not of the series"

# A line end is a symbol that can be named.
for _ in $(seq 60); do echo ab; done >ab.txt
expect 0 train lm ab.txt --hidden 8 --set tokens=bytes --steps 30 --out chars --quiet
expect 0 explain chars ab.txt --records 1 --target '\n'
grep -qF "symbol '\n' behind 2 symbols" out || fail "a line end is not written as one"
