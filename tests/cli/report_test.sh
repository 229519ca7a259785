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

expect_error 2 "\-\-out FILE is missing" report first
expect_error 2 "expected the folder of a run" report texts.csv --out no.html
expect_error 2 "\-\-data beside it" report first --groups sex --out no.html
expect_error 2 "there is no column 'race'" report first --data texts.csv --groups race --out no.html
expect_error 2 "\-\-out" report first --data texts.csv --out texts.csv
expect_error 1 "missing.csv" report first --data missing.csv --out no.html
[ ! -e no.html ] || fail "a page of a report that failed"
