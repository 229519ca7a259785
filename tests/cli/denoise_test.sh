#!/usr/bin/env bash
# Takes the noise off pictures: folders of PGM files with smooth slopes.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# pictures FOLDER COUNT SEED: P2 files of 16 x 18 pixels.
pictures() {
  mkdir -p "$1"
  LC_ALL=C awk -v folder="$1" -v count="$2" -v seed="$3" '
    function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
    BEGIN {
      for (k = 0; k < count; ++k) {
        file = folder "/" k ".pgm"; a = below(100) / 300; b = below(100) / 300
        print "P2 18 16 255" >file
        for (y = 0; y < 16; ++y) for (x = 0; x < 18; ++x) print int(127 + 100 * sin(a * x + 1) * cos(b * y)) >file
        close(file)
      }
    }'
}

pictures train 40 7
pictures test 8 11
small=(--width 8 --blocks 2 --hidden 6 --level 30 --batch 8 --seed 1 --set schedule=constant)
expect 0 train denoise train --valid 0.1 "${small[@]}" --steps 200 --out run
grep -q '40 clean pictures in grey; 36 squares of 16 pixels' err out || fail "train: what the data were taken for"
expect 0 evaluate run test --json
check_json out
grep -q '"task":"denoise","examples":8,' out || fail "task and examples"
above "$(number psnr out)" "$(number median_psnr out)"
above "$(number median_psnr out)" "$(number noisy_psnr out)"
above "$(number ssim out)" "$(number noisy_ssim out)"
strong=$(number noisy_psnr out)
expect 0 evaluate run test --eval-level 10 --examples rows.csv --json
above "$(number noisy_psnr out)" "$strong"
[ "$(head -1 rows.csv)" = 'picture,loss,psnr,ssim,noisy_psnr,noisy_ssim,median_psnr,median_ssim' ] || fail "evaluate: columns"
[ "$(wc -l <rows.csv)" = 9 ] || fail "evaluate: a row for each picture"
begins_from run psnr test denoise train

# Of noisy pictures alone.
expect 0 train denoise train --learn-from noisy --valid 0.1 --width 8 --blocks 2 --hidden 6 --steps 5 --out blind
grep -q '40 noisy pictures in grey' out || fail "train: noisy pictures"
expect 0 evaluate blind test --json
check_json out
grep -q '"loss":' out || fail "evaluate: the loss at hidden pixels"
grep -q 'psnr' out && fail "evaluate: PSNR without clean pictures"
expect 0 evaluate blind test --clean test --json
grep -q '"psnr":' out || fail "evaluate: PSNR beside clean pictures"
expect_error 2 'clean, eval_level: expected one of them' evaluate run test --clean test --eval-level 20
for folder in images arrays sounds; do
  expect_error 2 "\-\-$folder: predict writes it, and evaluate only measures" evaluate run test --$folder never
done
expect_error 2 'select: expected loss' train denoise train --learn-from noisy --select psnr --out never
expect_error 2 'level: no noise is added' train denoise train --learn-from noisy --level 9 --out never

# Pictures are written as they came, whatever the tiles.
expect 0 predict run test --images cleaned --out rows.csv
[ "$(head -2 rows.csv | cut -d, -f1-4)" = "$(printf 'picture,file,height,width\n0.pgm,cleaned/0.pgm,16,18')" ] || fail "predict: rows"
head -2 cleaned/0.pgm | tr '\n' ' ' | grep -q '^P5 18 16 ' || fail "predict: pictures"
expect 0 predict run test/0.pgm --images alone --tile 16 --overlap 4
[ -s alone/0.pgm ] || fail "predict: a picture by its name"
expect 0 predict run test
grep -q 'set images to a folder' err || fail "predict: pictures that are not written are not said"
expect_error 2 'would be overwritten' predict run test --images test
# What a list names is read as well, whatever name the output has.
mkdir listed
cp test/0.pgm test/1.pgm listed
printf '0.pgm\n1.pgm\n' >listed/list.txt
before=$(cksum <listed/0.pgm)
ln listed/0.pgm listed/rows.csv
expect_error 2 'listed/rows.csv: this command has read this file' predict run listed/list.txt --images own --out listed/rows.csv
expect_error 2 'listed/rows.csv: this command has read this file' evaluate run listed/list.txt --examples listed/rows.csv
[ "$(cksum <listed/0.pgm)" = "$before" ] || fail "predict: a picture of a list was overwritten"
# A link in the folder of outputs that leads to the model.
mkdir linked
ln -s ../run/model.recur linked/0.pgm
cp run/model.recur kept.recur
expect_error 2 'other than the model' predict run test/0.pgm --images linked
cmp run/model.recur kept.recur || fail "predict: a link let it write over the model"

# A run that was stopped goes on to the same bits.
expect 0 train denoise train "${small[@]}" --steps 8 --out whole
expect 0 train denoise train "${small[@]}" --steps 4 --out part
expect 0 resume part --steps 8
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"

# What is in pictures.
mkdir -p classes/cat classes/dog
cp train/0.pgm classes/cat/
cp train/1.pgm classes/dog/
head -c 40 train/2.pgm >classes/dog/cut.pgm
expect 0 inspect classes
grep -qE '^pictures +2 in classes$' out || fail "inspect: pictures"
grep -qE '^width +18$' out || fail "inspect: width"
grep -qE '^classes +2: cat 1  dog 1$' out || fail "inspect: classes"
grep -q 'cut.pgm' out || fail "inspect: what cannot be read"
expect 0 inspect classes --json
check_json out
grep -q '"kind":"pictures"' out && [ "$(number pictures out)" = 2 ] || fail "inspect: json"
expect 0 inspect cleaned test
grep -qE '^pairs +8 of the same names, [0-9.]+ dB apart \(PSNR\)$' out || fail "inspect: pairs"
cp train/8.pgm cleaned/other.pgm
expect 0 inspect test cleaned --json
check_json out
grep -q '"pairs":{"pairs":8,"alone":1,"of_unequal_sizes":0,' out || fail "inspect: pairs in JSON"
npy '|u1' '(2, 8, 6, 3)' 288 >pictures.npy
expect 0 inspect pictures.npy
grep -qE '^pictures +2 in pictures.npy$' out && grep -qE '^height +8$' out || fail "inspect: an array of pictures"
grep -qE '^format +2 array, 8 bits, colour$' out || fail "inspect: what the array holds"
printf 'train/0.pgm,cat\ntrain/1.pgm,dog\n' >list.txt
expect 0 inspect list.txt
grep -qE '^classes +2: cat 1  dog 1$' out || fail "inspect: a list of pictures"
expect 0 inspect run
grep -qE '^noise +gaussian$' out || fail "inspect: noise"

expect 0 train denoise train --valid 0.5 --valid-pixels 1500 "${small[@]}" --steps 2 --out thinned
grep -q 'note: validation reads 5 of 20 pictures (valid_pixels)' err || fail "train: a thinned validation is not said"

echo hello >none.txt
expect_error 1 'none.txt: no pictures (PNG, JPEG, PGM, PPM)' train denoise none.txt --out never
expect_error 2 'level: expected one number' train denoise train --level 9,3 --out never
[ ! -e never ] || fail "a failed training left a folder"

expect_error 2 'impulses: an option of noise = mixed, got gaussian' train denoise train --impulses 3 --out never
expect_error 2 'width, blocks: options of network = conv, got rows' train denoise train --network rows "${small[@]}" --out never
expect_error 2 'value_columns: an option of series, got pictures' train denoise train --value-columns x --out never
expect 0 train denoise train "${small[@]}" --chrono-steps 50 --steps 1 --out unchanged
grep -q 'warning: chrono_steps: has no effect without init = chrono, got init = ' err || fail "train: chrono_steps without a word"

# A folder of pictures may hold other files, also before them.
cp -r test noted
cp pictures.npy noted/0.npy
echo 'Taken by hand.' >noted/0readme.txt
expect 0 inspect noted
grep -qE '^pictures +8 in noted$' out || fail "inspect: a folder with other files is not taken for pictures"

# Pictures are paired by their order, so that none may be missing.
cp -r test torn
head -c 20 test/3.pgm >torn/3.pgm
expect_error 1 'one cannot be read: torn/3.pgm' evaluate run test --clean torn --quiet

# Series: tables and arrays, noisy ones alone, and what could be either.
series() {  # FILE COUNT NOISE
  LC_ALL=C awk -v count="$2" -v noise="$3" -v seed=77 '
    function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
    BEGIN { print "id,x"
      for (k = 0; k < count; ++k) { a = 0.1 + below(100) / 1000
        for (t = 0; t < 120; ++t) print "s" k "," 5 + sin(a * t + k) + noise * (below(2001) - 1000) / 1000 } }' >"$1"
}
series clean.csv 30 0
series noisy.csv 30 1
tiny=(--width 8 --blocks 2 --hidden 6 --batch 8 --seed 1 --set schedule=constant --lr 0.005)
expect 0 train denoise clean.csv --valid 0.1 "${tiny[@]}" --level 60 --steps 150 --out curves
grep -q '27 sequences of 120 steps; id: id; time: none; channels: x; clean series; 27 pieces of 120 steps to learn from' out ||
  fail "train: what the series were taken for"
grep -q 'snr' out || fail "train: validation"
expect 0 evaluate curves noisy.csv --clean clean.csv --json
check_json out
above "$(number snr out)" "$(number noisy_snr out)"
above "$(number snr out)" "$(number median_snr out)"
expect 0 predict curves noisy.csv --out cleaned.csv
[ "$(head -1 cleaned.csv)" = id,x ] && [ "$(wc -l <cleaned.csv)" = 3601 ] || fail "predict: a table as it came"
expect 0 evaluate curves cleaned.csv --clean clean.csv --json
above "$(number noisy_snr out)" 3
begins_from curves snr noisy.csv denoise clean.csv
expect 0 train denoise noisy.csv --learn-from noisy --valid 0.1 "${tiny[@]}" --steps 40 --out guesses
expect 0 evaluate guesses noisy.csv --json
grep -q '"loss":' out || fail "evaluate: the loss at hidden steps"
expect 0 inspect guesses
grep -qE '^learnt from +noisy series$' out || fail "inspect: what was learnt from"

npy '<f4' '(4, 20)' 320 >either.npy
expect_error 2 'one picture, or 4 series of 20 steps; set input' train denoise either.npy --out never
expect 0 train denoise either.npy --input series "${tiny[@]}" --steps 2 --out rows
expect 0 predict rows either.npy --arrays out.npys --quiet
[ "$(wc -c <out.npys/either.npy)" = "$(wc -c <either.npy)" ] || fail "predict: an array as it came"
expect_error 1 'either.npy' evaluate curves either.npy --quiet
expect_error 2 'sounds: expected sound files' predict curves clean.csv --sounds never --quiet
expect_error 2 'images: the model cleans series' predict curves clean.csv --images never --quiet
expect_error 2 'arrays: the model cleans pictures' predict run test --arrays never --quiet
expect_error 2 'clean.csv holds series, and .*train pictures' train denoise clean.csv train --out never
