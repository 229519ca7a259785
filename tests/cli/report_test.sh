#!/usr/bin/env bash
# recur report: pages on one run and on several, with and without test data.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

awk 'BEGIN {
  print "text,sex,label"
  for (i = 0; i < 80; ++i) print (i % 2 ? "a fine" : "a poor") " film & <b>more</b>," (i % 3 ? "f" : "m") "," (i % 2 ? "yes" : "no")
}' >texts.csv
train=(train classify texts.csv --label-column label --text-column text --steps 12 --set log_every=2)
expect 0 "${train[@]}" --valid 0.2 --hidden 4 --set trace_gradients=6 --out first
expect 0 "${train[@]}" --hidden 8 --seed 2 --out second

expect 0 report first --out page.html
[ ! -s out ] || fail "something on the standard output"
grep -q 'the report is in page.html' err || fail "where the page is"
for words in '<h1>Report on first</h1>' 'What was trained' 'Course of the training' 'Gradient by time step' '<td>hidden</td>'; do
  grep -q "$words" page.html || fail "the page lacks $words"
done
grep -q '<h2[^>]*>first on' page.html && fail "measured without data"
expect 0 report first --data texts.csv --groups sex --out full.html
for words in 'first on texts.csv' 'Confusion' 'Receiver operating' 'Calibration' 'largest losses' 'selection_rate'; do
  grep -q "$words" full.html || fail "the page lacks $words"
done
grep -q 'http' <(sed 's|http://www.w3.org/2000/svg||g; s/http-equiv//' full.html) && fail "the page asks for something"
grep -q "$PWD" full.html && fail "the page has a path of this machine"
cp full.html before.html
expect 0 report first --data texts.csv --groups sex --out full.html
cmp full.html before.html || fail "the same run gives other bytes"

expect 0 report first second --data texts.csv --title 'Two & more' --out both.html
grep -q '<title>Two &amp; more</title>' both.html || fail "the title"
grep -q 'Options that differ between the runs' both.html || fail "no options side by side"
mkdir other
cp -r first other/first
expect 0 report first other/first --out twins.html
grep -q 'other/first' twins.html || fail "runs of one name are not told apart"

# The same for programs, with or without the page.
expect 0 report first second --data texts.csv --groups sex --json --quiet
check_json out
grep -q '"options_given":{[^}]*"hidden":"4"' out || fail "json: no given options"
grep -q '"selection_rate"' out || fail "json: no groups"
[ ! -s err ] || fail "json: not quiet"
expect 0 report first --json --out page.html
check_json out
expect_error 2 "\-\-explain: expected together with \-\-out" report first --data texts.csv --explain 1 --json

expect_error 2 "\-\-out FILE is missing" report first
expect_error 2 "expected the folder of a run" report texts.csv --out no.html
expect_error 2 "expected together with \-\-data" report first --groups sex --out no.html
expect_error 2 "there is no column 'race'" report first --data texts.csv --groups race --out no.html
expect_error 2 "\-\-out" report first --data texts.csv --out texts.csv
expect_error 1 "missing.csv" report first --data missing.csv --out no.html
[ ! -e no.html ] || fail "a page of a report that failed"

# What moved the worst predictions: the tokens of a text.
expect 0 report first --data texts.csv --explain 2 --out explained.html
[ "$(grep -c 'figcaption>.*what moved class' explained.html)" = 2 ] || fail "the page does not explain two records"
grep -q '>film<' explained.html || fail "an explanation without its tokens"
expect_error 2 "\-\-explain: expected together with --data" report first --explain 2 --out no.html
for i in $(seq 12); do printf 'a X\nb %s\n\n' "$([ "$i" = 7 ] && echo Z || echo Y)"; done >tags.conll
expect 0 train tag tags.conll --steps 40 --hidden 4 --out tagger --quiet
printf 'a X\nb Y\n\nb X\n\na X\nb Z\n\n' >odd.conll
expect 0 report tagger --data odd.conll --explain 2 --out tags.html --quiet
[ "$(grep -o 'figcaption>Record [0-9]*: what moved tag' tags.html | grep -o '[0-9]*' | sort | xargs)" = "2 3" ] ||
  fail "not the worst sentences are explained"

# Of a diagnosis the label that is wrong is explained.
awk 'BEGIN { print "id,time,parameter,value"; for (i = 0; i < 30; ++i) for (t = 0; t < 3; ++t) printf "p%d,0%d:00,HR,%d\n", i, t, 60 + i % 5 + 30 * (i % 2) }' >stays.csv
awk 'BEGIN { print "id,septic,kidney"; for (i = 0; i < 30; ++i) printf "p%d,%d,%d\n", i, i % 2, i == 7 }' >labels.csv
expect 0 train diagnose stays.csv --labels-file labels.csv --label-columns septic,kidney --hidden 4 --steps 60 --lr 0.02 --out stays --quiet
expect 0 report stays --data stays.csv --labels-file labels.csv --explain 1 --out stays.html --quiet
grep -q 'figcaption>Record p7: what moved kidney' stays.html || fail "not the wrong label is explained"

# What is measured without the future columns of a forecast has a page without forecasts.
awk 'BEGIN { print "time,sold,promotion"; for (t = 1; t <= 120; ++t) printf "%d,%.2f,%d\n", t, 9 + sin(t / 3) + (t % 7 == 0), t % 7 == 0 }' >shop.csv
expect 0 train forecast shop.csv --value-columns sold --future-columns promotion --horizon 5 --hidden 4 --steps 20 --out shop --quiet
expect 0 report shop --data shop.csv --out shop.html --quiet
grep -q 'charts of predictions are left out: .*future columns' shop.html || fail "no note on the missing charts"
expect 0 inspect shop --card --data shop.csv

# A run that is being trained.
expect 0 report first --out done.html --quiet
grep -q 'unfinished' done.html && fail "a run that is done is called unfinished"
exec 9>first/run.lock
flock 9
expect 0 report first --out busy.html --quiet
grep -q 'unfinished: it is being trained' busy.html || fail "a run in training is not called unfinished"
exec 9>&-
rm first/run.lock

# Folders that are no runs, a run without checkpoint, and data of another run.
mkdir empty
expect_error 1 "expected the folder of a run" report empty --out no.html
cp first/config.toml empty
expect_error 1 "last.ckpt is missing" report empty --out no.html
expect_error 1 "tagger: " report first tagger --data texts.csv --out no.html

# A model card: data, figures, groups, limits.
expect 0 inspect first --card
grep -q '^# Model card: first' out || fail "no card"
grep -q 'not been measured on data' out || fail "the card does not say that nothing was measured"
expect 0 inspect first --card --data texts.csv --groups sex
for words in 'training data | texts.csv' '| accuracy |' 'selection_rate\|selection' 'On texts.csv: 80'; do
  grep -q "$words" out || fail "the card lacks $words"
done
grep -q "$PWD" out && fail "the card has a path of this machine"
# What the task chose by the data was not given.
sed -n '/^Options that were given/,/^Options chosen/p' out >given
grep -q '^| hidden | 4 |$' given || fail "the card lacks an option that was given"
grep -q '^| pooling' given && fail "the card calls an option given that was chosen"
grep -q '^| pooling | max |$' out || fail "the card lacks an option that was chosen"
expect 0 resume first --steps 13
expect 0 inspect first --card
sed -n '/^Options that were given/,/^Options chosen/p' out >given
grep -q '^| steps | 13 |$' given || fail "the card lacks an option that a resumed run was given"
grep -q '^| pooling' given && fail "a resumed run: an option that was chosen is called given"
expect 0 inspect first/model.recur --card
grep -q 'does not say what it was trained on' out || fail "a model file alone"
expect_error 2 "expected together with \-\-card" inspect first --data texts.csv
expect_error 2 "expected together with \-\-groups" inspect first --card --data texts.csv --positive no
expect 0 inspect first --card --data texts.csv --groups sex --positive no
grep -q "positive: 'no'" out || fail "the card does not compare the class that was asked for"
expect_error 2 "has no 'maybe'" report first --data texts.csv --groups sex --positive maybe --out no.html
expect_error 2 "expected together with \-\-data" inspect first --card --groups sex
expect_error 2 "expected a model or the folder of a run" inspect texts.csv --card
