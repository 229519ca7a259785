#!/usr/bin/env bash
# Makes the files of this folder with the program of version 0.1.0: RECUR=path/of/that/recur ./make_v0_1.sh
# Models small enough to keep, of each task, what that version said with them, and a run half-way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export RECUR_THREADS=1
[ "$("$RECUR" --version)" = "recur 0.1.0" ] || { echo "RECUR is not version 0.1.0" >&2; exit 1; }
mkdir -p data expected

# --- The data, all drawn from fixed seeds ---
awk 'BEGIN {
  srand(1)
  split("the cat sat on a mat and ran from dog", words, " ")
  for (i = 0; i < 60; ++i) {
    line = ""
    for (j = 0; j < 3 + int(rand() * 4); ++j) line = line (j ? " " : "") words[1 + int(rand() * 10)]
    print line
  }
}' >data/lm.txt
awk 'BEGIN {
  srand(2)
  split("the film was a very long one", words, " ")
  for (i = 0; i < 40; ++i) {
    good = rand() < 0.5
    line = good ? "wonderful" : "dreadful"
    for (j = 0; j < 1 + int(rand() * 4); ++j) line = words[1 + int(rand() * 7)] " " line " " words[1 + int(rand() * 7)]
    print (good ? "pos" : "neg") "\t" line
  }
}' >data/classify_text.tsv
awk 'BEGIN {
  srand(3)
  print "id,t,x,y,label"
  for (i = 0; i < 16; ++i) {
    fast = i % 2
    for (t = 0; t < 6 + int(rand() * 6); ++t)
      printf "s%d,%d,%s,%.3f,%s\n", i, t, rand() < 0.1 ? "" : sprintf("%.3f", sin(t * (fast ? 2 : 0.5))), rand(), \
        fast ? "fast" : "slow"
  }
}' >data/classify_series.csv
awk 'BEGIN {
  srand(4)
  split("we saw him and", words, " ")
  for (i = 0; i < 30; ++i) {
    for (j = 0; j < 1 + int(rand() * 4); ++j) {
      if (rand() < 0.4) {
        print "mr B-PER"
        if (rand() < 0.5) print "smith I-PER"
      } else {
        print words[1 + int(rand() * 4)] " O"
      }
    }
    print ""
  }
}' >data/tag.conll
awk 'BEGIN {
  srand(5)
  print "t,x,y,label"
  for (t = 0; t < 160; ++t) {
    odd = t % 40 >= 34
    printf "%d,%.3f,%s,%d\n", t, odd ? 3 * rand() - 1.5 : sin(t * 0.4), t % 17 == 3 ? "" : sprintf("%.3f", cos(t * 0.4)), odd
  }
}' >data/detect.csv
awk 'BEGIN {
  srand(6)
  print "id,t,y"
  for (i = 0; i < 3; ++i)
    for (t = 0; t < 30; ++t) printf "s%d,%d,%.3f\n", i, t, (i + 1) * (3 + sin(t * 0.785 + i) + 0.1 * rand())
}' >data/forecast.csv
awk 'BEGIN {
  srand(7)
  print "id,time,pulse,lab,ill,tested"
  for (i = 0; i < 24; ++i) {
    ill = i % 3 == 0
    tested = i % 2
    for (t = 0; t < 3 + int(rand() * 4); ++t)
      printf "p%d,%d,%.1f,%s,%d,%d\n", i, t, 70 + 5 * rand() + (ill ? 6 * t : 0), \
        tested && rand() < 0.6 ? sprintf("%.2f", rand()) : "", ill, tested
  }
}' >data/diagnose.csv

# --- Models, and what is said with them ---
# model NAME TASK DATA OPTION...
model() {
  local name=$1 task=$2 data=data/$3
  shift 3
  rm -rf run
  "$RECUR" train "$task" "$data" --out run --quiet --hidden 4 --seed 1 "$@"
  mv run/model.recur "$name.recur"
  "$RECUR" evaluate "$name.recur" "$data" --json >"expected/$name.json"
  "$RECUR" predict "$name.recur" "$data" --out "expected/$name.csv"
}
model lm lm lm.txt --valid 0.2 --batch 4 --bptt 10 --epochs 20 --lr 0.03
"$RECUR" generate lm.recur --prompt "the " --length 40 --temperature 0 >expected/lm.txt
model classify_text classify classify_text.tsv --valid 0.2 --batch 8 --embedding 4 --set min_count=1 --epochs 30 --lr 0.03
model classify_series classify classify_series.csv --valid 0.25 --batch 8 --conv 4 --stride 2 --epochs 60
model tag tag tag.conll --valid 0.2 --batch 8 --embedding 4 --set char_embedding=4 --set char_hidden=4 --epochs 30 --lr 0.03
model detect detect detect.csv --valid 0.25 --batch 8 --set window=20 --epochs 100
model forecast forecast forecast.csv --valid 0.15 --batch 8 --horizon 4 --set season=8 --epochs 2
model diagnose diagnose diagnose.csv --valid 0.25 --batch 8 --set label_columns=ill,tested --epochs 60 --lr 0.03

# --- A run half-way, and what the same version said after going on ---
rm -rf run
"$RECUR" train lm data/lm.txt --out run --valid 0.2 --hidden 4 --batch 4 --bptt 10 --set dropout=0.2 --seed 3 --quiet \
  --steps 40
mkdir -p half_way
cp run/config.toml run/last.ckpt run/model.recur half_way/
sed -i 's|^data = .*|data = ["lm.txt"]|' half_way/config.toml # not where it was made
"$RECUR" resume run --steps 80 --quiet
"$RECUR" evaluate run data/lm.txt --json >expected/resumed.json
rm -rf run
