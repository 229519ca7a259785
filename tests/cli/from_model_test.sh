#!/usr/bin/env bash
# Runs that begin from a model (fine-tuning): what they take, what they learn, what they refuse.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# A language model learns on from where it was, and reads another text by its own vocabulary.
easy_text >text.txt
expect 0 train lm text.txt --hidden 24 --batch 8 --bptt 24 --lr 0.01 --steps 60 --seed 3 --out first
begins_from first loss text.txt lm text.txt
expect 0 evaluate first text.txt --json
before=$(number loss out)
expect 0 train lm text.txt --from-model first/model.recur --lr 0.005 --steps 60 --valid 0.1 --out second
below "$(number valid_loss second/metrics.jsonl)" "$before"
expect 0 evaluate second text.txt --json
below "$(number loss out)" "$before"
expect 0 inspect second
grep -q '^from model .*first/model.recur' out || fail "inspect: the first model"
grep -q '^batch  *8$' out || fail "inspect: the batch is not that of the model"
expect 0 report second --out page.html
grep -q 'began from the model' page.html || fail "report: the first model"
tr 'abcd' 'wxyz' <text.txt >letters.txt
expect 0 train lm letters.txt --from-model first --steps 2 --out letters
grep -q 'symbols of the training text are not in the vocabulary of the model' err || fail "unknown symbols are not said"

# A run is whole without the model it began from, and goes on to the same bits.
expect 0 train lm text.txt --from-model first --lr 0.005 --schedule constant --steps 20 --out whole --quiet
expect 0 train lm text.txt --from-model first --lr 0.005 --schedule constant --steps 10 --out part --quiet
mv first gone
expect 0 resume part --steps 20 --quiet
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"
mv gone first

# Texts of classes: the linear path stays, labels beside the classes are refused, and stated ones may be missing.
texts() {
  awk -v count="$1" -v seed="$2" -v good="$3" 'BEGIN {
    srand(seed)
    split("fine great lovely superb", up); split("dull poor weak awful", down); split("film plot cast song", what)
    print "text,label"
    for (i = 0; i < count; ++i) {
      is_good = good == "" ? rand() < 0.5 : good
      word = is_good ? up[int(rand() * 4) + 1] : down[int(rand() * 4) + 1]
      printf "a %s %s with %s %s,%s\n", word, what[int(rand() * 4) + 1], word, what[int(rand() * 4) + 1], is_good ? "good" : "bad"
    }
  }'
}
texts 120 1 "" >train.csv
texts 60 2 "" >test.csv
expect 0 train classify train.csv --hidden 8 --epochs 3 --out texts --quiet
begins_from texts loss test.csv classify train.csv
{ cat test.csv; echo 'the film,odd'; } >odd.csv
expect_error 1 "odd.csv:62: the label 'odd' was not seen in training; classes: bad, good" train classify odd.csv --from-model texts --out never
# The model had found its columns by itself: those of other data may be named.
{ head -1 train.csv | sed 's/[^,]*,[^,]*/body,kind/'; tail -n +2 train.csv; } >named.csv
expect 0 train classify named.csv --from-model texts --text-column body --label-column kind --epochs 1 --out named --quiet
texts 40 3 1 >good.csv
expect 0 train classify good.csv --classes good,bad --ngrams 0 --hidden 8 --epochs 2 --out one --quiet
expect 0 evaluate one test.csv --json
below "$(number accuracy out)" 0.8
expect 0 train classify train.csv --from-model one --epochs 10 --lr 0.01 --out both --quiet
expect 0 evaluate both test.csv --json
above "$(number accuracy out)" 0.9
expect_error 1 "odd.csv:62: the label 'odd'" train classify odd.csv --classes good,bad --out never
expect_error 2 "classes: expected two or more, got" train classify good.csv --classes good --out never

# Series: channels and their scaling are the model's.
waves() {
  awk -v count="$1" -v seed="$2" -v level="$3" 'BEGIN {
    srand(seed)
    print "id,t,x,label"
    for (i = 0; i < count; ++i) {
      fast = i % 2
      for (t = 0; t < 20; ++t) printf "%d,%d,%.4f,%s\n", i, t, level + sin(t * (fast ? 1.5 : 0.5) + rand()), fast ? "fast" : "slow"
    }
  }'
}
waves 40 1 0 >near.csv
waves 40 2 5 >far.csv
expect 0 train classify near.csv --network rnn --hidden 8 --members 1 --valid 0.2 --steps 60 --lr 0.01 --out waves --quiet
begins_from waves loss near.csv classify near.csv
expect 0 train classify far.csv --from-model waves --valid 0.2 --steps 20 --out far --quiet
sed 's/x/z/' near.csv >other.csv
expect_error 1 "there is no column 'x'" train classify other.csv --from-model waves --out never
# An ensemble is validated on a part for each network, and so is what begins from it.
expect 0 train classify near.csv --network rnn --hidden 4 --members 3 --valid 0.2 --steps 20 --lr 0.01 --out three --quiet
expect 0 train classify far.csv --from-model three --valid 0.2 --steps 5 --out four --quiet

# What contradicts the model, and what is none.
expect_error 2 "hidden: expected 24, as the model .*first has it, which training begins from, got 25" train lm text.txt --from-model first --hidden 25 --out never
expect_error 2 "cell: expected lstm, .* got gru" train lm text.txt --from-model first --cell gru --out never
expect_error 2 "classes: expected " train classify train.csv --from-model texts --classes a,b --out never
expect_error 1 "expected a model of the task 'classify', got one of 'lm'" train classify train.csv --from-model first --out never
expect_error 1 "missing.recur" train lm text.txt --from-model missing.recur --out never
expect_error 1 "text.txt" train lm text.txt --from-model text.txt --out never
expect_error 2 "outside of the run's own files" train lm text.txt --from-model first --out first --force
expect 0 quantize first --out small.recur
expect_error 1 "expected weights in f32, got int8" train lm text.txt --from-model small.recur --out never
[ ! -e never ] || fail "a failed training left a folder"
