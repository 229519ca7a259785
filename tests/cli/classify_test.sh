#!/usr/bin/env bash
# Classifies texts and series from tiny files: training without a flag learns them, and the model is used on other data.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# texts COUNT SEED: CSV, a review and what it says, which hangs on one word among others.
texts() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    split("the film was a very long one", filler)
    print "review,label"
    for (i = 0; i < count; ++i) {
      good = rand() < 0.5
      words = 3 + int(rand() * 6)
      at = 1 + int(rand() * words)
      line = ""
      for (k = 1; k <= words; ++k) line = line (k > 1 ? " " : "") (k == at ? (good ? "wonderful" : "dreadful") : filler[1 + int(rand() * 7)])
      print "\"" line ", I say.\"," (good ? "good" : "bad")
    }
  }'
}

# series COUNT SEED: a row a step, two channels with gaps, 6 to 12 steps; the label hangs on how fast x swings.
series() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    print "id,step,x,y,label"
    for (i = 0; i < count; ++i) {
      kind = int(rand() * 3)
      phase = rand() * 3
      steps = 6 + int(rand() * 7)
      for (t = 0; t < steps; ++t) {
        printf "s%d,%d,%s,%.3f,%s\n", i, t, rand() < 0.1 ? "" : sprintf("%.3f", sin(phase + t * (0.3 + kind))),
          1000 + 10 * rand(), kind == 0 ? "slow" : kind == 1 ? "brisk" : "fast"
      }
    }
  }'
}

texts 300 1 >train.csv
texts 100 2 >test.csv
expect 0 train classify train.csv --valid 0.1 --hidden 24 --epochs 12 --out run
expect 0 evaluate run test.csv --json
check_json out
grep -q '"task":"classify","examples":100,' out || fail "task and examples"
above "$(number accuracy out)" 0.97
above "$(number auc out)" 0.98
below "$(number loss out)" 0.65
grep -q '"confusion":{"columns":\["actual","bad","good"\]' out || fail "no confusion matrix"
expect 0 evaluate run test.csv
grep -q '^confusion' out || fail "the confusion matrix is not shown"

expect 0 predict run test.csv
[ "$(wc -l <out)" = 101 ] || fail "predict: not a header and 100 rows"
[ "$(head -1 out)" = 'id,label,probability,p.bad,p.good' ] || fail "predict: header"
printf 'a wonderful film\nit was a dreadful one\n' >new.txt
expect 0 predict run new.txt --json
check_json out
[ "$(grep -o '"label":"[a-z]*"' out | xargs)" = 'label:good label:bad' ] || fail "predict: labels of plain lines"
expect 0 inspect run
grep -q '^classes  *2$' out || fail "inspect: no classes"

# Texts have the names that the data give them.
printf 'id,review\n007,a wonderful film\nx,it was a dreadful one\n' >named.csv
expect 0 predict run named.csv
[ "$(cut -d, -f1,2 out | xargs)" = 'id,label 007,good x,bad' ] || fail "predict: ids of texts"

# A label that the model lacks counts as its error.
{ cat test.csv; echo 'the film,odd'; } >more.csv
expect 0 evaluate run more.csv --json
[ "$(number examples out)" = 101 ] || fail "an unknown label: examples"
grep -q "1 of 101 sequences have labels that the model does not know, and count as its errors: 'odd' (1)" err ||
  fail "an unknown label: no warning"

# A folder a class.
for i in 1 2 3 4 5 6; do
  mkdir -p folder/good folder/bad
  echo "a wonderful film $i" >folder/good/$i.txt
  echo "a dreadful film $i" >folder/bad/$i.txt
done
expect 0 train classify folder --hidden 8 --epochs 1 --out folders --quiet
expect 0 predict folders folder
[ "$(sed -n 2p out | cut -d, -f1)" = bad/1.txt ] || fail "predict: files of folders"
expect 0 evaluate folders folder --json
[ "$(number examples out)" = 12 ] || fail "evaluate: files of folders"

# Headers and labels at other places; letters without numbers.
awk 'BEGIN { print "utterance,intent"; for (i = 0; i < 20; ++i) print "so many words " i "," (i % 2 ? "bye" : "greet") }' >intent.csv
expect 0 train classify intent.csv --hidden 4 --epochs 1 --out intent --quiet
expect 0 inspect intent
grep -q '^classes  *2$' out || fail "a header is taken for a text"
awk 'BEGIN { for (i = 0; i < 20; ++i) print "so many words " i "\t" i % 2 }' >behind.txt
expect 0 train classify behind.txt --hidden 4 --epochs 1 --out behind --quiet
expect 0 inspect behind
grep -q '^classes  *2$' out || fail "a text is taken for a label"
awk 'BEGIN { print "class,sequence"; for (i = 0; i < 20; ++i) print (i % 2 ? "EI" : "IE") ",ACGT" (i % 3 ? "AAC" : "GGT") }' >dna.csv
expect 0 train classify dna.csv --text-column sequence --tokens chars --hidden 4 --epochs 1 --out dna --quiet
expect 0 inspect dna
grep -q '^symbols  *chars$' out || fail "letters are not taken for a text"
expect 0 inspect dna.csv --text-column sequence
grep -q '^text column  *sequence$' out || fail "inspect: no text column"

# A run that was stopped goes on to the same bits.
expect 0 train classify train.csv --hidden 8 --epochs 4 --out whole --quiet
expect 0 train classify train.csv --hidden 8 --epochs 2 --set schedule=constant --out part --quiet
expect 0 train classify train.csv --hidden 8 --epochs 4 --set schedule=constant --out whole --force --quiet
expect 0 resume part --epochs 4 --quiet
expect 0 predict whole test.csv --out whole.csv
expect 0 predict part test.csv --out part.csv
cmp whole.csv part.csv || fail "the resumed run came to another model"

series 150 1 >train_series.csv
series 60 2 >test_series.csv
expect 0 train classify train_series.csv --epochs 15 --out series
expect 0 evaluate series test_series.csv --json
above "$(number accuracy out)" 0.85
grep -q '"examples":60,' out || fail "a sequence is not an example"
expect 0 predict series test_series.csv
grep -q '^s0,' out || fail "predict: rows are not named by their ids"
cut -d, -f1-4 test_series.csv >unlabelled.csv
expect 0 predict series unlabelled.csv
[ "$(wc -l <out)" = 61 ] || fail "predict: sequences without labels"

# Real values.
awk -F, 'NR == 1 { print; next } { print $1 "," $2 "," $3 "," $4 "," ($5 == "slow" ? 0.5 : $5 == "brisk" ? 1.5 : 2.5) }' \
  train_series.csv >values.csv
expect 0 train classify values.csv --hidden 16 --steps 120 --out values
expect 0 evaluate values values.csv --json
above "$(number r2 out)" 0.7

# Series without a step are sequences too, also where a batch begins with one.
awk -v n=30 'BEGIN { for (i = 0; i < n; ++i) print "{\"id\":" i ",\"x\":[" (i % 3 == 0 ? "" : i % 2 "." i ",1,2") "],\"label\":\"" (i % 2 ? "a" : "b") "\"}" }' \
  >some_empty.jsonl
expect 0 train classify some_empty.jsonl --steps 5 --hidden 4 --out some_empty
expect 0 predict some_empty some_empty.jsonl
[ "$(wc -l <out)" = 31 ] || fail "a row per series, empty ones too"

# Bad input: an error that says where, and nothing written.
printf 'review,label\na wonderful film,odd\n' >odd.csv
expect_error 1 "odd.csv:2" evaluate run odd.csv
printf 'review,label\na film here,good\nthe film here,good\n' >same.csv
expect_error 1 "label 'good'" train classify same.csv --out never
printf 'review,label\n' >empty.csv
expect_error 1 "empty.csv" evaluate run empty.csv
cut -d, -f1-3,5 test_series.csv >no_channel.csv
expect_error 1 "no_channel.csv" evaluate series no_channel.csv
expect_error 2 "no_channel.csv" train classify no_channel.csv --set value_columns=x,y --out never
expect_error 1 "train.csv" evaluate series train.csv
expect_error 2 "nothing" train classify train.csv --set label_column=nothing --out never
[ ! -e never ] || fail "a failed training left a folder"
