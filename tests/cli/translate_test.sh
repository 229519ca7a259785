#!/usr/bin/env bash
# Learns to turn short strings round, from pairs in one file and in two, and says them as they come in.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# pairs COUNT SEED: a string of up to five letters, a tab, the string backwards.
pairs() {
  awk -v count="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    for (i = 0; i < count; ++i) {
      word = back = ""
      for (k = 1 + int(rand() * 5); k > 0; --k) { c = sprintf("%c", 97 + int(rand() * 5)); word = word c; back = c back }
      print word "\t" back
    }
  }'
}

pairs 400 1 >train.tsv
pairs 60 2 >test.tsv
small=(--hidden 24 --cell gru --set dropout=0 --set smoothing=0 --batch 32 --lr 0.01 --seed 1)
expect 0 train translate train.tsv --valid 0.1 "${small[@]}" --steps 700 --out run
grep -q 'sources: split into characters' err || fail "the choice of tokens is not said"
expect 0 evaluate run test.tsv --json
check_json out
grep -q '"task":"translate","examples":60,' out || fail "task and examples"
above "$(number exact_match out)" 0.75
below "$(number token_error_rate out)" 0.1
above "$(number chrf out)" 75
begins_from run loss test.tsv translate train.tsv
[ -n "$(number bleu out)" ] || fail "no BLEU"

# Files, and lines as they come in, give the same.
printf 'abc\n\nedcba\n' >new.txt
expect 0 predict run new.txt
[ "$(cut -d, -f1,2 out | xargs)" = 'sentence,prediction 1,cba 2, 3,abcde' ] || fail "predict: rows"
cp out rows
"$RECUR" predict run - <new.txt >out 2>err
[ "$(cut -d, -f1,2 out)" = "$(cut -d, -f1,2 rows)" ] || fail "lines of the standard input are predicted otherwise"
printf '\xef\xbb\xbfabc\r\n\r\nedcba\r\n' | expect 0 predict run -
cmp <(cut -d, -f1,2 out) <(cut -d, -f1,2 rows) || fail "lines of other systems are predicted otherwise"
printf 'ab\0c\n' | expect_error 1 'standard input:1: NUL byte at position 3' predict run -
expect 0 predict run test.tsv --beam 1
[ "$(wc -l <out)" = 61 ] || fail "predict: sources of pairs"
expect 0 predict run new.txt --beam 4 --n-best 3
[ "$(head -1 out)" = 'sentence,rank,prediction,score' ] && [ "$(grep -c '^1,' out)" = 3 ] || fail "predict: n best"
expect 0 predict run new.txt --attention-weights --json
grep -q '"weights' out || fail "predict: no attention"
expect 0 predict run new.txt --chart att.svg
grep -q '^<svg ' att.svg || fail "predict: no picture of the attention"

# What may be said: one of a list, a beginning; a language model has its say.
printf 'cbb\nabcd\n' >list.txt
expect 0 predict run new.txt --allowed list.txt
[ "$(sed -n 2p out | cut -d, -f2)" = cbb ] && [ "$(sed -n 4p out | cut -d, -f2)" = abcd ] || fail "predict: not of the list"
expect 0 predict run new.txt --prefix ee
[ "$(sed -n '2p;4p' out | cut -d, -f2 | grep -c '^ee')" = 2 ] || fail "predict: not begun by the prefix"
awk 'BEGIN { for (i = 0; i < 400; ++i) print "bbb" }' >bs.txt
expect 0 train lm bs.txt --tokens chars --hidden 16 --steps 150 --lr 0.02 --batch 8 --bptt 16 --seed 1 --out bs
expect 0 predict run new.txt --lm bs --lm-weight 50
sed -n 2p out | grep -Eq "^1,b+," || fail "predict: the language model is not heard"
expect_error 1 "expected a model of the task lm, got one of translate" predict run new.txt --lm run

# What cannot be is said before anything is learnt.
expect_error 2 'attention_blocks: without attention' train translate train.tsv "${small[@]}" --attention none --attention-blocks 1 --out no
expect_error 2 'valid_target: expected files' train translate train.tsv --valid 0.1 --valid-target nofile "${small[@]}" --out no
expect 1 train translate train.tsv "${small[@]}" --prefix q --out no
grep -q "prefix: 'q' has tokens" err && [ ! -e no ] || fail "a prefix is not checked before training"

# Parallel text.
cut -f1 test.tsv >in.src
cut -f2 test.tsv >in.tgt
expect 0 inspect in.src --target in.tgt
grep -q '^pairs  *60$' out || fail "inspect: pairs"
expect 0 inspect test.tsv --target-column "#2" --json
check_json out
grep -q '"kind":"pairs"' out || fail "inspect: kind of data"
head -4 in.tgt >few.tgt
expect_error 1 "in.src has 60 lines and few.tgt has 4" inspect in.src --target few.tgt
expect_error 2 "n_best: expected at most the beam width" predict run new.txt --beam 2 --n-best 3
expect 0 inspect run
grep -q '^source tokens  *chars$' out || fail "inspect: tokens"

# Blocks of self-attention over the encoder.
expect 0 train translate train.tsv "${small[@]}" --attention-blocks 1 --steps 5 --out blocks
expect 0 evaluate blocks test.tsv

# A run that was stopped goes on to the same bits, dropout and sampled symbols too.
same=("${small[@]}" --set dropout=0.2 --set scheduled_sampling=linear --set sampling_steps=30 --set schedule=constant)
expect 0 train translate train.tsv "${same[@]}" --steps 40 --out whole
expect 0 train translate train.tsv "${same[@]}" --steps 20 --out part
expect 0 resume part --steps 40
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"

# Two files, the columns of a table.
cut -f1 train.tsv >train.src
cut -f2 train.tsv >train.tgt
expect 0 train translate train.src --target train.tgt "${small[@]}" --epochs 1 --out two
cut -f1 test.tsv >test.src
cut -f2 test.tsv >test.tgt
expect 0 evaluate two test.src --target test.tgt
head -3 test.tgt >short.tgt
expect_error 1 "test.src has 60 lines and short.tgt has 3" evaluate two test.src --target short.tgt
{ echo 'from,other,into'; tr '\t' ',' <train.tsv | sed 's/,/,x,/'; } >train.csv
expect 0 train translate train.csv --set source_column=from --set target_column=into "${small[@]}" --epochs 1 --out table
expect_error 2 "there is no column 'to'" train translate train.csv --set source_column=from --set target_column=to --out never
expect_error 2 "which of 3 columns" train translate train.csv --out never

# What is too long is left out or cut, and said; empty sides are counted.
{ cat train.tsv; printf 'a\t\n'; awk 'BEGIN { for (i = 0; i < 10000; ++i) printf "a"; print "\ta" }'; } >long.tsv
expect 0 train translate long.tsv "${small[@]}" --epochs 1 --out long
grep -q '1 of 401 pairs are longer than 250 tokens' err || fail "a long pair is not said"
grep -q '1 pairs have an empty side.*long.tsv:401' err || fail "an empty side is not said"
tail -1 long.tsv | cut -f1 >long.txt
expect 0 predict long long.txt
grep -q '1 of 1 sources are longer than 250 tokens' err || fail "a cut source is not said"
[ ! -e never ] || fail "a failed training left a folder"
