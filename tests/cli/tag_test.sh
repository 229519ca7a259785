#!/usr/bin/env bash
# Tags the words of tiny sentences: word classes that show in a word's letters, and spans.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# word_classes COUNT SEED: CoNLL-U; made-up words that end in -ing or -ness.
word_classes() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    for (i = 0; i < count; ++i) {
      words = 1 + int(rand() * 7)
      for (k = 1; k <= words; ++k) {
        verb = rand() < 0.5
        stem = sprintf("%c%c%c", 97 + int(rand() * 26), 97 + int(rand() * 26), 97 + int(rand() * 26))
        printf "%d\t%s%s\t_\t%s\t_\t_\t_\t_\t_\t_\n", k, stem, verb ? "ing" : "ness", verb ? "VERB" : "NOUN"
      }
      print ""
    }
  }'
}

# spans COUNT SEED: two columns; a name begins with mr and may go on.
spans() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    split("we saw him and", other)
    for (i = 0; i < count; ++i) {
      words = 1 + int(rand() * 5)
      for (k = 1; k <= words; ++k) {
        if (rand() < 0.4) {
          print "mr B-PER"
          if (rand() < 0.5) print "smith I-PER"
        } else {
          print other[1 + int(rand() * 4)] " O"
        }
      }
      print ""
    }
  }'
}

word_classes 150 1 >train.conllu
word_classes 60 2 >test.conllu
small=(--hidden 16 --set embedding=8 --set char_embedding=8 --set char_hidden=8)
expect 0 train tag train.conllu --valid 0.1 "${small[@]}" --epochs 40 --out run
expect 0 evaluate run test.conllu --json
check_json out
grep -q '"task":"tag"' out || fail "task"
above "$(number accuracy out)" 0.97
above "$(number accuracy_unknown out)" 0.97
begins_from run loss test.conllu tag train.conllu

printf 'doing goodness\nabcing\n' >new.txt
expect 0 predict run new.txt
[ "$(cut -d, -f1-4 out | xargs)" = 'sentence,position,token,tag 1,1,doing,VERB 1,2,goodness,NOUN 2,1,abcing,VERB' ] ||
  fail "predict: rows"
echo 'a seeing goodness of one line' >line.txt
expect 0 predict run line.txt --format plain
[ "$(wc -l <out)" = 7 ] || fail "predict: words of one plain line"
expect 0 inspect run
grep -q '^tags  *2$' out || fail "inspect: no tags"

spans 150 1 >train.conll
spans 60 2 >test.conll
for output in auto softmax; do
  expect 0 train tag train.conll "${small[@]}" --set output=$output --epochs 30 --out spans-$output
  cp out columns
  expect 0 evaluate spans-$output test.conll --json
  above "$(number span_f1 out)" 0.97
done
expect 0 inspect spans-auto
grep -q '^output  *crf$' out || fail "tags of spans are not chosen together"

grep -q '^data  *.*train.conll: 150 sentences of [0-9]* tokens with tags; token: #1; tag: #2$' columns ||
  fail "the columns are not said"

# A tag that the model lacks counts as its error, and is warned of once; of nothing else the model can be measured.
printf 'we O\nsaw ODD\n' >odd.conll
expect 0 evaluate spans-auto odd.conll --json
[ "$(number examples out)" = 2 ] || fail "an unknown tag: examples"
[ "$(number accuracy out)" = 0.5 ] || fail "an unknown tag: accuracy"
[ "$(grep -c "1 of 2 tokens have tags that the model does not know.*'ODD' (1)" err)" = 1 ] || fail "no warning of a tag"
printf 'we ODD\nsaw ODD\n' >odd.conll
expect_error 1 "odd.conll:1: the label 'ODD'" evaluate spans-auto odd.conll

# A tag of validation alone is known from the start.
{ cat test.conll; printf 'mr B-ORG\n\n'; } >rare.conll
expect 0 train tag train.conll --valid rare.conll "${small[@]}" --epochs 1 --out rare
grep -q "recur: warning: 1 tag of the validation data is not in the training data.*'B-ORG' (1)" err || fail "no warning"
expect 0 inspect rare
grep -q '^tags  *4$' out || fail "the tag of validation is not known"

# Sentences of equal length, comments, a slip.
printf 'we saw mr smith .\n' >one.txt
expect 0 predict spans-auto one.txt
[ "$(wc -l <out)" = 6 ] || fail "predict: words of one sentence"
{ printf '# sent_id = 1\n'; cat train.conll; printf '#id\tx\nmr B-PER\nsaw 0\n'; } >slip.conll
expect 0 train tag slip.conll "${small[@]}" --epochs 1 --out slip
grep -q "tags mark spans, except for: '0' (1)" err || fail "no warning of a slip"
expect 0 inspect slip
grep -q '^output  *crf$' out || fail "a slip changes the kind of tags"
grep -q '^tags  *4$' out || fail "comments gave tags"
printf 'we O\nsaw O\n' >same.conll
expect_error 1 "expected at least two tags" train tag same.conll --out never
: >empty.conll
expect_error 1 "empty.conll" evaluate run empty.conll
expect_error 1 "new.txt" evaluate run new.txt
expect_error 2 "train.conllu" train tag train.conllu --set tag=COLOUR --out never
[ ! -e never ] || fail "a failed training left a folder"

# A file without empty lines is one sentence of any length.
awk 'BEGIN { for (i = 0; i < 10001; ++i) print "w" i % 7 " X" }' >endless.conll
expect_error 1 'endless.conll:10001: the sentence that begins in line 1 has more than 10000 tokens' \
  train tag endless.conll --out none
