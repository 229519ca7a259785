#!/usr/bin/env bash
# Recognises gestures: a table with a row a frame, streams with events, and folders of pictures.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# gestures COUNT SEED: the way of a hand, a circle, a line or a zigzag, with noise.
gestures() {
  LC_ALL=C awk -v count="$1" -v seed="$2" '
    function uniform() { seed = seed * 16807 % 2147483647; return seed / 2147483647 }
    BEGIN {
      print "clip,t,x,y,label"
      for (k = 0; k < count; ++k) {
        kind = k % 3; size = 0.5 + uniform(); turn = 0.4 * uniform(); steps = 12 + int(8 * uniform())
        for (t = 0; t < steps; ++t) {
          s = t / (steps - 1)
          if (kind == 0) { x = cos(6.28 * s + turn); y = sin(6.28 * s + turn); name = "circle" }
          if (kind == 1) { x = 2 * s - 1; y = turn * s; name = "line" }
          if (kind == 2) { x = 2 * s - 1; y = (t % 4 < 2 ? 1 : -1) * 0.5; name = "zigzag" }
          printf "g%d,%d,%.3f,%.3f,%s\n", k, t, size * x + 0.1 * uniform(), size * y + 0.1 * uniform(), name
        }
      }
    }'
}

gestures 36 7 >train.csv
gestures 18 11 >test.csv
small=(--network rnn --hidden 12 --set bidirectional=false --batch 8 --lr 0.01 --set schedule=constant --seed 1)
expect 0 train recognize train.csv --valid 0.2 "${small[@]}" --steps 100 --out run
grep -q '36 clips of 12 to 19 frames, a frame: 2 channels; labels of clips: circle, line, zigzag' err out || fail "train: what the data were taken for"
expect 0 evaluate run test.csv --json --examples rows.csv
check_json out
grep -q '"task":"recognize","examples":18,' out || fail "task and examples"
above "$(number accuracy out)" 0.8
[ "$(head -1 rows.csv)" = 'id,label,loss,prediction' ] || fail "evaluate: columns"
[ "$(wc -l <rows.csv)" = 19 ] || fail "evaluate: a row for each clip"
begins_from run loss test.csv recognize train.csv
expect 0 predict run test.csv --out predicted.csv
[ "$(head -1 predicted.csv)" = 'id,label,probability,p.circle,p.line,p.zigzag' ] || fail "predict: columns"

# A row a frame, and after the last one what the whole clip gets.
grep -E '^(clip|g0),' test.csv >one.csv
expect 0 predict run - <one.csv
[ "$(head -1 out)" = 'id,frame,label,probability,p.circle,p.line,p.zigzag' ] || fail "stream: columns"
[ "$(wc -l <out)" = "$(wc -l <one.csv)" ] || fail "stream: a row for each frame"
[ "$(tail -1 out | cut -d, -f3)" = "$(grep '^g0,' predicted.csv | cut -d, -f2)" ] || fail "stream: another label than the clip's"
# A stream of more clips than states are kept of: the oldest are forgotten, with a word, and not the one that goes on.
{ echo clip,x,y; awk 'BEGIN { for (i = 0; i < 4200; ++i) { print "c" i ",1,2"; if (i % 100 == 0) print "stays,1,2" } }'; } >many.csv
expect 0 predict run - <many.csv
grep -q 'standard input:.*: more than 4096 clips' err && [ "$(grep -c warning err)" = 1 ] || fail "stream: many clips"
grep '^stays,' out | tail -1 | grep -q '^stays,42,' || fail "stream: a clip that goes on was forgotten"
expect 0 predict run - </dev/null
[ ! -s out ] && grep -q 'warning: standard input: no frame has arrived' err || fail "stream: nothing arrived without a word"
expect_error 2 'rows, rate: options of labels of frames, got labels of clips' predict run test.csv --rows frames --rate 5
mkfifo pipe
printf 'path,label\npipe,a\n' >pipes.csv
expect_error 1 'a pipe or a device' train recognize pipes.csv --out never
expect 0 explain run test.csv --id g0 --json
check_json out

# A run that was stopped goes on to the same bits.
expect 0 train recognize train.csv "${small[@]}" --steps 8 --out whole
expect 0 train recognize train.csv "${small[@]}" --steps 4 --out part
expect 0 resume part --steps 8
cmp whole/model.recur part/model.recur || fail "the resumed run came to another model"

# Frames with labels are events in a stream.
LC_ALL=C awk 'BEGIN { print "id,t,x,label"
  for (r = 0; r < 6; ++r) for (t = 0; t < 60; ++t) {
    on = (t + 7 * r) % 20 >= 10; printf "r%d,%d,%.2f,%s\n", r, t, on + (t * 7 % 5) / 20, on ? "wave" : "none" } }' >stream.csv
expect 0 train recognize stream.csv --valid 0.3 "${small[@]}" --window 30 --steps 100 --out spot
grep -q "frames labelled 'none' are no event" err || fail "spot: the background"
expect 0 evaluate spot stream.csv --json --rate 10
check_json out
above "$(number event_f1 out)" 0.7
number false_alarms_per_minute out >/dev/null || fail "spot: false alarms"
expect 0 predict spot stream.csv
[ "$(head -1 out)" = 'id,start,end,label,probability' ] || fail "spot: columns"
grep -q ',wave,' out || fail "spot: no event"

# What is in folders of frames, and what cannot be read.
for clip in wave/a wave/b clap/c; do
  mkdir -p "frames/$clip"
  for t in 1 2 4; do printf 'P2 6 4 255 %s\n' "$(seq -s ' ' $((t * 9)) $((t * 9 + 23)))" >"frames/$clip/$t.pgm"; done
done
head -c 20 frames/wave/b/2.pgm >torn && mv torn frames/wave/b/2.pgm
expect 0 inspect frames
grep -qE '^clips +2 in ' out || fail "inspect: clips"
grep -qE '^a frame +pictures of 4 x 6 in grey$' out || fail "inspect: frames"
grep -qE '^classes +2: clap 1  wave 1$' out || fail "inspect: classes"
grep -q '1 frame is missing by the numbers, first between 2 and 4' out || fail "inspect: missing frames"
grep -q 'b/2.pgm' out || fail "inspect: what cannot be read"
expect 0 inspect frames --json
check_json out
grep -q '"kind":"clips"' out && [ "$(number clips out)" = 2 ] || fail "inspect: json"
mkdir -p arrays/up arrays/down
npy '<f4' '(5, 2)' 40 >arrays/up/a.npy
npy '<f4' '(7, 2)' 56 >arrays/down/b.npy
expect 0 inspect arrays
grep -qE '^clips +2 in ' out && grep -qE '^frames +12, 5 to 7 a clip$' out || fail "inspect: an array a clip"
mkdir same && cp -r frames/wave/a frames/clap/c same
mv same/a/4.pgm same/a/3.pgm && mv same/c/4.pgm same/c/3.pgm
expect 0 inspect same
grep -q -- '--input frames reads each folder as a clip' out || fail "inspect: numbered pictures"
expect 0 inspect same --input frames
grep -qE '^clips +2 in ' out || fail "inspect: folders of numbered pictures"
expect 0 inspect run
grep -qE '^labels +circle, line, zigzag$' out || fail "inspect: labels"

mkdir none && echo hello >none/a.md
expect_error 1 'no clips: neither pictures' train recognize none --out never
printf '\0\0\0\030ftypisom' >a.mp4
printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$RECUR" >pathless && chmod +x pathless
RECUR=$PWD/pathless expect_error 1 'a.mp4: an MP4 or QuickTime video, which the program ffmpeg decodes' train recognize a.mp4 --out never
expect_error 2 'one picture' train recognize frames/clap/c/1.pgm --out never
[ ! -e never ] || fail "a failed training left a folder"

# Videos by ffmpeg itself, which is optional: the sides of a square that moves left or right. tests/data/images/video_test.cc needs none.
if command -v ffmpeg >/dev/null; then
  mkdir -p videos/left videos/right
  for k in 1 2 3 4; do
    for way in left right; do
      sign=$([ $way = left ] && echo -1 || echo 1)
      ffmpeg -nostdin -v error -f lavfi -i "color=black:s=48x32:r=25:d=0.6,format=gray,geq=lum='if(between(X-24-$sign*(N-7)*2,-$((k + 2)),$((k + 2))),255,16)'" \
        -c:v mjpeg -q:v 2 -pix_fmt yuvj420p videos/$way/$k.avi
    done
  done
  expect 0 inspect videos
  grep -qE '^clips +8 in ' out && grep -qE '^frames +120, 15 a clip$' out || fail "inspect: videos"
  expect 0 train recognize videos --network rnn --hidden 8 --set frame_rate=12.5 --set frame_height=16 --set frame_width=24 --motion --frame-widths 4,8 --steps 60 --lr 0.01 --out video
  expect 0 evaluate video videos --json
  above "$(number accuracy out)" 0.9
  expect 0 predict video videos/left/1.avi
  grep -qE '^1.avi,left,' out || fail "predict: a video"
  head -c 3000 videos/left/1.avi >torn.avi
  expect_error 1 'torn.avi' predict video torn.avi
else
  echo "no ffmpeg: its own decoding of videos is not tested" >&2
fi

# Labels of frames that change only behind what columns are guessed from have to be declared.
awk 'BEGIN { print "id,time,x,label"; for (s = 0; s < 2; ++s) for (t = 0; t < 1100; ++t) print "s" s "," t "," t % 7 "," (t < 1050 ? "walk" : "run") }' >late.csv
expect_error 1 "the task recognize reads them with labels = frames" train recognize late.csv --out late --steps 1 --quiet
expect 0 train recognize late.csv --labels frames --label-column label --hidden 4 --out late --steps 1 --quiet
expect 0 evaluate late late.csv --quiet
grep -q '^event f1' out || fail "labels of frames that are declared are not read"
