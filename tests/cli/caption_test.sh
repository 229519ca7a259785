#!/usr/bin/env bash
# Learns to name colours from tiny pictures and their captions, and says where it looks.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# pictures NAME COUNT SEED: NAME*.ppm of 4 x 4 pixels of one colour, and the list NAME.csv with two captions of each.
pictures() {
  awk -v name="$1" -v count="$2" -v seed="$3" 'BEGIN {
    srand(seed)
    split("red green blue", word)
    print "image,caption" >(name ".csv")
    for (i = 0; i < count; ++i) {
      colour = 1 + int(rand() * 3)
      file = name i ".ppm"
      print "P3 4 4 255" >file
      for (p = 0; p < 16; ++p) for (c = 1; c < 4; ++c) print (c == colour ? 255 : 0) >file
      close(file)
      printf "%s,A %s field .\n%s,a field of %s grass\n", file, word[colour], file, word[colour] >(name ".csv")
    }
  }'
}

pictures train 40 1
pictures test 12 2
small=(--hidden 16 --side 8 --conv-widths 6 --set conv_blocks=0 --set dropout=0 --batch 8 --lr 0.01 --seed 1 --augment none)
expect 0 train caption train.csv --valid 0.2 "${small[@]}" --steps 80 --out run
expect 0 evaluate run test.csv --json
check_json out
grep -q '"task":"caption","examples":12,' out || fail "task and examples"
above "$(number bleu_4 out)" 80
above "$(number cider out)" 100
# The statistics of batch normalisation go on without a rate, and the loss with them.
begins_from run bleu_4 test.csv caption train.csv
grep -q 'the most usual caption' out || fail "no baseline"
expect 0 predict run test0.ppm test1.ppm
[ "$(wc -l <out)" = 3 ] && [ "$(head -1 out)" = 'image,prediction,score' ] || fail "predict: rows of pictures"
expect 0 predict run test.csv --n-best 2 --attention-weights --chart where.svg
[ "$(grep -c '^test0.ppm,' out)" = 2 ] || fail "predict: n best"
grep -q '^<svg ' where.svg && grep -q 'data:image/png' where.svg || fail "predict: no picture of the attention"
for written in '--chart never.svg' --attention-weights; do
  # shellcheck disable=SC2086
  expect_error 2 "predict writes it, and evaluate only measures" evaluate run test.csv $written
done
expect_error 2 "chart: writes SVG: expected a name that ends with .svg, got train.csv" predict run test.csv --chart train.csv
head -1 train.csv | grep -q caption || fail "predict: the chart was written over a list"
expect_error 2 "n_best: expected at most the beam width" predict run test.csv --beam 1 --n-best 2

# What is missing, empty or broken is named and counted.
{ cat test.csv; printf 'none.ppm,nothing\ntest0.ppm,\n'; } >holes.csv
expect 0 evaluate run holes.csv
grep -q "1 picture cannot be read and left out, the first: .*holes.csv:26: no such file: 'none.ppm'" err || fail "a missing picture is not said"
grep -q '1 empty caption is left out, the first at .*holes.csv:27' err || fail "an empty caption is not said"
printf 'image,caption\n' >none.csv
expect_error 1 "there are no rows" evaluate run none.csv
expect_error 2 "test0.ppm: a picture, without captions; expected a list" evaluate run test0.ppm
expect_error 2 "test0.ppm: a picture, without captions; expected a list" train caption test0.ppm --out never
mkdir album && cp test0.ppm album
expect_error 2 "album: a folder, without captions; expected a list" evaluate run album
printf 'a,b,c\n1,2,3\n' >three.csv
expect_error 2 "which of 3 columns has the pictures" evaluate run three.csv
expect_error 1 "expected features as an .npy array" evaluate run test.csv --features test.csv

expect 0 inspect test.csv
grep -q '^images  *12$' out || fail "inspect: images"
expect 0 inspect holes.csv --json
check_json out
grep -q '"kind":"captions"' out && grep -q '"missing":1' out || fail "inspect: kind of data"

# A run that was stopped goes on to the same bits.
same=("${small[@]}" --set dropout=0.2 --set schedule=constant)
expect 0 train caption train.csv "${same[@]}" --steps 8 --out whole
expect 0 train caption train.csv "${same[@]}" --steps 4 --out part
expect 0 resume part --steps 8
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"
