#!/usr/bin/env bash
# Learns what tones stand for, from lists and folders of wave files, and writes it down.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# sounds NAME COUNT SEED: wave files of 8 bits, a tone a letter, and their list NAME.tsv: path, text.
sounds() {
  mkdir -p "$1"
  LC_ALL=C awk -v name="$1" -v count="$2" -v seed="$3" '
    function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
    function le(x, bytes,    s) { for (s = ""; bytes > 0; --bytes) { s = s sprintf("%c", x % 256); x = int(x / 256) } return s }
    function tone(hz, samples,    i) {
      for (i = 0; i < samples; ++i) data[++size] = 128 + int(60 * sin(6.2831853 * hz * i / 8000)) + below(5)
    }
    BEGIN {
      for (k = 0; k < count; ++k) {
        text = ""; size = 0; tone(0, 200)
        for (n = 1 + below(4); n > 0; --n) {
          if (text != "" && below(4) == 0) { text = text " "; tone(250, 500); tone(0, 250) }
          c = below(4); text = text sprintf("%c", 97 + c); tone(700 + 600 * c, 400 + below(200)); tone(0, 250)
        }
        file = name "/" k ".wav"
        printf "RIFF%sWAVEfmt %s%s%s%s%s%s%sdata%s", le(36 + size, 4), le(16, 4), le(1, 2), le(1, 2), le(8000, 4), le(8000, 4),
          le(1, 2), le(8, 2), le(size, 4) >file
        for (i = 1; i <= size; ++i) printf "%c", data[i] >file
        close(file)
        print file "\t" text >(name ".tsv")
      }
    }'
}

sounds train 120 7
sounds test 30 11
small=(--hidden 16 --cell gru --layers 1 --set conv_widths=16 --set conv_kernels=5 --set bands=20 --set dropout=0 --batch 16 --lr 0.01
  --seed 1 --set feature_masks=0 --set time_masks=0 --set schedule=constant)
expect 0 train transcribe train.tsv --valid 0.1 "${small[@]}" --set speeds=100 --steps 160 --out run
grep -q 'sounds are read at 8000 samples per second' err || fail "the sample rate is not said"
grep -q '8 bits per sample' err || fail "8 bits are not said"
expect 0 evaluate run test.tsv --json
check_json out
grep -q '"task":"transcribe","examples":30,' out || fail "task and examples"
below "$(number wer out)" 0.3
below "$(number cer out)" 0.15
above "$(number exact_match out)" 0.6
expect 0 evaluate run test.tsv --examples rows.csv --worst 3
grep -q '^edits' out || fail "evaluate: no table of edits"
[ "$(head -1 rows.csv)" = 'sound,seconds,tokens,loss,text,prediction,word_errors,words,character_errors,characters' ] || fail "evaluate: rows"
[ "$(wc -l <rows.csv)" = 31 ] || fail "evaluate: a row for each sound"
begins_from run loss test.tsv transcribe train.tsv

# Lists, sounds and folders give the same; so do other threads.
expect 0 predict run test.tsv
cp out rows
[ "$(head -1 rows)" = 'sound,prediction,confidence,score' ] && [ "$(wc -l <rows)" = 31 ] || fail "predict: rows"
expect 0 predict run test.tsv --threads 2
cmp out rows || fail "two threads predict otherwise"
expect 0 predict run test/0.wav test/1.wav
[ "$(cut -d, -f2- out)" = "$(head -3 rows | cut -d, -f2-)" ] || fail "sounds by name are predicted otherwise"
expect 0 predict run test
[ "$(wc -l <out)" = 31 ] || fail "predict: a folder"
expect 0 predict run test/0.wav --beam 8 --n-best 2 --word-times
grep -q '^sound,rank,prediction,confidence,score,words$' out && grep -q '""begin"":' out || fail "predict: words"

# A language model and a lexicon.
cut -f2 train.tsv >texts.txt
expect 0 evaluate run test.tsv --lm texts.txt --lm-weight 0.3 --json
below "$(number wer out)" 0.3
tr ' ' '\n' <texts.txt | sort -u >words.txt
expect 0 predict run test.tsv --lexicon words.txt
cut -d, -f2 out | tail -n +2 | tr ' ' '\n' | sed '/^$/d' | sort -u >said
[ -z "$(comm -23 said words.txt)" ] || fail "words that are not in the lexicon"

# Folders with a text beside each sound; what is missing is counted and named.
while IFS=$'\t' read -r path text; do echo "$text" >"${path%.wav}.txt"; done <train.tsv
echo lost >train/lost.txt
cp test/0.wav train/silent.wav
expect 0 train transcribe train "${small[@]}" --steps 5 --out folder
grep -q '1 sound has no text and is left out: .*train/silent.wav' err || fail "a sound without a text is not said"
grep -q '1 text has no sound and is left out: .*train/lost.txt' err || fail "a text without a sound is not said"
{ cat train.tsv; printf 'gone.wav\ta\n'; } >gone.tsv
expect 0 train transcribe gone.tsv "${small[@]}" --steps 2 --out gone
grep -q '1 file of the list is missing and is left out: gone.wav (.*gone.tsv:121)' err || fail "a missing file is not said"

# A run that was stopped goes on to the same bits, with all that is drawn.
same=("${small[@]}" --set dropout=0.2 --set time_masks=2 --set speeds=90,110)
expect 0 train transcribe train.tsv "${same[@]}" --steps 12 --out whole
expect 0 train transcribe train.tsv "${same[@]}" --steps 6 --out part
expect 0 resume part --steps 12
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"

expect 0 inspect run
grep -q '^sample rate  *8000$' out || fail "inspect: the sample rate"
grep -q '^as it arrives  *no: its layers are bidirectional; its features are normalised over a whole utterance$' out || fail "inspect: whether it hears what arrives"

# What is in the data.
expect 0 inspect gone.tsv
grep -q '^samples a second  *8000$' out && grep -q '^files  *120$' out || fail "inspect: sounds"
grep -q '^texts  *120, ' out || fail "inspect: texts"
grep -q '^warning  *1 file of the list is missing' out || fail "inspect: missing files"
expect 0 inspect train --json
check_json out
grep -q '"kind":"sounds"' out && grep -q '"warnings":\["1 sound has no text: ' out || fail "inspect: a folder of sounds"

# A sound while it arrives, in pieces; the words are those of the file. What was trained before does not, and reads all of it.
expect 0 train transcribe train.tsv "${small[@]}" --set speeds=100 --no-bidirectional --set output=transducer --set embedding=8 \
  --steps 400 --out forwards
grep -q 'normalised by the statistics of all training sounds' err || fail "how features are normalised is not said"
expect 0 evaluate forwards test.tsv --json
below "$(number cer out)" 0.15
expect 0 predict forwards test/3.wav
text=$(sed -n 2p out | cut -d, -f2)
expect 0 predict forwards - <test/3.wav
[ "$(head -1 out)" = 'word,begin,end,confidence' ] || fail "stream: columns"
[ "$(tail -n +2 out | cut -d, -f1 | paste -sd' ')" = "$text" ] || fail "stream: other words than of the file"
grep -q 'real-time factor 0\.' err || fail "stream: the real-time factor is not said"
tail -c +45 test/3.wav | od -An -v -tu1 -w1 | awk '{ v = ($1 - 128) * 256; if (v < 0) v += 65536; printf "%02x%02x", v % 256, int(v / 256) }' |
  sed 's/../\\x&/g' >hex
printf "$(cat hex)" >raw.pcm
expect 0 predict forwards - --rate 8000 <raw.pcm
[ "$(tail -n +2 out | cut -d, -f1 | paste -sd' ')" = "$text" ] || fail "stream: other words of raw sound"
{ head -c 2000 test/3.wav; sleep 0.2; tail -c +2001 test/3.wav; } | expect 0 predict forwards - --json
check_json out
expect 0 predict run - <test/3.wav
[ "$(head -1 out)" = 'sound,prediction,confidence,score' ] || fail "stream: a bidirectional model reads the whole"
expect_error 2 'its layers are bidirectional' predict run - --rate 8000 </dev/null
head -c $(($(wc -c <raw.pcm) - 1)) raw.pcm | expect 0 predict forwards - --rate 8000
grep -q 'ends within sample' err || fail "stream: nothing is said of half a sample"
[ "$(tail -n +2 out | cut -d, -f1 | paste -sd' ')" = "$text" ] || fail "stream: other words before half a sample"
expect_error 2 'rate: expected at least 1000' predict forwards - --rate 1 <raw.pcm
expect_error 2 'rate: files say their rate themselves' predict forwards test/3.wav --rate 8000

# A language model of ours.
expect 0 train lm texts.txt --tokens chars --hidden 16 --batch 4 --bptt 16 --steps 30 --out lm --quiet
expect 0 evaluate run test.tsv --lm lm --lm-weight 0.2 --beam 8 --json
below "$(number cer out)" 0.3
expect_error 1 'expected a model of the task lm, got one of transcribe' predict run test/0.wav --lm run

# Why it hears what it hears.
expect 0 explain run test/0.wav --top 3
grep -q "^test/0.wav: '.*', log-probability" out && grep -q 'band ' out || fail "explain"
expect 0 explain forwards test/0.wav --target 'ab c' --step 2 --out why.csv
[ "$(head -1 why.csv)" = 'id,step,channel,attribution' ] || fail "explain: rows"
echo hello >noise.wav
printf 'noise.wav\ta\n' >noise.tsv
expect_error 1 'noise.wav: expected a sound' train transcribe noise.tsv --out never
expect_error 2 'which of 3 columns' train transcribe <(sed 's/$/\tx/' test.tsv) --out never
expect_error 2 'n_best: expected at most the beam width (beam), 1, got 3' predict run test.tsv --n-best 3
[ ! -e never ] || fail "a failed training left a folder"
