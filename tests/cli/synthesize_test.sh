#!/usr/bin/env bash
# Learns to say letters as tones, from a list of wave files, and speaks texts.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# sounds NAME COUNT SEED: wave files of 8 bits, a tone a letter, and their list NAME.tsv: path, text.
sounds() {
  mkdir -p "$1"
  LC_ALL=C awk -v name="$1" -v count="$2" -v seed="$3" '
    function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
    function le(x, bytes,    s) { for (s = ""; bytes > 0; --bytes) { s = s sprintf("%c", x % 256); x = int(x / 256) } return s }
    function tone(hz, samples,    i) {
      for (i = 0; i < samples; ++i) data[++size] = 128 + int(60 * sin(6.2831853 * hz * i / 8000)) + below(3)
    }
    BEGIN {
      for (k = 0; k < count; ++k) {
        text = ""; size = 0
        for (n = 2 + below(3); n > 0; --n) { c = below(4); text = text sprintf("%c", 97 + c); tone(700 + 600 * c, 600); tone(0, 200) }
        file = name "/" k ".wav"
        printf "RIFF%sWAVEfmt %s%s%s%s%s%s%sdata%s", le(36 + size, 4), le(16, 4), le(1, 2), le(1, 2), le(8000, 4), le(8000, 4),
          le(1, 2), le(8, 2), le(size, 4) >file
        for (i = 1; i <= size; ++i) printf "%c", data[i] >file
        close(file)
        print file "\t" text >(name ".tsv")
      }
    }'
}

sounds train 60 7
sounds test 8 11
small=(--hidden 16 --batch 10 --lr 0.01 --seed 1 --set embedding=16 --set prenet=16 --set prenet_dropout=0.2 --set dropout=0
  --set decoder_hidden=32 --set decoder_layers=1 --set attention_units=16 --set attention_location=7 --set reduction=2
  --set bands=16 --set postnet=0 --set schedule=constant --set vocoder_hidden=8 --set vocoder_features=4
  --set vocoder_levels=32 --set vocoder_segment=2)
expect 0 train synthesize train.tsv --valid 0.1 "${small[@]}" --steps 150 --out run
grep -q 'speech is learnt at 8000 samples a second' err || fail "the sample rate is not said"
expect 0 evaluate run test.tsv --json --vocoded 1
check_json out
grep -q '"task":"synthesize","examples":8,' out || fail "task and examples"
above "$(number diagonal out)" 0.7
below "$(number runs_on out)" 0.01
below "$(number mel_distance out)" 4
below "$(number free_mel_distance out)" 5
grep -q '"griffin_lim_distance"' out && grep -q 'mean frame' out || fail "evaluate: what stands beside the model"
expect 0 evaluate run test.tsv --vocoded 0 --examples rows.csv
[ "$(wc -l <rows.csv)" = 9 ] || fail "evaluate: a row for each sound"
begins_from run mel_distance 'test.tsv --vocoded 0' synthesize train.tsv

# A text becomes a wave file, or a stream of it; the same seed gives the same bits.
expect 0 generate run --prompt 'abcd' --out said.wav --chart attention.svg --json
check_json out
grep -q '"clipped":' out || fail "generate: the share of clipped samples"
[ "$(head -c 4 said.wav)" = RIFF ] && above "$(number seconds out)" 0.25 && below "$(number seconds out)" 0.7
grep -q '<svg' attention.svg || fail "generate: the picture of the attention"
"$RECUR" generate run --prompt 'abcd' --seed 1 | tail -c +45 >stream.raw
tail -c +45 said.wav | cmp - stream.raw || fail "generate: a stream has other samples than a file"
expect 0 generate run --prompt 'abcd' --out slow.wav --speed 0.5 --waveform griffin_lim
above "$(wc -c <slow.wav)" "$(($(wc -c <said.wav) * 9 / 5))"
expect 0 generate run --prompt 'abcd' --out loud.wav --temperature 20
grep -qE '^recur: note: the sound is clipped: [0-9.]+ % of its samples are at full scale$' err || fail "generate: a clipped sound is not said"
echo 'ab. Cd!' >prompt.txt
expect 0 generate run - --out two.wav <prompt.txt
grep -q '2 characters of the texts are not in the vocabulary' err || fail "generate: unknown characters are not counted"
expect 0 predict run test.tsv --sounds said --alignments --chart chart.svg
[ "$(head -1 out)" = 'id,text,file,seconds,ended,diagonal,focus,alignment' ] && [ "$(wc -l <out)" = 9 ] || fail "predict: rows"
[ -s said/0.wav ] && [ -s chart.svg ] || fail "predict: files"
for written in '--sounds never' '--chart never.svg' --alignments; do
  # shellcheck disable=SC2086
  expect_error 2 'predict writes it, and evaluate only measures' evaluate run test.tsv $written
done
printf 'ab\n\ncd\n' >lines.txt
expect 0 predict run lines.txt --json
[ "$(wc -l <out)" = 2 ] || fail "predict: lines"
grep -q 'sounds names a folder' err || fail "predict: sounds that are not written are not said"

# Nothing that is read is written over, and no output another.
cp -r run kept
cp -r test heard
expect_error 2 'would be overwritten' predict run test.tsv --sounds test
diff -r test heard || fail "predict: the sounds of the list were written over"
{ head -1 test.tsv; printf 'train/0.wav\tab\n'; } >twice.tsv
expect_error 2 'would both be written to' predict run twice.tsv --sounds never
for file in model.recur last.ckpt; do
  expect_error 2 'chart: ' generate run --prompt ab --chart "run/$file" --out never.wav
done
expect_error 2 'expected two files' generate run --prompt ab --chart never.svg --out never.svg
expect_error 2 'would overwrite prompt.txt' generate run - --chart prompt.txt --out never.wav <prompt.txt
expect_error 2 'ends with .wav' generate run --prompt ab --out never.flac
expect_error 2 "--out: expected a path" generate run --prompt ab --out ''
mkdir linked
ln -s ../run/model.recur linked/0.wav
expect_error 2 'other than the model' predict run test.tsv --sounds linked
diff -r run kept || fail "an output was written over a file of the run"
[ ! -e never ] && [ ! -e never.svg ] && [ ! -e never.flac ] || fail "a refused command left something"

# A run that was stopped goes on to the same bits, with all that is drawn.
same=("${small[@]}" --set dropout=0.2)
expect 0 train synthesize train.tsv "${same[@]}" --steps 6 --out whole
expect 0 train synthesize train.tsv "${same[@]}" --steps 3 --out part
expect 0 resume part --steps 6
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"
expect 0 inspect run
grep -q '^sample rate  *8000$' out || fail "inspect"

# Words are pronounced by another model, which becomes part of this one.
awk 'BEGIN { srand(3); split("AH B K D", phoneme); for (i = 0; i < 300; ++i) { word = said = ""
  for (n = 1 + int(4 * rand()); n > 0; --n) { c = int(4 * rand()); word = word sprintf("%c", 97 + c); said = said phoneme[c + 1] " " }
  print word "\t" said } }' >words.tsv
expect 0 train translate words.tsv --tokens chars --target-tokens words --hidden 24 --cell gru --lr 0.01 --steps 200 --seed 1 --out spelling
said=("${small[@]}" --set vocoder=none --set pronounce=spelling)
expect 0 train synthesize train.tsv --valid 0.1 "${said[@]}" --steps 150 --out pronounced
expect 0 train synthesize train.tsv --valid 0.1 "${said[@]}" --steps 2 --out halfway
expect 0 resume halfway --steps 3
rm -r spelling
expect 0 inspect pronounced
grep -q '^phonemes ' out && grep -q '^pronouncing network ' out || fail "inspect: phonemes"
expect 0 evaluate pronounced test.tsv --json
below "$(number mel_distance out)" 4
expect 0 generate pronounced --prompt 'abcd' --out word.wav
expect 0 generate pronounced --prompt '{AH B K D}' --out given.wav
cmp word.wav given.wav || fail "generate: given phonemes are not those of the word"
echo 'abcd' | "$RECUR" generate pronounced - --out piped.wav && cmp word.wav piped.wav || fail "generate: words of the standard input"
expect 0 generate pronounced --prompt 'azb xyz' --out left.wav
grep -q '4 letters are unknown to the pronouncing model' err || fail "generate: unknown letters are not counted"
grep -q '1 word is left out, for which the pronouncing model says nothing: xyz' err || fail "generate: words without a pronunciation are not said"
expect 0 predict pronounced test.tsv --json
expect 0 quantize pronounced --out small.recur
expect 0 generate small.recur --prompt 'abcd' --out small.wav
expect_error 1 'expected a model of the task translate' train synthesize train.tsv "${small[@]}" --set pronounce=run --out never
expect_error 2 'expected tokens to be phonemes' train synthesize train.tsv "${said[@]}" --set tokens=chars --out never
expect_error 1 'gone' train synthesize train.tsv "${small[@]}" --set pronounce=gone --out never

# A folder of sounds, each with its text beside it.
mkdir spoken
while IFS=$'\t' read -r file text; do
  cp "$file" spoken/
  file=${file##*/}
  echo "$text" >"spoken/${file%.wav}.txt"
done < <(head -6 train.tsv)
expect 0 train synthesize spoken "${small[@]}" --steps 1 --out of_folder

# Strokes of a pen make it a hand that writes: l goes up and down, v down and up.
hand() {
  awk -v count="$2" -v seed="$3" 'BEGIN {
    srand(seed)
    for (k = 0; k < count; ++k) {
      text = ""; strokes = "[0,0,0]"
      for (n = 2 + int(3 * rand()); n > 0; --n) {
        if (rand() < 0.5) { text = text "l"; strokes = strokes ",[0.5,-4,0],[-0.5,4,1],[2,0,0]" }
        else { text = text "v"; strokes = strokes ",[1,2,0],[1,-2,1],[1,0,0]" }
      }
      print "{\"text\": \"" text "\", \"strokes\": [" strokes "]}"
    }
  }' >"$1"
}
hand pen.jsonl 80 3
hand pen_test.jsonl 10 4
pen=(--batch 8 --lr 0.01 --seed 1 --set decoder_hidden=24 --set window_gaussians=2 --set move_gaussians=2)
expect 0 train synthesize pen.jsonl --valid 0.1 "${pen[@]}" --epochs 10 --out hand
grep -q 'the files hold strokes of a pen: handwriting is learnt' err || fail "what the data were taken for is not said"
grep -q 'strokes: moves from point to point; set coordinates to change this' err || fail "what the numbers are is not said"
grep -q '^coordinates = "moves"' hand/config.toml || fail "what the numbers are is not kept"
expect 0 evaluate hand pen_test.jsonl --json --examples rows.csv
grep -q '"task":"synthesize","examples":10,' out && [ "$(wc -l <rows.csv)" = 11 ] || fail "handwriting: examples"
above "$(number loss_of_another_text out)" "$(number loss out)"
expect_error 2 'picture: writes SVG: expected a name that ends with .svg' generate hand --prompt lv --picture never.png
expect_error 2 '--picture: predict writes it, and evaluate only measures' evaluate hand pen_test.jsonl --picture never.svg
expect 0 generate hand --prompt 'llvv' --sharpness 2 --picture llvv.svg --out llvv.csv
[ "$(head -1 llvv.csv)" = 'text,points,ended,strokes' ] && [ "$(wc -l <llvv.csv)" = 2 ] || fail "handwriting: rows"
grep -q '<svg' llvv.svg || fail "handwriting: the picture"
printf 'lv\nvl\n' >pen.txt
expect 0 predict hand pen.txt --json
cp out drawn.jsonl
expect 0 evaluate hand drawn.jsonl --json
grep -q '"examples":2,' out || fail "handwriting: what is written is not read again"
expect 0 generate hand - --json <pen.txt
[ "$(tail -1 out)" = '{"task":"synthesize","prompt":"lv\nvl\n","seed":1,"rows":2}' ] || fail "handwriting: generate --json"
expect 0 train synthesize pen.jsonl "${pen[@]}" --set schedule=constant --steps 6 --out whole_hand
expect 0 train synthesize pen.jsonl "${pen[@]}" --set schedule=constant --steps 3 --out part_hand
expect 0 resume part_hand --steps 6
cmp whole_hand/model.recur part_hand/model.recur || fail "handwriting: the resumed run came to another model"
expect 0 quantize hand --out small_hand.recur
expect 0 generate small_hand.recur --prompt 'lv'
expect_error 2 'writes rows' generate hand --prompt lv --out never.wav
expect_error 2 'knows sharpness alone' generate hand --prompt lv --temperature 2
expect_error 2 'unknown option' generate hand --prompt lv --speed 2
expect_error 2 'expected two files' generate hand --prompt lv --picture never.svg --out never.svg
expect_error 1 'got both: 1 of 2 files hold strokes: .*pen.jsonl does, .*train.tsv does not' train synthesize pen.jsonl train.tsv --out never
expect_error 1 'expected JSON lines of strokes' train synthesize pen.jsonl --valid test.tsv --out never
expect_error 1 'expected a model that writes, got one that speaks' train synthesize pen.jsonl --from-model run --out never
expect_error 1 'expected a model that speaks, got one that writes' train synthesize train.tsv --from-model hand --out never
printf '{"text": "l", "strokes": [[0, 0, 0], [1, "x", 0]]}\n' >bad.jsonl
expect_error 1 'bad.jsonl:1: strokes\[1\]: expected numbers' train synthesize bad.jsonl --out never
expect_error 2 'hop_ms, select: options of speech' train synthesize pen.jsonl --set hop_ms=10 --select mel_distance --out never
expect_error 2 'coordinates, sharpness: options of handwriting, and the data are sounds' train synthesize train.tsv --sharpness 2 --set coordinates=points --out never
printf '{"text": "l", "strokes": [[0, 0, 0], [1, 2, 0]]}\n' >short.jsonl
expect_error 2 'set coordinates to moves or points' train synthesize short.jsonl --out never
: >none.jsonl
expect_error 1 'none.jsonl: the file is empty; expected JSON lines of strokes' train synthesize none.jsonl --out never
cp pen.jsonl test/
expect_error 1 'got a folder that holds strokes: .*test/pen.jsonl' train synthesize test --out never
rm test/pen.jsonl

# Of points: what is written are points, and other strokes are said to look different. Too long a text, and one far move.
awk 'BEGIN { for (k = 0; k < 40; ++k) {
    text = ""; strokes = "[0,0,0]"; x = 0
    for (n = 3 + k % 4; n > 0; --n) { text = text "v"; strokes = strokes sprintf(",[%g,2,0],[%g,0,1],[%g,0,0]", x + 1, x + 2, x + 3); x += 3 }
    print "{\"text\": \"" text "\", \"strokes\": [" strokes "]}"
  } }' >points.jsonl
expect 0 train synthesize points.jsonl "${pen[@]}" --steps 2 --out points
grep -q 'strokes: points; set coordinates to change this' err || fail "points are not known"
expect 0 evaluate points pen_test.jsonl
grep -q 'look like moves from point to point, but are read as points' err || fail "strokes of the other kind are not said"
sed '3s/\[0,0,0\]/[1000000000,0,0]/' pen.jsonl >far.jsonl
expect 0 train synthesize far.jsonl "${pen[@]}" --steps 1 --out far
grep -q 'far.jsonl:3: strokes\[0\]: a move of length 1e+09, where the median' err || fail "a far move is not said"
expect 0 generate hand --prompt 'lvéllvlvlvlvlvlvlvlvlvl'
grep -q 'more than 4 times as many characters as the longest of training, 4, .*: prompt:1 (23)' err || fail "a long text is not said"
grep -q '1 character of the texts is not in the vocabulary of the model, and left out: prompt:1 (é)' err || fail "gaps are not said"
expect 2 predict hand pen.txt --speed 2

# What cannot be done.
expect_error 2 'led into a file or a pipe' generate run --prompt abc --json
expect_error 1 'a letter, digit or phoneme that the model knows' generate run --prompt '?!' --out never.wav
expect_error 1 'a letter, digit or phoneme that the model knows' generate run --out never.wav
expect_error 2 'length: how long' generate run --prompt ab --length 9 --out never.wav
expect_error 2 'cannot be explained' explain run test/0.wav
{ head -3 train.tsv; printf 'gone.wav\tab\ntrain/5.wav\t...\n'; } >odd.tsv
{ head -c 40 train/6.wav; printf '\020\0\0\0'; tail -c +45 train/6.wav | head -c 16; } >short.wav
head -c 60 train/6.wav >cut.wav
printf 'short.wav\tab\ncut.wav\tab\n' >>odd.tsv
expect 0 train synthesize odd.tsv "${small[@]}" --steps 1 --out odd
grep -q '1 file of the list is missing' err || fail "a missing file is not said"
grep -q 'text without a letter, digit or phoneme' err || fail "a text without letters is not said"
grep -q 'short.wav: is shorter than 2 frames' err || fail "a short sound is not said"
grep -q 'cut.wav: is cut off: 16 of [0-9]* bytes' err || fail "a cut sound is not said"
: >empty.tsv
expect_error 1 'empty.tsv' train synthesize empty.tsv --out never
[ ! -e never ] && [ ! -e never.wav ] || fail "a failed command left something"
